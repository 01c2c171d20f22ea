import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';
import type { View } from './browser.js';

const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const STANDARDS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What axe-core finds wrong with the page as it is now: serious and critical, each with the first places. */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  // Through the debugger, which the content security policy of the page does not bind.
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(AXE);
  const results = await page.evaluate<AxeResults, string[]>(
    (values) =>
      (globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } }).axe.run({
        runOnly: { type: 'tag', values },
        resultTypes: ['violations'],
      }),
    STANDARDS,
  );
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, help, nodes }) => {
      const places = nodes.slice(0, 4).map(({ html, failureSummary }) => `  ${html}\n    ${failureSummary ?? ''}`);
      return `${id}: ${help}\n${places.join('\n')}`;
    });
}

/** The same in either theme, of the page as it is now: only colours differ between them. */
export async function faultsInBothThemes(view: View): Promise<string[]> {
  const found: string[] = [];
  for (const scheme of ['light', 'dark'] as const) {
    await view.prefer(scheme);
    found.push(...(await accessibilityFaults(view.page)).map((fault) => `in the ${scheme} theme: ${fault}`));
  }
  return found;
}
