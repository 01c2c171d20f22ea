import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import type { Engine } from '../support/dashboard/dashboard-fixture.js';
import { DAMAGED, GOOD, RestoreStage } from '../support/dashboard/restore-stage.js';
import { sidewaysScroll } from '../support/dashboard/sideways-scroll.js';
import { runSql } from '../support/run-sql.js';

const AUTHORITY = join(__dirname, '..', 'fixtures', 'mariadb-tls', 'authority.pem');
const ENGINE_NAMES = { PostgreSQL: 'PostgreSQL', MySQL: 'MySQL or MariaDB' } as const;
const ENGINES = ['PostgreSQL', 'MySQL'] as const;

interface Connection {
  id: string;
  name: string;
  active: boolean;
  ssl_mode: string;
  ssl_ca: string | null;
  retention: object | null;
}

let fixture: DashboardFixture;

beforeAll(async () => {
  fixture = await DashboardFixture.start(ENGINES, { BACKUP_RETENTION_COUNT: '30' });
  await Promise.all(
    ENGINES.map(async (engine) => {
      await createDatabase(engine, 'work');
      await createDatabase(engine, 'side');
    }),
  );
  await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'work'));
});
afterAll(() => fixture.close());
afterEach(() => fixture.endTest());

async function createDatabase(engine: Engine, name: string): Promise<void> {
  const server = fixture.server(engine);
  await runSql(server.connection(engine === 'PostgreSQL' ? 'postgres' : 'mysql'), [`create database ${name}`]);
  await runSql(server.connection(name), ['create table t (i int)']);
}

const connections = async (): Promise<Connection[]> =>
  (await fixture.call<{ connections: Connection[] }>('GET', '/api/connections?limit=500')).connections;
const named = async (name: string): Promise<Connection | undefined> =>
  (await connections()).find((connection) => connection.name === name);

/** Adds a connection through the API, without trying its login. */
async function know(label: string, more: object = {}): Promise<Connection> {
  const { connection } = await fixture.call<{ connection: Connection }>('POST', '/api/connections', {
    ...fixture.login('PostgreSQL', 'side'),
    username: label,
    label,
    test: false,
    ...more,
  });
  return connection;
}
const forget = ({ id }: Connection) => fixture.call('DELETE', `/api/connections/${id}`);

const card = (page: Page, name: string): Locator =>
  page.getByRole('list', { name: 'Databases' }).getByRole('region', { name, exact: true });
const backupPanel = (page: Page): Locator => page.getByRole('region', { name: 'Backup operations' });

async function menu(page: Page, name: string, item: string): Promise<Locator> {
  await page.getByRole('button', { name: `More for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: item }).click();
  return page.getByRole('dialog');
}

async function fillIn(dialog: Locator, engine: Engine, login: Record<string, string>): Promise<void> {
  await dialog.getByText(ENGINE_NAMES[engine], { exact: true }).click();
  await dialog.getByLabel('Host').fill(login['host'] ?? '');
  await dialog.getByLabel('Port').fill(login['port'] ?? '');
  await dialog.getByLabel('Database', { exact: true }).fill(login['database'] ?? '');
  await dialog.getByLabel('User').fill(login['username'] ?? '');
  await dialog.getByLabel('Password', { exact: true }).fill(login['password'] ?? '');
}

describe('adding a connection', () => {
  it.each(ENGINES)(
    'knows one more %s database, says what was wrong with it, and leaves the active one',
    async (type) => {
      const view = await fixture.open('/');
      const { page } = view;
      view.expectStatuses(400, 422);
      const before = await connections();
      const login = fixture.login(type, 'side');
      await page.getByRole('button', { name: 'Add connection…' }).click();
      const dialog = page.getByRole('dialog');
      const add = dialog.getByRole('button', { name: 'Add', exact: true });
      await dialog.getByLabel('Name (optional)').fill(`Side ${type}`);
      await fillIn(dialog, type, { ...login, password: 'wrong' });
      await add.click();
      await dialog.getByRole('alert').waitFor();

      await fillIn(dialog, type, { ...login, database: 'nowhere' });
      await add.click();
      await dialog.getByText(/nowhere/).waitFor();
      const database = dialog.getByLabel('Database', { exact: true });
      expect(await database.getAttribute('aria-invalid')).toBe('true');
      expect(await connections()).toEqual(before);

      await fillIn(dialog, type, login);
      await add.click();
      await dialog.waitFor({ state: 'detached' });
      await card(page, `Side ${type}`).getByText('No backup yet').waitFor();
      expect((await connections()).filter(({ active }) => active)).toEqual(before.filter(({ active }) => active));
      await backupPanel(page).getByText('Of work.').waitFor();
      const added = await named(`Side ${type}`);
      if (added !== undefined) await forget(added);
    },
  );

  it('tells at its field that a certificate cannot be used, and keeps one that can', async () => {
    const view = await fixture.open('/');
    const { page } = view;
    view.expectStatuses(400);
    await page.getByRole('button', { name: 'Add connection…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name (optional)').fill('Checked');
    await fillIn(dialog, 'PostgreSQL', fixture.login('PostgreSQL', 'side'));
    await dialog.getByRole('button', { name: 'Encryption' }).click();
    const authority = dialog.getByLabel('Authority’s certificate (PEM)');
    await authority.fill('not a certificate');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText(/^Cannot be used\./).waitFor();
    expect(await authority.getAttribute('aria-invalid')).toBe('true');
    expect(await named('Checked')).toBeUndefined();

    const pem = await readFile(AUTHORITY, 'utf8');
    await authority.fill(pem);
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });
    const added = await named('Checked');
    expect(added?.ssl_ca?.trim()).toBe(pem.trim());

    await menu(page, 'Checked', 'Edit…');
    // What is taken away is seen to be away before it is saved.
    await authority.fill('');
    expect(await authority.inputValue()).toBe('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    const cleared = await named('Checked');
    expect(cleared).toMatchObject({ ssl_ca: null });
    if (cleared !== undefined) await forget(cleared);
  });
});

describe('changing a connection', () => {
  it('asks for the password again if it would be sent to another server', async () => {
    const added = await know('Moved');
    const view = await fixture.open('/');
    const { page } = view;
    view.expectStatuses(400, 422);
    const dialog = await menu(page, 'Moved', 'Edit…');
    await dialog.getByText('Left empty, it stays as it is.').waitFor();
    await dialog.getByLabel('User').fill(fixture.login('PostgreSQL', 'side')['username'] ?? '');
    await dialog.getByText(/^Needed again/).waitFor();
    await dialog.getByRole('button', { name: 'Save' }).click();
    const password = dialog.getByLabel('Password', { exact: true });
    await dialog.getByText(/^Is missing: the stored one is not sent/).waitFor();
    expect(await password.getAttribute('aria-invalid')).toBe('true');
    await dialog.locator('input[autocomplete="new-password"]:focus').waitFor();
    await password.fill(fixture.login('PostgreSQL', 'side')['password'] ?? '');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await menu(page, 'Moved', 'Test the login');
    await page.getByText(/Moved answers: PostgreSQL/).waitFor();
    await forget(added);
  });

  it('removes its name, and shows that before it is saved', async () => {
    const added = await know('Named');
    const { page } = await fixture.open('/');
    const dialog = await menu(page, 'Named', 'Edit…');
    const name = dialog.getByLabel('Name', { exact: true });
    await name.fill('');
    expect(await name.inputValue()).toBe('');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect((await connections()).find(({ id }) => id === added.id)).toMatchObject({ label: null });
    await forget(added);
  });

  it('gives it retention rules of its own, once they are valid, and removes them again', async () => {
    const added = await know('Ruled');
    const { page } = await fixture.open('/');
    let dialog = await menu(page, 'Ruled', 'Edit…');
    const save = dialog.getByRole('button', { name: 'Save' });
    await dialog.getByRole('button', { name: 'Retention' }).click();
    await dialog.getByLabel('Rules of its own').check();
    await dialog.getByLabel('The newest').fill('some');
    await dialog.getByText('A whole number from 1, or nothing').waitFor();
    expect(await save.isDisabled()).toBe(true);
    await dialog.getByLabel('The newest').fill('7');
    await save.click();
    await dialog.waitFor({ state: 'detached' });
    expect(await named('Ruled')).toMatchObject({ retention: { keep_last: 7 } });

    dialog = await menu(page, 'Ruled', 'Edit…');
    expect(await dialog.getByLabel('The newest').inputValue()).toBe('7');
    await dialog.getByLabel('The service’s default').check();
    await save.click();
    await dialog.waitFor({ state: 'detached' });
    expect(await named('Ruled')).toMatchObject({ retention: null });
    await forget(added);
  });

  it('makes another one active, which the panels then show', async () => {
    const added = await know('Other', fixture.login('MySQL', 'side'));
    const { page } = await fixture.open('/');
    await backupPanel(page).getByText('Of work.').waitFor();
    await menu(page, 'Other', 'Make active');
    await backupPanel(page).getByText('Of side.').waitFor();
    await page
      .getByRole('region', { name: 'Database connection' })
      .getByText(/MariaDB 1/)
      .waitFor();
    await page.getByRole('button', { name: 'More for Other' }).click();
    await page.getByRole('menuitem', { name: /^Delete/, disabled: true }).waitFor();
    await page.keyboard.press('Escape');
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'work'));
    await backupPanel(page).getByText('Of work.').waitFor();
    await forget(added);
  });
});

describe('deleting a connection', () => {
  it('says which schedules are deleted with it, and keeps its backups unless asked to delete them', async () => {
    const added = await know('Leaving', fixture.login('PostgreSQL', 'side'));
    for (const name of ['Nightly', 'Weekly']) {
      await fixture.call('POST', '/api/schedules', {
        name,
        connection_id: added.id,
        cron: '0 3 * * *',
        timezone: 'UTC',
      });
    }
    const { backup } = await fixture.call<{ backup: { id: string } }>('POST', '/api/backup', {
      connection_id: added.id,
    });
    const { page } = await fixture.open('/');
    const dialog = await menu(page, 'Leaving', 'Delete…');
    await dialog.getByText(/its 2 schedules/).waitFor();
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    expect(await named('Leaving')).toBeDefined();

    await menu(page, 'Leaving', 'Delete…');
    await dialog.getByRole('button', { name: 'Delete connection', exact: true }).click();
    await card(page, 'Leaving').waitFor({ state: 'detached' });
    const { schedules } = await fixture.call<{ schedules: object[] }>(
      'GET',
      `/api/schedules?connection_id=${added.id}`,
    );
    expect(schedules).toEqual([]);
    await fixture.call('GET', `/api/backups/${backup.id}`);
  });
});

describe('restoring from the first page', () => {
  it.each(ENGINES)('brings back an older backup of a damaged %s database, chosen in the list', async (engine) => {
    const stage = await RestoreStage.make(fixture, engine, 'broken');
    await stage.damage();
    // The newest is of the damaged state: the older one has to be chosen.
    await fixture.call('POST', '/api/backup', { connection_id: stage.connectionId, backup_name: 'too-late' });
    await fixture.call('POST', `/api/connections/${stage.connectionId}/activate`);
    const { page } = await fixture.open('/');
    await backupPanel(page)
      .getByRole('radio', { name: /^too-late/ })
      .waitFor();
    await backupPanel(page).getByText(stage.filename, { exact: true }).click();
    expect(await backupPanel(page).getByRole('radio', { name: stage.filename }).isChecked()).toBe(true);
    await backupPanel(page).getByRole('button', { name: 'Restore selected…' }).click();
    await stage.confirm(page);
    await page.getByRole('dialog').getByText('broken is restored').waitFor();
    expect(await stage.state()).toEqual(GOOD);
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();

    // And from the card, what was last.
    await card(page, 'broken on 127.0.0.1')
      .filter({ hasText: String(fixture.server(engine).port) })
      .getByRole('button', { name: 'Restore…' })
      .click();
    await stage.confirm(page);
    await page.getByRole('dialog').getByText('broken is restored').waitFor();
    expect(await stage.state()).toEqual(DAMAGED);
    await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'work'));
  });

  it('does not call a database restorable whose only backup is damaged, nor offers to restore it', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'rotten');
    const path = join(fixture.service.home, 'backups', stage.filename);
    const whole = await readFile(path);
    const { page } = await fixture.open('/');
    const rotten = card(page, 'rotten on 127.0.0.1');
    await rotten.getByRole('button', { name: 'Restore…' }).waitFor();
    await writeFile(path, Buffer.concat([whole.subarray(0, 100), Buffer.from([0]), whole.subarray(101)]));
    await rotten.getByRole('button', { name: 'Verify' }).click();
    await rotten.getByText('Every backup of it is damaged.').waitFor();
    await rotten.getByText(/^Last verification failed .* its hash differs\./).waitFor();
    expect(await rotten.getByRole('button', { name: 'Restore…' }).count()).toBe(0);
    await page
      .getByText(/rotten on 127\.0\.0\.1: every backup of it is damaged/i)
      .first()
      .waitFor();
    // A new one makes up for it.
    await rotten.getByRole('button', { name: 'Back up now' }).click();
    await rotten.getByRole('button', { name: 'Restore…' }).waitFor();
    await rotten.getByText('Protected', { exact: true }).waitFor();
    expect(await rotten.getByText(/^Last verification failed/).count()).toBe(0);
    await page
      .getByText(/rotten on 127\.0\.0\.1: /)
      .first()
      .waitFor({ state: 'detached' });
    await rotten.getByRole('button', { name: 'Verify' }).click();
    await rotten.getByText('Verified by a restore').waitFor();
    await fixture.call('DELETE', `/api/connections/${stage.connectionId}`, { delete_backups: true, confirm: 'rotten' });
  });
});

describe('many databases', () => {
  it('are shown with the six in most need first, and all when they are asked for', async () => {
    const added = [];
    for (let i = 1; i <= 8; i++) added.push(await know(`Many${i}`, { database: `many${i}` }));
    const { page } = await fixture.open('/');
    const cards = page.getByRole('list', { name: 'Databases' }).getByRole('region');
    const all = page.getByRole('button', { name: `Show all ${(await connections()).length}` });
    await all.waitFor();
    expect(await cards.count()).toBe(6);
    await all.click();
    expect(await cards.count()).toBe((await connections()).length);
    for (const connection of added) await forget(connection);
    await all.waitFor({ state: 'detached' });
  });
});

describe('the dialogs of connections', () => {
  it('have no serious fault of accessibility in either theme, and give the focus back', async () => {
    const added = await know('Shown', { retention: { keep_last: 3 } });
    const view = await fixture.open('/');
    const { page } = view;
    view.expectStatuses(400);
    const opener = page.getByRole('button', { name: 'Add connection…' });
    await opener.click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Encryption' }).click();
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.locator('[aria-invalid="true"]').first().waitFor();
    expect(await faultsInBothThemes(view)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.locator('button:focus', { hasText: 'Add connection…' }).waitFor();

    await menu(page, 'Shown', 'Edit…');
    await dialog.getByLabel('The newest').waitFor();
    await dialog.getByRole('button', { name: 'Encryption' }).click();
    expect(await faultsInBothThemes(view)).toEqual([]);
    await forget(added);
  });

  it('need no more than 360 pixels', async () => {
    const added = await know('Narrow', { retention: { keep_last: 3 } });
    const { page } = await fixture.open('/', { width: 360, height: 800 });
    await page.getByRole('button', { name: 'Add connection…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Encryption' }).click();
    await dialog.getByLabel('Client key (PEM)').waitFor();
    const wide = () =>
      page.evaluate<string[]>(
        `[...document.querySelectorAll('[role=dialog] *')]
          .filter((part) => part.getBoundingClientRect().right > innerWidth + 1)
          .map(({ outerHTML }) => outerHTML.slice(0, 160))`,
      );
    expect(await wide()).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await menu(page, 'Narrow', 'Edit…');
    await dialog.getByLabel('The newest').waitFor();
    expect(await wide()).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await forget(added);
  });
});
