import { mkdir, rename, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { accessibilityFaults } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { sidewaysScroll } from '../support/dashboard/sideways-scroll.js';
import { runSql } from '../support/run-sql.js';

interface Tools {
  tools: Record<'pg_dump_path' | 'mysql_path', string>;
  details: { key: string; version: string; flavour: string }[];
}

describe('the settings', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL'], { BACKUP_RETENTION_COUNT: '5', RESTORE_UNDO_HOURS: '48' });
    const server = fixture.server('PostgreSQL');
    await runSql(server.connection('postgres'), ['CREATE DATABASE shop']);
    await runSql(server.connection('shop'), ['CREATE TABLE t (i int)']);
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'shop'));
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  const toolPath = async (): Promise<string | undefined> =>
    (await fixture.call<{ config: Record<string, string> }>('GET', '/api/config')).config['pg_dump_path'];

  it('shows each tool with its version and where it was found', async () => {
    const { page } = await fixture.open('/settings');
    const { tools, details } = await fixture.call<Tools>('POST', '/api/tools/detect');
    expect(details).toHaveLength(4);
    const dump = page.getByRole('region', { name: 'pg_dump' });
    await dump.getByText(`PostgreSQL ${details[0]?.version}`).first().waitFor();
    await dump.getByText(tools.pg_dump_path).first().waitFor();
    const client = page.getByRole('region', { name: 'mysql', exact: true });
    await client.getByText(`${details[3]?.flavour} ${details[3]?.version}`).first().waitFor();
    await page.getByRole('button', { name: 'Detect again' }).click();
    await client.getByText(tools.mysql_path, { exact: true }).waitFor();
  });

  it('tells at its field that a path is wrong, and changes nothing', async () => {
    const view = await fixture.open('/settings');
    view.expectStatuses(422);
    const field = view.page.getByRole('textbox', { name: 'Path of pg_dump' });
    await field.fill('/usr/bin/env');
    await field.press('Enter');
    await view.page.getByText(/\/usr\/bin\/env.*Nothing was saved\.$/).waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await toolPath()).toBe('');
    // Another try is not told of the one before.
    await field.fill('/usr/bin/e');
    await view.page.getByText(/Nothing was saved\.$/).waitFor({ state: 'detached' });
  });

  it('saves a path that is right, alone, and forgets it again', async () => {
    const before = await fixture.call<{ config: Record<string, string> }>('GET', '/api/config');
    const { tools } = await fixture.call<Tools>('POST', '/api/tools/detect');
    const { page } = await fixture.open('/settings');
    const dump = page.getByRole('region', { name: 'pg_dump' });
    const save = dump.getByRole('button', { name: 'Save the path of pg_dump' });
    await dump.getByText('found by the service').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await dump.getByRole('textbox', { name: 'Path of pg_dump' }).fill(tools.pg_dump_path);
    await save.click();
    await dump.getByText('set by hand and used alone').waitFor();
    const { config } = await fixture.call<{ config: Record<string, string> }>('GET', '/api/config');
    expect(config).toEqual({ ...before.config, pg_dump_path: tools.pg_dump_path });
    await page.reload();
    await dump.getByText('set by hand and used alone').waitFor();
    await dump.getByRole('textbox', { name: 'Path of pg_dump' }).fill('');
    await save.click();
    await dump.getByText('found by the service').waitFor();
    expect(await toolPath()).toBe('');
  });

  it('keeps the chosen theme, and has it before anything is painted', async () => {
    const { page } = await fixture.open('/settings#appearance', { scheme: 'light' });
    const scheme = (): Promise<string | null> => page.locator('html').getAttribute('data-mantine-color-scheme');
    expect(await scheme()).toBe('light');
    const system = page.getByRole('radio', { name: 'As the system' });
    expect(await system.isChecked()).toBe(true);
    // By the keyboard.
    await system.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('html[data-mantine-color-scheme="dark"]').waitFor();
    // As soon as there is a document; the program has not begun by then.
    await page.route('**/assets/*.js', async (route) => {
      // Until we let it go on, the program cannot begin.
      await page.locator('html[data-mantine-color-scheme="dark"]').waitFor({ state: 'attached' });
      await route.continue();
    });
    await page.reload();
    expect(await page.getByRole('radio', { name: 'Dark' }).isChecked()).toBe(true);
    expect(await scheme()).toBe('dark');
  });

  it('tells how much is free, and what the backups take, as it changes', async () => {
    const { page } = await fixture.open('/settings');
    const folders = page.getByRole('list', { name: 'Backup folders' });
    await folders.getByText('No backups').waitFor();
    await folders.getByText(/^[\d.,]+ .B of [\d.,]+ .B free$/).waitFor();
    await folders.getByRole('progressbar', { name: 'Space used where ./backups is' }).waitFor();
    await fixture.call('POST', '/api/backup', {});
    await folders.getByText(/^1 backup, [\d.,]+ (bytes|kB)$/).waitFor();
  });

  it('80: says of a replaced backup folder what the overview says of its databases', async () => {
    const backups = join(fixture.service.home, 'backups');
    await rename(backups, `${backups}.away`);
    await mkdir(backups);
    try {
      const view = await fixture.open('/');
      const { page } = view;
      // The health that the page asks for.
      view.expectStatuses(503);
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await page.getByText('A storage is away').waitFor();
      await page.getByText('It is missing, so no backup in it can be restored.').waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      await page.getByRole('link', { name: 'Overview', exact: true }).click();
      await page.getByText('The backup folder is missing, so no backup in it can be restored.').first().waitFor();
    } finally {
      await rmdir(backups);
      await rename(`${backups}.away`, backups);
    }
  });

  it('shows what holds where nobody says otherwise, and which variable sets it', async () => {
    const { page } = await fixture.open('/settings#backups');
    const row = (variable: string) =>
      page.getByRole('table', { name: 'Defaults' }).getByRole('row', { name: variable });
    await row('BACKUP_RETENTION_COUNT').getByText('The newest 5').waitFor();
    await row('RESTORE_UNDO_HOURS').getByText('For 48 hours').waitFor();
    await row('BACKUP_TIMEZONE').getByText('UTC').waitFor();
    const access = page.getByRole('region', { name: 'Access' });
    await access.getByText('None is asked for.').waitFor();
    await access.getByText('Ready: backups can be written').waitFor();
    const docs = access.getByRole('link', { name: 'Documentation of every call' });
    expect(await docs.getAttribute('href')).toBe('/api/docs');
    expect(await docs.getAttribute('target')).toBe('_blank');
  });

  it('changes what is kept of a connection, after it has told what would go', async () => {
    await fixture.call('POST', '/api/backup', {});
    const { page } = await fixture.open('/settings');
    const table = page.getByRole('table', { name: 'Retention of each connection' });
    await table.getByText('The service’s default: Keeps the newest 5.').waitFor();
    await table.getByRole('button', { name: 'Change the retention of shop on 127.0.0.1' }).click();
    const dialog = page.getByRole('dialog', { name: 'Retention of shop on 127.0.0.1' });
    await dialog.getByLabel('Rules of its own').check();
    await dialog.getByLabel('The newest', { exact: true }).fill('none');
    await dialog.getByText('A whole number from 1, or nothing').waitFor();
    expect(await dialog.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await dialog.getByLabel('The newest', { exact: true }).fill('1');
    await dialog.getByText(/Of the 2 that are there now, 1 would go with the next one/).waitFor();
    await dialog.getByLabel('One a day, for … days').fill('7');
    await dialog.getByText('Keeps the newest and the newest of each of the last 7 days.').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await table.getByText('Keeps the newest and the newest of each of the last 7 days.').waitFor();
    expect((await fixture.call<{ backups: object[] }>('GET', '/api/backups')).backups).toHaveLength(2);

    await table.getByRole('button', { name: 'Change the retention of shop on 127.0.0.1' }).click();
    await dialog.getByLabel('The service’s default').check();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await table.getByText('The service’s default: Keeps the newest 5.').waitFor();
  });

  it('is accessible in both themes', async () => {
    await fixture.expectAccessible('/settings', async ({ page }) => {
      await page.getByText('Ready: backups can be written').waitFor();
      await page.getByRole('region', { name: 'mysql', exact: true }).waitFor();
      await page.getByRole('table', { name: 'Defaults' }).waitFor();
    });
  });

  it('fits a narrow screen, its dialog too', async () => {
    const { page } = await fixture.open('/settings', { width: 360 });
    await page.getByRole('region', { name: 'mysql', exact: true }).waitFor();
    await page.getByRole('table', { name: 'Defaults' }).waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
    await page.getByRole('button', { name: /^Change the retention of/ }).click();
    await page.getByLabel('Rules of its own').check();
    await page.getByLabel('One a year, for … years').waitFor();
    expect(await sidewaysScroll(page)).toBe(0);
  });
});
