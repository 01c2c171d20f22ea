import type { Page } from 'playwright-core';
import { accessibilityFaults, faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import type { Engine } from '../support/dashboard/dashboard-fixture.js';
import { overflowing } from '../support/dashboard/overflow.js';
import { runSql } from '../support/run-sql.js';
import { StallingProxy } from '../support/stalling-proxy.js';

const ENGINE_NAMES = { PostgreSQL: 'PostgreSQL', MySQL: 'MySQL or MariaDB' } as const;

let fixture: DashboardFixture;
let proxy: StallingProxy;

beforeAll(async () => {
  fixture = await DashboardFixture.start(['PostgreSQL', 'MySQL'], { BACKUP_RETENTION_COUNT: '30' });
  proxy = await StallingProxy.start(fixture.server('PostgreSQL'));
  await runSql(fixture.server('PostgreSQL').connection('postgres'), ['create database shop', 'create database annex']);
  await runSql(fixture.server('PostgreSQL').connection('shop'), [
    `create table items as select i, repeat(md5(i::text), 30) as label from generate_series(1, 20000) i`,
  ]);
  await runSql(fixture.server('MySQL').connection('mysql'), ['create database store', 'create table store.t (i int)']);
});
afterAll(async () => {
  await fixture.close();
  await proxy.close();
});
afterEach(async () => {
  proxy.release();
  await fixture.endTest();
});

const connectionPanel = (page: Page) => page.getByRole('region', { name: 'Database connection' });
const backupPanel = (page: Page) => page.getByRole('region', { name: 'Backup operations' });

async function fillIn(page: Page, engine: Engine, login: Record<string, string>): Promise<void> {
  const form = page.getByRole('form', { name: 'Connect to a database' });
  await form.getByText(ENGINE_NAMES[engine], { exact: true }).click();
  await form.getByLabel('Host').fill(login['host'] ?? '');
  await form.getByLabel('Port').fill(login['port'] ?? '');
  await form.getByLabel('Database', { exact: true }).fill(login['database'] ?? '');
  await form.getByLabel('User').fill(login['username'] ?? '');
  await form.getByLabel('Password', { exact: true }).fill(login['password'] ?? '');
}

async function connect(page: Page, engine: Engine, login: Record<string, string>): Promise<void> {
  await fillIn(page, engine, login);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
}

describe('the first visit', () => {
  it('says what to do first, and lets nothing be backed up before', async () => {
    const { page } = await fixture.open('/');
    await page.getByText('No database is known yet').waitFor();
    await page.getByText('npm run demo').waitFor();
    await backupPanel(page).getByText('Connect to a database first').waitFor();
    expect(await page.getByRole('button', { name: 'Create backup' }).count()).toBe(0);
    expect(await overflowing(page)).toEqual([]);
  });

  it('follows the type of the database with the port, but leaves one that was typed', async () => {
    const { page } = await fixture.open('/');
    const port = connectionPanel(page).getByLabel('Port');
    await port.waitFor();
    expect(await port.inputValue()).toBe('5432');
    await page.getByText('MySQL or MariaDB', { exact: true }).click();
    expect(await port.inputValue()).toBe('3306');
    await port.fill('3307');
    await page.getByText('PostgreSQL', { exact: true }).click();
    expect(await port.inputValue()).toBe('3307');
  });
});

describe.each(['PostgreSQL', 'MySQL'] as const)('connecting to %s', (engine) => {
  const database = engine === 'PostgreSQL' ? 'shop' : 'store';

  it('tells in words, and at its field where it has one, why it cannot be done', async () => {
    const view = await fixture.open('/');
    const { page } = view;
    view.expectStatuses(400, 422, 502);
    const login = fixture.login(engine, database);
    await connect(page, engine, { ...login, password: 'wrong' });
    await connectionPanel(page).getByRole('alert').waitFor();
    await connect(page, engine, { ...login, port: '1' });
    await connectionPanel(page)
      .getByRole('alert')
      .getByText(/127\.0\.0\.1/)
      .first()
      .waitFor();
    await connect(page, engine, { ...login, port: 'many' });
    const port = connectionPanel(page).getByLabel('Port');
    await page
      .getByText(/whole number|must be/i)
      .first()
      .waitFor();
    expect(await port.getAttribute('aria-invalid')).toBe('true');
    expect(await page.locator(':focus').getAttribute('inputmode')).toBe('numeric');
    await connect(page, engine, { ...login, database: 'nowhere' });
    await page
      .getByText(/nowhere/)
      .first()
      .waitFor();
    expect(await connectionPanel(page).getByLabel('Database', { exact: true }).getAttribute('aria-invalid')).toBe(
      'true',
    );
  });

  it('shows whose server it is, backs up with one click, and lets go again', async () => {
    const { page } = await fixture.open('/');
    await connect(page, engine, fixture.login(engine, database));
    await connectionPanel(page).getByText('Connected', { exact: true }).waitFor();
    await connectionPanel(page)
      .getByText(engine === 'PostgreSQL' ? /PostgreSQL 1/ : /MariaDB 1/)
      .waitFor();
    await page
      .getByText(/[Nn]o backup yet\./)
      .first()
      .waitFor();
    await backupPanel(page).getByText('No backup yet').waitFor();
    await backupPanel(page).getByLabel('Name (optional)').fill(`by-hand-${database}`);
    await backupPanel(page).getByRole('button', { name: 'Create backup' }).click();
    await backupPanel(page).getByText('Backup created').waitFor();
    // In the list, chosen, with its details, without anybody having asked again.
    const row = backupPanel(page).getByRole('radio', { name: new RegExp(`^by-hand-${database}_`) });
    await row.waitFor();
    expect(await row.isChecked()).toBe(true);
    await backupPanel(page).getByText('SHA-256').waitFor();
    await page.getByText(/could be restored right now\.$/).waitFor();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await connectionPanel(page).getByText('Not connected').waitFor();
    await backupPanel(page).getByText('Connect to a database first').waitFor();
    // As it was connected last, without the password.
    expect(await connectionPanel(page).getByLabel('Database', { exact: true }).inputValue()).toBe(database);
    expect(await connectionPanel(page).getByLabel('Password', { exact: true }).inputValue()).toBe('');
  });
});

describe('a backup that takes its time', () => {
  /** Through the proxy, which lets so much of it pass and no more. */
  async function backUpSlowly(page: Page): Promise<void> {
    await fixture.call('POST', '/api/connect', { ...fixture.login('PostgreSQL', 'shop'), port: String(proxy.port) });
    await backupPanel(page).getByText('Of shop.').waitFor();
    proxy.hold(3_000_000);
    await backupPanel(page).getByRole('button', { name: 'Create backup' }).click();
  }

  it('shows how far it is, does not block the page, and comes to its end by itself', async () => {
    const { page } = await fixture.open('/');
    await backUpSlowly(page);
    const bar = backupPanel(page).getByRole('progressbar');
    await bar.waitFor();
    await backupPanel(page)
      .getByText(/\d (k|M)B of about/)
      .waitFor();
    // In the menu, too, whatever page is open.
    await page.getByRole('region', { name: 'Running now' }).getByText('Backup of shop').waitFor();
    await page.getByRole('link', { name: 'Settings', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    proxy.release();
    await page.getByRole('region', { name: 'Running now' }).waitFor({ state: 'detached' });
    await backupPanel(page).getByRole('radio').first().waitFor();
  });

  it('is cancelled with one click, and nothing of it is kept', async () => {
    const { page } = await fixture.open('/');
    const before = await fixture.call<{ backups: unknown[] }>('GET', '/api/backups');
    await backUpSlowly(page);
    await backupPanel(page).getByRole('button', { name: 'Cancel: Backup of shop' }).click();
    await backupPanel(page).getByText('Backup cancelled').waitFor();
    expect(await fixture.call('GET', '/api/backups')).toEqual(before);
    const { jobs } = await fixture.call<{ jobs: { state: string }[] }>('GET', '/api/jobs?limit=1&type=backup');
    expect(jobs).toMatchObject([{ state: 'cancelled' }]);
  });
});

describe('the cards of the databases', () => {
  const card = (page: Page, name: RegExp) =>
    page.getByRole('list', { name: 'Databases' }).getByRole('region', { name });

  it('put those in need first, back up and verify with a click each, and tell what failed', async () => {
    await fixture.call('POST', '/api/connections', { ...fixture.login('PostgreSQL', 'annex'), label: 'Annex' });
    const { page } = await fixture.open('/');
    await page
      .getByText(/Annex: no backup yet/i)
      .first()
      .waitFor();
    const cards = page.getByRole('list', { name: 'Databases' }).getByRole('region');
    expect(await cards.first().getByRole('heading').textContent()).toBe('Annex');
    const annex = card(page, /^Annex$/);
    await annex.getByRole('button', { name: 'Back up now' }).click();
    await annex.getByText('Stored, hash equal').waitFor();
    await annex.getByRole('button', { name: 'Verify' }).click();
    await annex.getByText('Verified by a restore').waitFor();
    await annex.getByText(/restored in/).waitFor();

    await runSql(fixture.server('PostgreSQL').connection('postgres'), ['alter database annex rename to away']);
    await annex.getByRole('button', { name: 'Back up now' }).click();
    await annex.getByText(/Last backup failed/).waitFor();
    await page
      .getByText(/Annex: the last backup failed: /)
      .first()
      .waitFor();
    await annex.getByRole('link', { name: 'Details' }).click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/activity\/./);
    await runSql(fixture.server('PostgreSQL').connection('postgres'), ['alter database away rename to annex']);
  });

  it('show the sizes of the last backups, as a line and, when it is clicked, as a chart', async () => {
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'shop'));
    for (let number = 0; number < 2; number += 1) await fixture.call('POST', '/api/backup', {});
    const { page } = await fixture.open('/');
    await card(page, /^shop on/)
      .first()
      .getByRole('button', { name: /^Sizes of the last \d+ backups/ })
      .click();
    const dialog = page.getByRole('dialog', { name: /^Sizes of the backups of shop/ });
    await dialog.locator('.recharts-area-curve').waitFor({ state: 'attached' });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  it('let connections be tested, renamed, found and deleted', async () => {
    const { page } = await fixture.open('/');
    const menu = async (name: string, item: string): Promise<void> => {
      await page.getByRole('button', { name: `More for ${name}` }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await menu('Annex', 'Test the login');
    await page.getByText(/Annex answers: PostgreSQL/).waitFor();

    await menu('Annex', 'Edit…');
    await page.getByRole('dialog').getByLabel('Name').fill('Appendix');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await card(page, /^Appendix$/).waitFor();

    await menu('Appendix', 'Find databases on this server…');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('postgres', { exact: true }).check();
    await dialog.getByRole('button', { name: 'Add 1' }).click();
    await card(page, /^postgres on/).waitFor();

    await menu('Appendix', 'Delete…');
    await dialog.getByLabel(/Also delete its (backup|\d+ backups)/).check();
    const remove = dialog.getByRole('button', { name: 'Delete connection and backups' });
    expect(await remove.isDisabled()).toBe(true);
    await dialog.getByLabel('Type annex to confirm').fill('annex');
    await remove.click();
    await card(page, /^Appendix$/).waitFor({ state: 'detached' });
    await card(page, /^postgres on/).waitFor();
  });
});

describe('68: one database, reached by a second login', () => {
  it('is one card with the backups of both, and the new login takes the place of the old one with a click', async () => {
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'shop'));
    await fixture.call('POST', '/api/backup', {});
    await fixture.call('POST', '/api/disconnect');
    await runSql(fixture.server('PostgreSQL').connection('postgres'), [
      `create role second superuser login password 'second-secret'`,
    ]);
    const login = { ...fixture.login('PostgreSQL', 'shop'), host: 'localhost', username: 'second' };
    const { page } = await fixture.open('/');
    const databases = page.getByRole('list', { name: 'Databases' }).getByRole('listitem');
    await databases.first().waitFor();
    const total = await databases.count();
    // The page may hear of the connection before the answer to its own call.
    await page.route('**/api/connect', async (route) => {
      const response = await route.fetch();
      await connectionPanel(page).getByText('Connected', { exact: true }).waitFor();
      await route.fulfill({ response });
    });
    await connect(page, 'PostgreSQL', { ...login, password: 'second-secret' });
    await connectionPanel(page).getByText('Known already').waitFor();
    await connectionPanel(page)
      .getByText(/^This is the database of "shop on 127\.0\.0\.1" .*: it counts as one\.$/)
      .waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    const shop = page.getByRole('list', { name: 'Databases' }).getByRole('region', { name: 'shop on localhost' });
    await shop.getByText(/^Reached by \d logins: .*second at localhost$/).waitFor();
    expect(await databases.count()).toBe(total);
    await backupPanel(page).getByRole('radio').first().waitFor();

    await connectionPanel(page).getByRole('button', { name: 'Replace its login' }).click();
    await connectionPanel(page).getByText('Known already').waitFor({ state: 'detached' });
    await backupPanel(page).getByRole('radio').first().waitFor();
    const { connections } = await fixture.call<{ connections: { port: number; database: string; username: string }[] }>(
      'GET',
      '/api/connections',
    );
    // Another one leads there through the proxy.
    const direct = connections.filter(
      ({ port, database }) => String(port) === fixture.login('PostgreSQL', 'shop')['port'] && database === 'shop',
    );
    expect(direct).toMatchObject([{ username: 'second' }]);
    await fixture.call('POST', '/api/connect', { ...fixture.login('PostgreSQL', 'shop'), replace: true });
  });
});

describe('a service that goes away', () => {
  it('is reported at once, and the page is up to date again as soon as it is back', async () => {
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'shop'));
    const view = await fixture.open('/');
    const { page } = view;
    await page.getByRole('list', { name: 'Databases' }).waitFor();
    await backupPanel(page).getByRole('radio').first().waitFor();
    view.expectOutage();
    await fixture.restart(async () => {
      await page.getByText('The service does not answer', { exact: true }).waitFor();
      // What was there stays, to be read.
      expect(await backupPanel(page).getByRole('radio').count()).toBeGreaterThan(0);
      // But nobody is told that all is well.
      const verdict = page.getByRole('status').filter({ hasText: 'Not known: the service does not answer' });
      await verdict.waitFor();
      expect(await verdict.getAttribute('data-tone')).toBe('offline');
      expect(await page.getByRole('list', { name: 'Databases' }).getAttribute('data-offline')).toBe('true');
    });
    await page.getByText('The service does not answer', { exact: true }).waitFor({ state: 'detached' });
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
    await connectionPanel(page).getByText('Connected', { exact: true }).waitFor();
    const { backup } = await fixture.call<{ backup: { filename: string } }>('POST', '/api/backup', {
      backup_name: 'after',
    });
    await backupPanel(page).getByRole('radio', { name: backup.filename }).waitFor();
  });
});

describe('accessibility', () => {
  it('connects and backs up by keyboard alone', async () => {
    await fixture.call('POST', '/api/disconnect');
    const { page } = await fixture.open('/');
    const login = fixture.login('MySQL', 'store');
    await connectionPanel(page).getByLabel('Host').waitFor();
    await fillIn(page, 'MySQL', login);
    await connectionPanel(page).getByLabel('Password', { exact: true }).press('Enter');
    await connectionPanel(page).getByText('Connected', { exact: true }).waitFor();
    await backupPanel(page).getByLabel('Name (optional)').focus();
    await page.keyboard.type('keys');
    await page.keyboard.press('Enter');
    await backupPanel(page).getByText('Backup created').waitFor();
    // The list comes anew with the backup in it, which is told apart from its being made.
    await backupPanel(page).getByRole('radio', { name: 'keys' }).waitFor();
    await backupPanel(page).getByRole('radio').first().focus();
    await page.keyboard.press('ArrowDown');
    await backupPanel(page).getByRole('radio', { checked: true }).waitFor();
    expect(await backupPanel(page).getByRole('radio').nth(1).isChecked()).toBe(true);
  });

  it('has no serious fault of accessibility in either theme, dialogs included', async () => {
    await fixture.expectAccessible('/', async ({ page }) => {
      await backupPanel(page).getByRole('radio').first().waitFor();
      await backupPanel(page).getByRole('button', { name: 'Options' }).click();
      await connectionPanel(page).getByRole('button', { name: 'Connect to another…' }).click();
      await connectionPanel(page).getByRole('button', { name: 'Encryption' }).click();
    });
    const view = await fixture.open('/');
    const { page } = view;
    for (const item of ['Edit…', 'Find databases on this server…', 'Delete…']) {
      await page.getByRole('button', { name: 'More for postgres on 127.0.0.1' }).click();
      await page.getByRole('menuitem', { name: item }).click();
      await page
        .getByRole('dialog')
        .getByRole('button', { name: /Save|Add|Delete connection/ })
        .waitFor();
      expect(await faultsInBothThemes(view)).toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
  });

  it('needs no more than 360 pixels', async () => {
    const { page } = await fixture.open('/', { width: 360, height: 800 });
    await backupPanel(page).getByRole('radio').first().waitFor();
    expect(await overflowing(page)).toEqual([]);
  });
});
