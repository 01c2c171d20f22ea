import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { TestBrowser } from '../support/dashboard/browser.js';
import type { Picture } from './pictures.js';

export interface View {
  /** CSS pixels. */
  width: number;
  scheme: 'light' | 'dark';
}

export const VIEWS: readonly View[] = [
  { width: 1440, scheme: 'light' },
  { width: 1440, scheme: 'dark' },
  { width: 390, scheme: 'light' },
  { width: 390, scheme: 'dark' },
];

export interface Shot extends View {
  picture: Picture;
  file: string;
  /** Default: the whole page, however long it is. */
  height?: number;
}

/** Takes pictures of a running dashboard. Fails when a page complains. */
export class Camera implements AsyncDisposable {
  private readonly browser: TestBrowser;
  private readonly url: string;
  private readonly now: () => Date;

  private constructor(browser: TestBrowser, url: string, now: () => Date) {
    this.browser = browser;
    this.url = url;
    this.now = now;
  }

  static async open(url: string, now: () => Date): Promise<Camera> {
    return new Camera(await TestBrowser.launch(), url, now);
  }

  async take({ picture, width, scheme, file, height }: Shot): Promise<void> {
    const view = await this.browser.open(this.url + picture.path, {
      ...{ width, height: height ?? (width < 800 ? 844 : 900), scheme, now: this.now() },
    });
    await shown(view.page);
    if (picture.act !== undefined) {
      await picture.act(view.page);
      await shown(view.page);
    }
    const fullPage = height === undefined && picture.act === undefined;
    await view.page.screenshot({ path: file, fullPage, animations: 'disabled', caret: 'hide' });
    const complaints = view.complaints();
    await view.close();
    if (complaints.length > 0) throw new Error(`${picture.path} complained:\n${complaints.join('\n')}`);
  }

  /** Every picture in every view, in a folder. Resolves to what went wrong: one that fails spares the others. */
  async takeAll(pictures: readonly Picture[], folder: string): Promise<string[]> {
    const failures: string[] = [];
    await mkdir(folder, { recursive: true });
    for (const picture of pictures) {
      for (const view of VIEWS) {
        const file = join(folder, `${picture.name}-${view.width}-${view.scheme}.png`);
        await this.take({ picture, ...view, file }).catch((error: Error) => failures.push(`${file}: ${error.message}`));
      }
    }
    return failures;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
  }
}

/** All that was asked for is shown. */
async function shown(page: Page): Promise<void> {
  await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
  await page.evaluate('document.fonts.ready.then(() => undefined)');
}
