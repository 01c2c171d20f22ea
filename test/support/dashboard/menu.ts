import type { Page } from 'playwright-core';

const TRIES = 10;

/**
 * Presses an arrow until an item of the open menu has the focus, as a person does: the menu gives the focus to itself or
 * to its first item, whichever is there first.
 */
export async function moveToItem(page: Page, name: string, key: 'ArrowDown' | 'ArrowUp'): Promise<void> {
  const item = page.getByRole('menuitem', { name }).and(page.locator(':focus'));
  const reached = (): Promise<boolean> =>
    item.waitFor({ timeout: 500 }).then(
      () => true,
      () => false,
    );
  for (let tries = 0; tries < TRIES && !(await reached()); tries += 1) await page.keyboard.press(key);
  await item.waitFor();
}
