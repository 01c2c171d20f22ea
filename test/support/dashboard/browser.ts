import { existsSync } from 'node:fs';
import { noteTime } from '@app/sandbox';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Page } from 'playwright-core';

/** Debian's Chromium, and what others call theirs. Nothing is ever downloaded. */
const PROGRAMS = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Playwright waits this long for what a test expects to see. Work on real servers takes its time on a busy machine. */
const PATIENCE_MS = 45_000;

/** A page of the service that does nothing. */
const BLANK = '/favicon.svg';
/** All but cookies, which have a call of their own, and files that may be cached. */
const CLEARED = 'file_systems,indexeddb,local_storage,websql,service_workers,cache_storage';

export interface ViewOptions {
  width?: number;
  height?: number;
  scheme?: 'light' | 'dark';
  locale?: string;
  /** Default: `reduce`, so that nothing is seen half-way. */
  motion?: 'reduce' | 'no-preference';
  /** What the browser answers when it is asked who is there. */
  credentials?: { username: string; password: string };
  /** What the page takes for the present; default: what it is. */
  now?: Date;
}

/** A page of the dashboard, and what it complained about. */
export interface View {
  readonly page: Page;
  /** Console errors, uncaught exceptions, requests that failed or left this host, since the start or the last call. */
  complaints(): string[];
  /**
   * From here on answers with these statuses are what the test wants: 422 for a wrong password, say. The browser itself
   * writes a console error for each.
   */
  expectStatuses(...statuses: number[]): void;
  /** From here on the service may be away. */
  expectOutage(): void;
  /** Changes what the system prefers, and waits until the dashboard shows itself in that theme. */
  prefer(scheme: 'light' | 'dark'): Promise<void>;
  /** Leaves the page and forgets what it has stored. A later view may use its window. */
  readonly close: () => Promise<void>;
}

/** One browser for a test file. */
export class TestBrowser implements AsyncDisposable {
  private readonly idle: BrowserWindow[] = [];

  private constructor(private readonly browser: Browser) {}

  static async launch(): Promise<TestBrowser> {
    const executablePath = PROGRAMS.find((path) => path !== undefined && existsSync(path));
    if (executablePath === undefined)
      throw new Error('Chromium is missing: run the tests with npm test, which installs it');
    const since = performance.now();
    const browser = await chromium.launch({
      executablePath,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-dev-shm-usage'],
    });
    noteTime('Chromium', since);
    return new TestBrowser(browser);
  }

  /** Opens `url` as somebody does who was never there. */
  async open(url: string, options: ViewOptions = {}): Promise<View> {
    const {
      width = 1280,
      height = 900,
      scheme = 'light',
      locale = 'en-GB',
      motion = 'reduce',
      credentials,
      now,
    } = options;
    const origin = new URL(url).origin;
    const profile = {
      locale,
      timezoneId: 'UTC',
      baseURL: origin,
      ...(credentials === undefined ? {} : { httpCredentials: credentials }),
    };
    const window = await this.window(profile, now);
    const { page } = window;
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: motion });
    const view = new WatchedView(page, origin, () => this.leave(window, origin));
    await page.goto(url);
    return view;
  }

  /** Returns a cleared window of the same profile where there is one, as a new one costs several new processes. */
  private async window(profile: BrowserContextOptions, now: Date | undefined): Promise<BrowserWindow> {
    const key = now === undefined ? JSON.stringify(profile) : undefined;
    const at = this.idle.findIndex((idle) => idle.key === key);
    const [idle] = key === undefined || at === -1 ? [] : this.idle.splice(at, 1);
    if (idle !== undefined) return idle;
    const context = await this.browser.newContext(profile);
    context.setDefaultTimeout(PATIENCE_MS);
    if (now !== undefined) await context.clock.setFixedTime(now);
    const page = await context.newPage();
    return { key, context, page, session: await context.newCDPSession(page) };
  }

  /** Keeps the window for a later view if it could be cleared, which takes the service and a clock that runs. */
  private async leave(window: BrowserWindow, origin: string): Promise<void> {
    const isCleared = window.key !== undefined && (await clear(window, origin));
    if (isCleared) this.idle.push(window);
    else await window.context.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

/** A page with a profile of its own. */
interface BrowserWindow {
  /** The profile, as a later view must want it; undefined: no later view may use the window. */
  readonly key: string | undefined;
  readonly context: BrowserContext;
  readonly page: Page;
  /** Speaks with the debugger of the page. */
  readonly session: CDPSession;
}

/**
 * Makes the window what it was when it was new, but for files in the cache, and returns whether that succeeded. The window stays at
 * the origin, as the next page would need a new process otherwise.
 */
async function clear({ context, page, session }: BrowserWindow, origin: string): Promise<boolean> {
  try {
    await page.removeAllListeners(undefined, { behavior: 'ignoreErrors' });
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.goto(`${origin}${BLANK}`);
    await page.evaluate('sessionStorage.clear()');
    for (const other of context.pages()) if (other !== page) await other.close();
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: CLEARED });
    await session.send('Page.resetNavigationHistory');
    await context.clearCookies();
    await context.clearPermissions();
    // Nothing of the next page lies under the mouse.
    await page.mouse.move(-1, -1);
    return true;
  } catch {
    return false;
  }
}

class WatchedView implements View {
  private found: string[] = [];
  private statuses: number[] = [];
  private outage = false;

  constructor(
    readonly page: Page,
    origin: string,
    readonly close: () => Promise<void>,
  ) {
    page.on('pageerror', (error) => this.found.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      const text = `${message.text()} (${message.location().url})`;
      if (message.type() === 'error' && !this.isExpected(text)) this.found.push(`console: ${text}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob|about):/.test(url)) this.found.push(`left this host: ${url}`);
    });
    page.on('requestfailed', (request) => {
      const reason = request.failure()?.errorText ?? '';
      // The page itself gave it up, as when it is left or an event brought the answer sooner.
      if (reason !== 'net::ERR_ABORTED' && !this.outage) this.found.push(`failed: ${request.url()} ${reason}`);
    });
    page.on('response', (response) => {
      const status = response.status();
      if (status >= 400 && !this.statuses.includes(status) && !this.outage) {
        this.found.push(`answered ${status}: ${response.request().method()} ${response.url()}`);
      }
    });
  }

  complaints(): string[] {
    const found = this.found;
    this.found = [];
    return found;
  }

  expectStatuses(...statuses: number[]): void {
    this.statuses = statuses;
  }

  expectOutage(): void {
    this.outage = true;
  }

  async prefer(scheme: 'light' | 'dark'): Promise<void> {
    await this.page.emulateMedia({ colorScheme: scheme });
    await this.page.locator(`html[data-mantine-color-scheme="${scheme}"]`).waitFor({ state: 'attached' });
    // Every transition is over, which takes a moment even where motion is reduced.
    await this.page.evaluate('new Promise((shown) => requestAnimationFrame(() => requestAnimationFrame(shown)))');
  }

  private isExpected(text: string): boolean {
    if (this.outage && /Failed to load resource|ERR_/.test(text)) return true;
    const status = /status of (\d{3})/.exec(text)?.[1];
    return status !== undefined && this.statuses.includes(Number(status));
  }
}
