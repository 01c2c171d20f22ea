import { Client } from 'pg';
import type { Locator, Page } from 'playwright-core';
import { faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { moveToItem } from '../support/dashboard/menu.js';
import { overflowing } from '../support/dashboard/overflow.js';
import { runSql } from '../support/run-sql.js';

interface Schedule {
  id: string;
  name: string;
  cron: string;
  timezone: string;
  enabled: boolean;
  connection_id: string;
  options: Record<string, unknown>;
  retention: Record<string, unknown> | null;
}

const rowOf = (page: Page, name: string): Locator =>
  page
    .getByRole('table', { name: 'Schedules' })
    .getByRole('row')
    .filter({ has: page.getByRole('button', { name: `Details of ${name}`, exact: true }) });
const dialogOf = (page: Page): Locator => page.getByRole('dialog');
const scheduler = (page: Page): Locator => page.getByRole('region', { name: 'Scheduler' });
const textIn = (page: Page, name: string): Locator => dialogOf(page).getByRole('textbox', { name });

async function choose(page: Page, schedule: string, item: string): Promise<void> {
  // A menu closes when the row that it belongs to is drawn anew, as by an event: a person opens it again.
  for (let tries = 0; ; tries += 1) {
    await page.getByRole('button', { name: `More actions for ${schedule}` }).click();
    try {
      await page.getByRole('menuitem', { name: item }).click({ timeout: 5_000 });
      return;
    } catch (error) {
      if (tries === 3) throw error;
    }
  }
}

async function pick(page: Page, select: string, option: string): Promise<void> {
  await dialogOf(page).getByRole('combobox', { name: select }).click();
  await dialogOf(page).getByRole('option', { name: option }).click();
}

describe('the page of schedules', () => {
  let fixture: DashboardFixture;
  /** By database. */
  const connections: Record<string, string> = {};
  const add = (name: string, change: object = {}) =>
    fixture.call<{ schedule: Schedule }>('POST', '/api/schedules', {
      name,
      connection_id: connections['shop'],
      cron: '30 2 * * *',
      ...change,
    });
  const saved = async (name: string): Promise<Schedule | undefined> => {
    const { schedules } = await fixture.call<{ schedules: Schedule[] }>('GET', '/api/schedules?limit=500');
    return schedules.find((schedule) => schedule.name === name);
  };

  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL', 'MySQL']);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  it('says what to do first while there is nothing to back up', async () => {
    const { page } = await fixture.open('/schedules');
    await scheduler(page).getByText('Scheduler stopped').waitFor();
    await page.getByRole('link', { name: 'Connect to a database' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  describe('with databases', () => {
    beforeAll(async () => {
      await runSql(fixture.server('PostgreSQL').connection('postgres'), [
        'CREATE DATABASE shop',
        'CREATE DATABASE staging',
      ]);
      await runSql(fixture.server('PostgreSQL').connection('shop'), [
        'CREATE TABLE orders AS SELECT generate_series(1, 100) AS id',
      ]);
      await runSql(fixture.server('MySQL').connection('mysql'), [
        'CREATE DATABASE ledger',
        'CREATE TABLE ledger.entries (id int)',
      ]);
      for (const [engine, database] of [
        ['PostgreSQL', 'staging'],
        ['MySQL', 'ledger'],
        ['PostgreSQL', 'shop'],
      ] as const) {
        const body = fixture.login(engine, database);
        const { connection } = await fixture.call<{ connection: { id: string } }>('POST', '/api/connections', body);
        connections[database] = connection.id;
      }
      await fixture.call('POST', `/api/connections/${connections['shop']}/activate`);
    });

    it('makes a schedule: what is wrong stands at its field, what is right is read out with the next five runs', async () => {
      const view = await fixture.open('/schedules');
      const { page } = view;
      view.expectStatuses(400);
      await page.getByRole('button', { name: 'Create schedule' }).click();
      await textIn(page, 'Name').fill('Nightly');
      const cron = textIn(page, 'Cron expression');
      await cron.fill('61 2 * *');
      await dialogOf(page).getByText('Must have five fields: minute, hour, day, month, weekday.').waitFor();
      expect(await cron.getAttribute('aria-invalid')).toBe('true');
      await cron.fill('0 0 31 2 *');
      await dialogOf(page).getByText('Is not a cron expression that ever comes due.').waitFor();
      await dialogOf(page).getByRole('button', { name: 'Create schedule' }).click();
      await cron.and(page.locator(':focus')).waitFor();
      await cron.fill('15 6 * * 1-5');
      await dialogOf(page).getByText('At 06:15, Monday through Friday').waitFor();
      await dialogOf(page).getByRole('combobox', { name: 'Time zone' }).fill('tokyo');
      await dialogOf(page).getByRole('option', { name: 'Asia/Tokyo' }).click();
      // Tokyo is nine hours ahead all year: what is due at 06:15 there is 21:15 of the day before here.
      const runs = dialogOf(page).getByRole('table', { name: 'Next runs' });
      await runs.getByRole('columnheader', { name: 'Asia/Tokyo' }).waitFor();
      await runs.getByRole('columnheader', { name: 'Here (UTC)' }).waitFor();
      await runs.getByText('21:15').nth(4).waitFor();
      expect(await runs.getByText(/^\d{4}-\d\d-\d\d 06:15$/).count()).toBe(5);
      await dialogOf(page).getByRole('button', { name: 'Create schedule' }).click();
      await dialogOf(page).waitFor({ state: 'detached' });
      const row = rowOf(page, 'Nightly');
      await row.getByText('Backup of shop on 127.0.0.1').waitFor();
      await row.getByText('At 06:15, Monday through Friday').waitFor();
      await row.getByText('1-5 · Asia/Tokyo').waitFor();
      await row.getByRole('timer').waitFor();
      expect(await saved('Nightly')).toMatchObject({ cron: '15 6 * * 1-5', timezone: 'Asia/Tokyo', enabled: true });
    });

    it('offers what people often want, for either engine, and names a schedule by what it does', async () => {
      const { page } = await fixture.open('/schedules');
      await page.getByRole('button', { name: 'Create schedule' }).click();
      await dialogOf(page).getByText('Saturdays at 00:00').click();
      expect(await textIn(page, 'Cron expression').inputValue()).toBe('0 0 * * 6');
      await pick(page, 'Database', 'ledger on 127.0.0.1');
      await dialogOf(page).getByRole('button', { name: 'Options and retention' }).click();
      await dialogOf(page).getByRole('combobox', { name: 'Compression' }).selectOption('zstd');
      expect(await dialogOf(page).getByRole('combobox', { name: 'Format' }).count()).toBe(0);
      await dialogOf(page).getByRole('checkbox', { name: 'Start it at once' }).uncheck();
      await dialogOf(page).getByRole('button', { name: 'Create schedule' }).click();
      const row = rowOf(page, 'Backup of ledger on 127.0.0.1');
      await row.getByText('Not while it is paused').waitFor();
      expect(await saved('Backup of ledger on 127.0.0.1')).toMatchObject({
        connection_id: connections['ledger'],
        enabled: false,
        options: { compression: 'zstd' },
      });
    });

    it('runs one now, and shows its progress and its end by itself, with a link to its log', async () => {
      await add('At once', { connection_id: connections['ledger'], enabled: false });
      const { page } = await fixture.open('/schedules');
      const row = rowOf(page, 'At once');
      await row.getByText('Never').waitFor();
      await row.getByRole('button', { name: 'Run now: At once' }).click();
      await row.getByText('Succeeded').waitFor();
      await row.getByText('Backup created successfully at ./backups/ledger_').waitFor();
      await row.getByRole('link', { name: 'just now' }).click();
      await page.getByRole('heading', { level: 1, name: 'Backup of ledger' }).waitFor();
    });

    it('shows how far a run is, whoever has begun it, and cancels it', async () => {
      await runSql(fixture.server('PostgreSQL').connection('postgres'), ['CREATE DATABASE slow']);
      await runSql(fixture.server('PostgreSQL').connection('slow'), ['CREATE TABLE held (id int)']);
      const body = fixture.login('PostgreSQL', 'slow');
      const { connection } = await fixture.call<{ connection: { id: string } }>('POST', '/api/connections', body);
      const { schedule } = await add('Slow', { connection_id: connection.id });
      // Whoever dumps the table waits for this one.
      const { host, port, username: user, password } = fixture.server('PostgreSQL');
      const holder = new Client({ host, port, user, password, database: 'slow' });
      await holder.connect();
      try {
        await holder.query('BEGIN');
        await holder.query('LOCK TABLE held');
        const { page } = await fixture.open('/schedules');
        await rowOf(page, 'Slow').getByText('Never').waitFor();
        await fixture.call('POST', `/api/schedules/${schedule.id}/run`);
        await page.getByRole('progressbar', { name: 'Backup of slow' }).first().waitFor();
        await page.getByRole('link', { name: 'Log of the job' }).waitFor();
        expect(await page.getByRole('button', { name: 'Run now: Slow' }).isDisabled()).toBe(true);
        await page.getByRole('button', { name: 'Cancel: Backup of slow' }).click();
        await rowOf(page, 'Slow').getByText('Cancelled', { exact: true }).waitFor();
        await page.getByRole('link', { name: 'Log of the job' }).waitFor({ state: 'detached' });
      } finally {
        await holder.end();
      }
    });

    it('starts and pauses a schedule, and the default one by the line of the scheduler', async () => {
      await add('To and fro');
      const { page } = await fixture.open('/schedules');
      const row = rowOf(page, 'To and fro');
      await row.getByRole('switch', { name: 'Running: To and fro' }).click();
      await row.getByText('Not while it is paused').waitFor();
      expect(await saved('To and fro')).toMatchObject({ enabled: false });
      await row.getByRole('switch', { name: 'Paused: To and fro' }).click();
      await row.getByRole('timer').waitFor();

      const weekly = rowOf(page, 'Weekly backup');
      await weekly.getByText('Default').waitFor();
      await scheduler(page).getByText('Scheduler running').waitFor();
      await scheduler(page).getByRole('button', { name: 'Stop' }).click();
      await scheduler(page).getByText('Default schedule stopped, others run').waitFor();
      await weekly.getByText('Paused', { exact: true }).waitFor();
      await scheduler(page)
        .getByText(/^[^:]+ on 127\.0\.0\.1[^:]*: The scheduler is stopped, so no backup is made by itself\.$/)
        .waitFor();
      expect(await fixture.call('GET', '/api/scheduler/status')).toMatchObject({ running: false, next_backup: null });
      await weekly.getByRole('switch').click();
      await scheduler(page).getByText('Scheduler running').waitFor();
      await scheduler(page)
        .getByText(/, in .* \(.+\)$/)
        .waitFor();
      expect(await fixture.call('GET', '/api/scheduler/status')).toMatchObject({ running: true });
    });

    it('runs the default one now, and the line of the scheduler tells of it', async () => {
      const { page } = await fixture.open('/schedules');
      await page.getByRole('button', { name: 'Run now: Weekly backup' }).click();
      await scheduler(page)
        .getByText(/\d\d:\d\d.*, succeeded/)
        .waitFor();
      await choose(page, 'Weekly backup', 'Edit…');
      await dialogOf(page).getByText('BACKUP_SCHEDULE').waitFor();
      await dialogOf(page).getByRole('button', { name: 'Options and retention' }).click();
      await dialogOf(page).getByRole('combobox', { name: 'Compression' }).selectOption('zstd');
      await dialogOf(page).getByRole('button', { name: 'Save changes' }).click();
      await dialogOf(page).waitFor({ state: 'detached' });
      expect(await saved('Weekly backup')).toMatchObject({ cron: '0 0 * * 6', options: { compression: 'zstd' } });
      await page.getByRole('button', { name: 'More actions for Weekly backup' }).click();
      await page.getByRole('menuitem', { name: 'Edit…' }).waitFor();
      expect(await page.getByRole('menuitem', { name: 'Delete…' }).count()).toBe(0);
    });

    it('changes a schedule, and opens what is wrong in its options', async () => {
      await add('To change', { options: { name: 'changing' } });
      const view = await fixture.open('/schedules');
      const { page } = view;
      view.expectStatuses(400);
      await choose(page, 'To change', 'Edit…');
      // What is set is seen without a search.
      expect(await textIn(page, 'Name of the files').inputValue()).toBe('changing');
      await dialogOf(page).getByRole('button', { name: 'Options and retention' }).click();
      await dialogOf(page).getByRole('button', { name: 'Options and retention' }).click();
      await textIn(page, 'Folder').fill('/etc');
      await dialogOf(page).getByRole('button', { name: 'Options and retention' }).click();
      await dialogOf(page).getByRole('button', { name: 'Save changes' }).click();
      await textIn(page, 'Folder').and(page.locator(':focus')).waitFor();
      expect(await textIn(page, 'Folder').getAttribute('aria-invalid')).toBe('true');
      await textIn(page, 'Folder').fill('./backups/changed');
      await textIn(page, 'Cron expression').fill('5 5 * * *');
      await dialogOf(page).getByRole('button', { name: 'Save changes' }).click();
      await rowOf(page, 'To change').getByText('At 05:05').waitFor();
      expect(await saved('To change')).toMatchObject({
        cron: '5 5 * * *',
        options: { name: 'changing', location: './backups/changed' },
      });
    });

    it('keeps its backups by rules of its own, and says what they would do to those that are there', async () => {
      await add('Keeper', { options: { name: 'kept' } });
      const { page } = await fixture.open('/schedules');
      await page.getByRole('button', { name: 'Run now: Keeper' }).click();
      await rowOf(page, 'Keeper').getByText('Succeeded').waitFor();
      await page.getByRole('button', { name: 'Run now: Keeper' }).click();
      await choose(page, 'Keeper', 'Edit…');
      await dialogOf(page).getByRole('radio', { name: 'Rules of its own' }).check();
      await textIn(page, 'The newest').fill('some');
      await dialogOf(page).getByText('A whole number from 1, or nothing').waitFor();
      await textIn(page, 'The newest').fill('1');
      await dialogOf(page).getByText('Keeps the newest.').waitFor();
      await dialogOf(page).getByText('Of the 2 that are there now, 1 would go with the next one').waitFor();
      await dialogOf(page).getByRole('button', { name: 'Save changes' }).click();
      await page.getByRole('button', { name: 'Details of Keeper' }).click();
      await page.getByText('files called kept_…').waitFor();
      await page.getByText('Keeps the newest.').waitFor();
      expect(await page.getByRole('table', { name: 'Next runs' }).getByRole('row').count()).toBe(6);
      expect(await saved('Keeper')).toMatchObject({ retention: { keep_last: 1 } });
    });

    it('restores the newest verified backup of one database into another', async () => {
      await fixture.call('POST', '/api/backup', { verification: 'stored' });
      const { page } = await fixture.open('/schedules');
      await page.getByRole('button', { name: 'Create schedule' }).click();
      await textIn(page, 'Name').fill('Refresh staging');
      await dialogOf(page).getByRole('radio', { name: 'Restore into a database' }).check();
      await pick(page, 'Into', 'staging on 127.0.0.1');
      await dialogOf(page).getByRole('combobox', { name: 'Backups of' }).click();
      expect(
        await dialogOf(page)
          .getByRole('option', { name: /ledger/ })
          .count(),
      ).toBe(0);
      await dialogOf(page).getByRole('option', { name: 'shop on 127.0.0.1' }).click();
      await dialogOf(page).getByRole('button', { name: 'Create schedule' }).click();
      const row = rowOf(page, 'Refresh staging');
      await row
        .getByText('Restore of the newest verified backup of shop on 127.0.0.1 into staging on 127.0.0.1')
        .waitFor();
      await row.getByRole('button', { name: 'Run now: Refresh staging' }).click();
      await row.getByText('Restore successful from').waitFor();
      const rows = await runSql(fixture.server('PostgreSQL').connection('staging'), [
        'SELECT count(*)::int AS n FROM orders',
      ]);
      expect(rows).toEqual([{ n: 100 }]);
    });

    it('deletes a schedule after a question, and its backups stay', async () => {
      await add('Gone soon');
      const { page } = await fixture.open('/schedules');
      await choose(page, 'Gone soon', 'Delete…');
      await dialogOf(page).getByText('The backups that it made stay').waitFor();
      await dialogOf(page).getByRole('button', { name: 'Delete schedule' }).click();
      await rowOf(page, 'Gone soon').waitFor({ state: 'detached' });
      expect(await saved('Gone soon')).toBeUndefined();
    });

    it('shows by itself what another client makes, pauses and deletes', async () => {
      const { page } = await fixture.open('/schedules');
      await rowOf(page, 'Weekly backup').waitFor();
      const { schedule } = await add('From elsewhere');
      await rowOf(page, 'From elsewhere').getByText('Running').waitFor();
      await fixture.call('PATCH', `/api/schedules/${schedule.id}`, { enabled: false });
      await rowOf(page, 'From elsewhere').getByText('Paused', { exact: true }).waitFor();
      await fixture.call('DELETE', `/api/schedules/${schedule.id}`);
      await rowOf(page, 'From elsewhere').waitFor({ state: 'detached' });
    });

    it('is accessible in each dialog', async () => {
      await add('Looked at', { timezone: 'Asia/Tokyo', retention: { daily: 7 } });
      const view = await fixture.open('/schedules');
      const { page } = view;
      const expectNoFaults = async (what: string): Promise<void> => {
        expect({ what, faults: await faultsInBothThemes(view) }).toMatchObject({ faults: [] });
      };
      await page.getByRole('button', { name: 'Details of Looked at' }).click();
      await page.getByText('Keeps the newest of each of the last 7 days.').waitFor();
      await expectNoFaults('the list with details');
      await choose(page, 'Looked at', 'Delete…');
      await dialogOf(page).getByRole('button', { name: 'Delete schedule' }).waitFor();
      await expectNoFaults('the question');
      await dialogOf(page).getByRole('button', { name: 'Cancel' }).click();
      await choose(page, 'Looked at', 'Edit…');
      await dialogOf(page).getByRole('table', { name: 'Next runs' }).waitFor();
      await dialogOf(page).getByText('Keeps the newest of each of the last 7 days.').waitFor();
      await expectNoFaults('the form');
      view.expectStatuses(400);
      await textIn(page, 'Cron expression').fill('x');
      await dialogOf(page).getByText('Must have five fields').waitFor();
      await dialogOf(page).getByRole('radio', { name: 'Restore into a database' }).check();
      // The list of all time zones would be six hundred times the same.
      await dialogOf(page).getByRole('combobox', { name: 'Time zone' }).fill('abi');
      await dialogOf(page).getByRole('option', { name: 'Africa/Abidjan' }).waitFor();
      await expectNoFaults('the form with a fault and an open list');
    });

    it('can be used with the keyboard alone, and gives the focus back', async () => {
      const { page } = await fixture.open('/schedules');
      const opener = page.getByRole('button', { name: 'Create schedule' });
      await opener.focus();
      await page.keyboard.press('Enter');
      await textIn(page, 'Name').and(page.locator(':focus')).waitFor();
      await page.keyboard.type('By keys');
      await page.keyboard.press('Enter');
      await rowOf(page, 'By keys').waitFor();
      await dialogOf(page).waitFor({ state: 'detached' });
      await opener.and(page.locator(':focus')).waitFor();
      await page.getByRole('switch', { name: 'Running: By keys' }).focus();
      await page.keyboard.press('Space');
      await rowOf(page, 'By keys').getByText('Paused', { exact: true }).waitFor();
      const more = page.getByRole('button', { name: 'More actions for By keys' });
      await more.focus();
      await page.keyboard.press('Enter');
      await moveToItem(page, 'Edit…', 'ArrowDown');
      await moveToItem(page, 'Delete…', 'ArrowDown');
      await moveToItem(page, 'Edit…', 'ArrowUp');
      await page.keyboard.press('Enter');
      await textIn(page, 'Name').and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Escape');
      await dialogOf(page).waitFor({ state: 'detached' });
      await more.and(page.locator(':focus')).waitFor();
    });

    it('fits a telephone', async () => {
      const { page } = await fixture.open('/schedules', { width: 360, height: 740 });
      await page.getByRole('button', { name: 'Details of Weekly backup' }).click();
      await page.getByRole('table', { name: 'Next runs' }).waitFor();
      expect(await overflowing(page)).toEqual([]);
      await page.getByRole('button', { name: 'Create schedule' }).click();
      await dialogOf(page).getByRole('table', { name: 'Next runs' }).waitFor();
      await dialogOf(page).getByRole('button', { name: 'Options and retention' }).click();
      await dialogOf(page).getByRole('radio', { name: 'Rules of its own' }).check();
      expect(await overflowing(page)).toEqual([]);
    });
  });
});
