import { existsSync } from 'node:fs';
import { noteTime } from '@app/sandbox';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';

/** Debian's Chromium, and what others call theirs. Nothing is ever downloaded. */
const PROGRAMS = [process.env['CHROMIUM'], '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Playwright waits this long for what a test expects to see. Work on real servers takes its time on a busy machine. */
const PATIENCE_MS = 45_000;

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
  readonly context: BrowserContext;
  /** Console errors, uncaught exceptions, requests that failed or left this host, since the start or the last call. */
  complaints(): string[];
  /**
   * From here on answers with these statuses are what the test wants: 422 for a wrong password, say. The browser itself
   * writes a console error for each.
   */
  expectStatuses(...statuses: number[]): void;
  /** From here on the service may be away. */
  expectOutage(): void;
}

/** One browser for a test file. */
export class TestBrowser implements AsyncDisposable {
  private readonly browser: Browser;

  private constructor(browser: Browser) {
    this.browser = browser;
  }

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

  /** A new profile, at `url`. */
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
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: scheme,
      locale,
      reducedMotion: motion,
      timezoneId: 'UTC',
      baseURL: new URL(url).origin,
      ...(credentials === undefined ? {} : { httpCredentials: credentials }),
    });
    context.setDefaultTimeout(PATIENCE_MS);
    if (now !== undefined) await context.clock.setFixedTime(now);
    const page = await context.newPage();
    const view = new WatchedView(page, context, new URL(url).origin);
    await page.goto(url);
    return view;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

class WatchedView implements View {
  readonly page: Page;
  readonly context: BrowserContext;
  private found: string[] = [];
  private statuses: number[] = [];
  private outage = false;

  constructor(page: Page, context: BrowserContext, origin: string) {
    this.page = page;
    this.context = context;
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

  private isExpected(text: string): boolean {
    if (this.outage && /Failed to load resource|ERR_/.test(text)) return true;
    const status = /status of (\d{3})/.exec(text)?.[1];
    return status !== undefined && this.statuses.includes(Number(status));
  }
}
