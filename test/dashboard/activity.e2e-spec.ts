import type { Locator, Page } from 'playwright-core';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { sidewaysScroll } from '../support/dashboard/sideways-scroll.js';
import { runSql } from '../support/run-sql.js';
import { StallingProxy } from '../support/stalling-proxy.js';

/** More than the tool moves before the rows, and far less than the 16 MB of the table. */
const PASSES_BYTES = 4 * 1024 * 1024;
/** For what the page is to show. */
const PATIENCE_MS = 30_000;

interface Job {
  id: string;
  state: string;
  error: { message: string; hint: string } | null;
  result: { backup: { id: string; filename: string } } | null;
}

describe('the activity', () => {
  let fixture: DashboardFixture;
  let proxy: StallingProxy;
  /** Its database is large, and behind the proxy. */
  let large: string;
  /** As a user who may not read everything. */
  let barred: string;
  let small: string;

  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL']);
    const server = fixture.server('PostgreSQL');
    await runSql(server.connection('postgres'), ['CREATE DATABASE large', 'CREATE DATABASE small']);
    await runSql(server.connection('large'), [
      'CREATE TABLE big (i int, body text)',
      'INSERT INTO big SELECT i, repeat(md5(i::text), 32) FROM generate_series(1, 16000) i',
      'ANALYZE',
    ]);
    await runSql(server.connection('small'), [
      'CREATE TABLE notes (i int)',
      "CREATE ROLE barred LOGIN PASSWORD 'barred'",
    ]);
    proxy = await StallingProxy.start(server);
  });
  afterAll(async () => {
    await proxy.close();
    await fixture.close();
  });
  afterEach(async () => {
    proxy.release();
    await fixture.endTest();
    await until(async () => (await jobs('state=running,queued')).length === 0);
  });

  const connect = async (change: object): Promise<string> => {
    // Two logins to one database are known here.
    const login = { ...fixture.login('PostgreSQL', 'small'), replace: false, ...change };
    const { connection } = await fixture.call<{ connection: { id: string } }>('POST', '/api/connections', login);
    return connection.id;
  };
  const jobs = async (query: string): Promise<Job[]> =>
    (await fixture.call<{ jobs: Job[] }>('GET', `/api/jobs?${query}`)).jobs;
  const job = async (id: string): Promise<Job> => (await fixture.call<{ job: Job }>('GET', `/api/jobs/${id}`)).job;
  /** As another client would, which does not wait. */
  const begin = async (path: string, body: object): Promise<string> => {
    const answer = await fetch(fixture.service.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: JSON.stringify(body),
    });
    return ((await answer.json()) as { job: Job }).job.id;
  };
  const current = (page: Page): Locator => page.getByRole('list', { name: 'Running and waiting' });
  const history = (page: Page): Locator => page.getByRole('table', { name: 'History' }).getByRole('row');

  it('says what to do first while nothing was done', async () => {
    const { page } = await fixture.open('/activity');
    await page.getByText('Nothing runs now.').waitFor();
    await page.getByText('Nothing was done yet').waitFor();
    await page.getByRole('tab', { name: 'Who did what' }).click();
    await page.getByText('Nobody changed anything yet').waitFor();
  });

  it('shows a job of somebody else as it begins, gets on and ends', async () => {
    large = await connect({ database: 'large', port: proxy.port });
    const { page } = await fixture.open('/activity');
    await page.getByText('Nothing runs now.').waitFor();
    proxy.hold(PASSES_BYTES);
    await begin('/api/backup', { connection_id: large });
    const item = current(page).getByRole('listitem').filter({ hasText: 'Backup of large' });
    await item.getByText('Dump', { exact: true }).waitFor();
    await item.getByText(/^\d+ % · [\d.]+ MB of about [\d.]+ MB/).waitFor();
    const bar = item.getByRole('progressbar');
    const before = Number(await bar.getAttribute('aria-valuenow'));
    expect(before).toBeGreaterThan(0);
    proxy.allow(PASSES_BYTES);
    await item.getByText(/ MB · .*B\/s · .* left$/).waitFor();
    await until(async () => Number(await bar.getAttribute('aria-valuenow')) > before);
    proxy.release();
    const row = history(page).filter({ hasText: 'Backup of large' });
    await row.getByText('Succeeded').waitFor();
    await row.getByText(/^A backup of \d/).waitFor();
    await page.getByText('Nothing runs now.').waitFor();
    const { backups } = await fixture.call<{ backups: { id: string; filename: string }[] }>('GET', '/api/backups');
    const link = row.getByRole('link', { name: backups[0]?.filename ?? 'none' });
    expect(await link.getAttribute('href')).toBe(`/backups/${backups[0]?.id}`);
  });

  it('stops a job from the page, which the API then calls cancelled', async () => {
    proxy.hold(PASSES_BYTES);
    const id = await begin('/api/backup', { connection_id: large });
    const { page } = await fixture.open('/activity');
    await current(page).getByRole('link', { name: 'Details and log' }).click();
    await page.getByRole('heading', { level: 1, name: 'Backup of large' }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/activity/${id}`);
    await page
      .getByRole('log')
      .getByText(/^pg_dump [\d.]+ reads "large" of PostgreSQL/)
      .waitFor();
    // By the keyboard.
    await page.getByRole('button', { name: 'Cancel: Backup of large' }).last().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('status').filter({ hasText: 'Cancelled' }).waitFor();
    expect((await job(id)).state).toBe('cancelled');
    await page.getByRole('link', { name: 'All activity' }).click();
    await history(page).filter({ hasText: 'Backup of large' }).getByText('Cancelled', { exact: true }).waitFor();
  });

  it('asks for the log again and again while the job runs, though nothing else happens', async () => {
    proxy.hold(PASSES_BYTES);
    const id = await begin('/api/backup', { connection_id: large });
    const { page } = await fixture.open(`/activity/${id}`);
    await page
      .getByRole('log')
      .getByText(/reads "large"/)
      .waitFor();
    const asksForIt = (): Promise<unknown> => page.waitForRequest(`${fixture.service.url}/api/jobs/${id}`);
    await asksForIt();
    await asksForIt();
    proxy.release();
    await page
      .getByRole('log')
      .getByText(/^published .*large_/)
      .waitFor();
    await page.getByRole('status').filter({ hasText: 'Succeeded' }).waitFor();
  });

  it('tells why a job failed and what to do, in the list and alone', async () => {
    await runSql(fixture.server('PostgreSQL').connection('small'), ['REVOKE ALL ON notes FROM barred']);
    barred = await connect({ username: 'barred', password: 'barred' });
    const id = await begin('/api/backup', { connection_id: barred });
    const { page } = await fixture.open('/activity');
    const row = history(page).filter({ hasText: 'Failed' });
    const { error } = await ended(id);
    await row.getByText(error?.message ?? '').waitFor();
    await row.getByText(error?.hint ?? '').waitFor();
    await row.getByRole('link', { name: 'Backup of small' }).click();
    const alert = page.getByRole('main').getByRole('alert');
    await alert.getByText(error?.message ?? '').waitFor();
    await alert.getByText(error?.hint ?? '').waitFor();
    await page.reload();
    await alert.getByText(error?.message ?? '').waitFor();
  });

  it('keeps in its address what it shows of the past', async () => {
    small = await connect({});
    const made = await ended(await begin('/api/backup', { connection_id: small }));
    const { page } = await fixture.open('/activity');
    await history(page)
      .filter({ hasText: made.result?.backup.filename ?? 'none' })
      .waitFor();
    await history(page).filter({ hasText: 'Clean-up' }).first().waitFor({ state: 'detached' });
    await page.getByLabel('Type').selectOption('Housekeeping, too');
    await history(page).filter({ hasText: 'Clean-up of the backup folders' }).first().waitFor();
    await page.getByLabel('Type').selectOption('Backup');
    await page.getByLabel('State').selectOption('Failed');
    await expectRows(page, ['Backup of small Failed']);
    expect(new URL(page.url()).search).toBe('?state=failed&type=backup');
    await page.reload();
    await expectRows(page, ['Backup of small Failed']);
    await page.getByLabel('Database', { exact: true }).selectOption({ value: large });
    await page.getByText('No such job').waitFor();
    await page.getByLabel('State').selectOption('Cancelled');
    await expectRows(page, ['Backup of large Cancelled']);
  });

  it('keeps a choice that is made while the page still loads the one before it', async () => {
    const { page } = await fixture.open('/activity');
    await history(page).first().waitFor();
    interface Choice {
      value: string;
      dispatchEvent(event: Event): void;
    }
    const type = await page.getByLabel('Type').elementHandle();
    await page.getByLabel('State').evaluate((state: Choice, kind: Choice | null) => {
      state.value = 'failed';
      state.dispatchEvent(new Event('change', { bubbles: true }));
      if (kind === null) return;
      kind.value = 'backup';
      kind.dispatchEvent(new Event('change', { bubbles: true }));
    }, type);
    await expectRows(page, ['Backup of small Failed']);
    expect(new URL(page.url()).search).toBe('?state=failed&type=backup');
  });

  it('says so where there is no job', async () => {
    const view = await fixture.open('/');
    view.expectStatuses(404);
    await view.page.goto(`${fixture.service.url}/activity/lost`);
    await view.page.getByText('There is no job at this address.').waitFor();
  });

  it('tells who did what, from where, and how it was answered', async () => {
    const refused = await fetch(`${fixture.service.url}/api/connect`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...fixture.login('PostgreSQL', 'small'), password: 'wrong' }),
    });
    expect(refused.status).toBe(422);
    const { page } = await fixture.open('/activity');
    await page.getByRole('tab', { name: 'Jobs' }).focus();
    await page.keyboard.press('ArrowRight');
    const rows = page.getByRole('table', { name: 'Who did what' }).getByRole('row');
    const row = rows.filter({ hasText: 'Connect to a database' });
    await row.getByText('Refused').waitFor();
    await row.getByText('from 127.0.0.1').waitFor();
    await row.getByText('Details').focus();
    await page.keyboard.press('Enter');
    await row.getByText('username: postgres').waitFor();
    expect(await row.innerText()).not.toContain('wrong');
    expect(new URL(page.url()).search).toBe('?tab=audit');

    await fixture.call('POST', '/api/scheduler/stop');
    await page.getByRole('button', { name: 'Refresh' }).click();
    await rows.filter({ hasText: 'Stop the scheduler' }).getByText('Done').waitFor();
    await page.reload();
    await row.getByText('Refused').waitFor();
  });

  it('is accessible in both themes, whatever it shows', async () => {
    proxy.hold(PASSES_BYTES);
    await begin('/api/backup', { connection_id: large });
    const failed = await jobOf(barred);
    const done = await jobOf(small);
    await fixture.expectAccessible('/activity', async ({ page }) => {
      await current(page).getByText('Dump', { exact: true }).waitFor();
      await history(page).nth(4).waitFor();
    });
    await fixture.expectAccessible('/activity?tab=audit', async ({ page }) => {
      await page.getByText('Details').first().click();
    });
    await fixture.expectAccessible(`/activity/${failed}`, ({ page }) => page.getByText('About this job').waitFor());
    await fixture.expectAccessible(`/activity/${done}`, ({ page }) => page.getByRole('log').waitFor());
  });

  it('fits a narrow screen', async () => {
    proxy.hold(PASSES_BYTES);
    const running = await begin('/api/backup', { connection_id: large });
    for (const [path, ready] of [
      ['/activity', 'Details and log'],
      ['/activity?tab=audit', 'Details'],
      [`/activity/${running}`, 'About this job'],
      [`/activity/${await jobOf(barred)}`, 'About this job'],
    ] as const) {
      const { page } = await fixture.open(path, { width: 360 });
      await page.getByText(ready).first().waitFor();
      expect({ path, scrolls: await sidewaysScroll(page) }).toEqual({ path, scrolls: 0 });
    }
  });

  // Last, as it leaves much behind.
  it('shows more of the past when it is asked to', async () => {
    const { backups } = await fixture.call<{ backups: { id: string; filename: string }[] }>('GET', '/api/backups');
    const backup = backups.find(({ filename }) => filename.startsWith('small'));
    for (let count = 0; count < 27; count += 1) {
      await fixture.call('POST', `/api/backups/${backup?.id}/verify`, { level: 'stored' });
    }
    const { page } = await fixture.open('/activity?type=verify');
    await history(page).nth(25).waitFor();
    expect(await history(page).count()).toBe(26);
    await page.getByRole('button', { name: 'Show more' }).click();
    await history(page).nth(27).waitFor();
    expect(await history(page).count()).toBe(28);
    await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
  });

  const ended = async (id: string): Promise<Job> => {
    await until(async () => !['queued', 'running'].includes((await job(id)).state));
    return job(id);
  };
  const jobOf = async (connection: string): Promise<string> =>
    (await jobs(`type=backup&connection_id=${connection}`))[0]?.id ?? '';
  /** Each by what and state, newest first; once the page has come to it, as it shows nothing while it asks. */
  const expectRows = async (page: Page, rows: readonly string[]): Promise<void> => {
    const giveUpAt = Date.now() + PATIENCE_MS;
    let shown: string[] = [];
    do {
      shown = await history(page).evaluateAll((found: Row[]) =>
        found
          .slice(1)
          .map((row) => `${row.querySelector('a')?.innerText} ${row.querySelectorAll('td').item(2)?.innerText}`),
      );
    } while (shown.join() !== rows.join() && Date.now() < giveUpAt);
    expect(shown).toEqual(rows);
  };
});

/** Of a table, as a browser knows it. */
interface Row {
  querySelector(selector: 'a'): { innerText: string } | null;
  querySelectorAll(selector: 'td'): { item(at: number): { innerText: string } | null };
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
