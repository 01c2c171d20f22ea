import type { Page } from 'playwright-core';
import { faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { moveToItem } from '../support/dashboard/menu.js';
import { DAMAGED, RestoreStage, slowWhereCopied } from '../support/dashboard/restore-stage.js';

describe('the accessibility of the restore dialog', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL']);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  const dialogOf = (page: Page) => page.getByRole('dialog');

  it('can be used with the keyboard alone, and gives the focus back', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'keys');
    await stage.damage();
    const { page } = await fixture.open('/backups');
    await stage.opener(page).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Restore…' }).waitFor();
    await moveToItem(page, 'Restore…', 'ArrowDown');
    await page.keyboard.press('Enter');
    const dialog = dialogOf(page);
    await dialog.getByText('Loaded into a staging database').waitFor();
    await tabTo(page, 'Continue');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Type keys to confirm').waitFor();
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await dialog.getByText('keys is restored').waitFor();
    await tabTo(page, 'Undo');
    await page.keyboard.press('Enter');
    await dialog.getByLabel('Type keys to confirm').waitFor();
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await dialog.getByText('keys is as before').waitFor();
    await tabTo(page, 'Done');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(await stage.state()).toEqual(DAMAGED);
    await stage.opener(page).and(page.locator(':focus')).waitFor();
  });

  it('is accessible in every step, in both themes', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'steps', slowWhereCopied(3));
    const view = await fixture.open('/backups');
    const { page } = view;
    const expectNoFaults = async (step: string): Promise<void> => {
      const faults = await faultsInBothThemes(view);
      if (faults.length > 0) throw new Error(`${step}, ${faults.join('\n')}`);
    };
    await stage.open(page);
    const dialog = dialogOf(page);
    await dialog.getByRole('button', { name: 'More options' }).click();
    await dialog.getByLabel('Another database').check();
    await dialog.getByLabel('Only some tables').check();
    await expectNoFaults('choices');
    await dialog.getByLabel('Everything').check();
    await dialog.getByLabel('steps', { exact: true }).check();
    await dialog.getByText('Loaded into a staging database').waitFor();
    await expectNoFaults('plan');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByLabel('Type steps to confirm').fill('steps');
    await expectNoFaults('confirmation');
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.getByRole('status').getByText('Load').waitFor();
    await expectNoFaults('progress');
    await dialog.getByText('steps is restored').waitFor();
    await dialog.getByRole('button', { name: 'Undo', exact: true }).waitFor();
    await expectNoFaults('end');
    await dialog.getByRole('button', { name: 'Undo', exact: true }).click();
    await dialog.getByLabel('Type steps to confirm').fill('steps');
    await expectNoFaults('undo');
  });

  it('fits a telephone in every step', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'small');
    const { page } = await fixture.open('/backups', { width: 360, height: 740 });
    await stage.open(page);
    const dialog = dialogOf(page);
    await dialog.getByRole('button', { name: 'More options' }).click();
    await dialog.getByText('Loaded into a staging database').waitFor();
    expect(await sidewaysOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog.getByLabel('Type small to confirm').fill('small');
    expect(await sidewaysOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Restore', exact: true }).click();
    await dialog.getByText('small is restored').waitFor();
    expect(await sidewaysOf(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Done' }).click();
  });
});

/** Presses Tab until a control of the dialog with this name has the focus, which must never leave the dialog. */
async function tabTo(page: Page, name: string): Promise<void> {
  const seen: string[] = [];
  for (let presses = 0; presses < 30; presses += 1) {
    const focused = page.getByRole('dialog').locator(':focus');
    if ((await focused.count()) === 0) throw new Error(`The focus left the dialog after ${seen.join(' → ')}`);
    const now = (await focused.getAttribute('aria-label')) ?? (await focused.textContent()) ?? '';
    if (now === name) return;
    seen.push(now);
    await page.keyboard.press('Tab');
  }
  throw new Error(`${name} cannot be reached: ${seen.join(' → ')}`);
}

/** What is wider than the screen. */
function sidewaysOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[document.documentElement, ...document.querySelectorAll('[role=dialog], [role=dialog] *')]
      .filter((element) => element.getBoundingClientRect().right > window.innerWidth + 1)
      .map((element) => element.outerHTML.slice(0, 160))`,
  );
}
