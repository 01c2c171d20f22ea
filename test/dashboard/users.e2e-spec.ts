import type { Locator, Page } from 'playwright-core';
import { faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import type { Engine } from '../support/dashboard/dashboard-fixture.js';
import { overflowing } from '../support/dashboard/overflow.js';
import { runSql } from '../support/run-sql.js';

const rowOf = (page: Page, name: string): Locator =>
  page
    .getByRole('table', { name: 'Database users' })
    .getByRole('row')
    .filter({ has: page.getByText(name, { exact: true }) });
const dialogOf = (page: Page): Locator => page.getByRole('dialog');
const field = (page: Page, name: string): Locator => dialogOf(page).getByRole('textbox', { name, exact: true });
/** It has no role; where it must be given, a star stands behind its label. */
const passwordIn = (page: Page): Locator => dialogOf(page).getByLabel(/^(Password|New password)( \*)?$/);
/** What is read out with a field as its fault. */
const faultOf = async (input: Locator): Promise<string> => {
  const id = (await input.getAttribute('aria-describedby'))?.split(' ').find((part) => part.endsWith('-error')) ?? '';
  return input.page().locator(`[id="${id}"]`).innerText();
};

describe('the page of database users', () => {
  let fixture: DashboardFixture;
  const admin = (engine: Engine, database = 'shop') => fixture.server(engine).connection(database);
  const login = (engine: Engine, username: string, password: string, database = 'shop') =>
    runSql({ ...admin(engine, database), username, password }, ['SELECT 1 AS one']);
  const connect = (engine: Engine, change: object = {}) =>
    fixture.call('POST', '/api/connect', { ...fixture.login(engine, 'shop'), ...change });
  const make = (body: object) => fixture.call('POST', '/api/users', { operation: 'Create User', ...body });

  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL', 'MySQL']);
    await runSql(admin('PostgreSQL', 'postgres'), ['CREATE DATABASE shop']);
    await runSql(admin('MySQL', 'mysql'), ['CREATE DATABASE shop', 'CREATE TABLE shop.orders (id int)']);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  it('says what to do first while nothing is connected', async () => {
    const { page } = await fixture.open('/users');
    await page.getByText('Not connected', { exact: true }).last().waitFor();
    await page.getByRole('link', { name: 'Connect to a database' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  describe('with PostgreSQL', () => {
    beforeAll(() => connect('PostgreSQL'));

    it('creates a user, with a password made for it, who can log in and do what was ticked', async () => {
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Create user' }).click();
      await field(page, 'Name').fill('Ann "the reporter"');
      await dialogOf(page).getByRole('button', { name: 'Generate' }).click();
      const password = await passwordIn(page).inputValue();
      expect(password).toHaveLength(24);
      await dialogOf(page).getByRole('checkbox', { name: 'Create databases' }).check();
      await dialogOf(page).getByRole('button', { name: 'Create user' }).click();
      await rowOf(page, 'Ann "the reporter"').getByText('Creates databases').waitFor();
      await dialogOf(page).waitFor({ state: 'detached' });
      const ann = { ...admin('PostgreSQL'), username: 'Ann "the reporter"', password };
      await runSql(ann, ['CREATE DATABASE of_ann', 'DROP DATABASE of_ann']);
    });

    it('shows a password only to who wants to see it', async () => {
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Create user' }).click();
      await passwordIn(page).fill('hush');
      expect(await passwordIn(page).getAttribute('type')).toBe('password');
      await dialogOf(page).getByRole('button', { name: 'Show the password' }).press('Enter');
      expect(await passwordIn(page).getAttribute('type')).toBe('text');
    });

    it('changes the password and privileges of a user, and nothing that was not touched', async () => {
      await make({ username: 'bea', password: 'first', privileges: ['CREATEDB', 'BYPASSRLS'] });
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Modify bea' }).click();
      const save = dialogOf(page).getByRole('button', { name: 'Save changes' });
      expect(await save.isDisabled()).toBe(true);
      await passwordIn(page).fill('second');
      await dialogOf(page).getByRole('checkbox', { name: 'Create databases' }).uncheck();
      await save.click();
      await rowOf(page, 'bea').getByText('Creates databases').waitFor({ state: 'detached' });
      await rowOf(page, 'bea').getByText('Bypasses row security').waitFor();
      await expect(login('PostgreSQL', 'bea', 'first')).rejects.toThrow(/password authentication failed/);
      await login('PostgreSQL', 'bea', 'second');
    });

    it('warns of what a superuser may', async () => {
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Create user' }).click();
      await dialogOf(page).getByRole('checkbox', { name: 'Superuser' }).check();
      await dialogOf(page).getByText('A superuser may do everything').waitFor();
    });

    it('deletes a user once the name is typed', async () => {
      await make({ username: 'carl', password: 'pw' });
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Delete carl' }).click();
      const confirm = dialogOf(page).getByRole('button', { name: 'Delete user' });
      expect(await confirm.isDisabled()).toBe(true);
      await dialogOf(page).getByRole('textbox', { name: 'Type carl to confirm' }).fill('carl');
      await confirm.click();
      await rowOf(page, 'carl').waitFor({ state: 'detached' });
      await expect(login('PostgreSQL', 'carl', 'pw')).rejects.toThrow(/password authentication failed/);
    });

    it('says why a user is not deleted who owns something', async () => {
      await make({ username: 'dora', password: 'pw' });
      await runSql(admin('PostgreSQL'), ['CREATE TABLE dear (id int)', 'ALTER TABLE dear OWNER TO dora']);
      const view = await fixture.open('/users');
      const { page } = view;
      view.expectStatuses(409);
      await page.getByRole('button', { name: 'Delete dora' }).click();
      await dialogOf(page).getByRole('textbox', { name: 'Type dora to confirm' }).fill('dora');
      await dialogOf(page).getByRole('button', { name: 'Delete user' }).click();
      await dialogOf(page).getByRole('alert').getByText('owner of table public.dear').waitFor();
      await dialogOf(page).getByRole('alert').getByText('REASSIGN OWNED').waitFor();
    });

    it('says at the name what is wrong with it, and takes a better one', async () => {
      await make({ username: 'taken', password: 'pw' });
      const view = await fixture.open('/users');
      const { page } = view;
      view.expectStatuses(400, 409);
      await page.getByRole('button', { name: 'Create user' }).click();
      const create = dialogOf(page).getByRole('button', { name: 'Create user' });
      for (const [name, fault] of [
        ['', 'Is empty.'],
        ['pg_mine', 'The name "pg_mine" is reserved by PostgreSQL.'],
        ['x'.repeat(64), 'Is 64 bytes long in UTF-8; PostgreSQL allows 63 for the name of a user.'],
        ['taken', 'There is a user "taken" already. Modify it, or take another name.'],
      ] as const) {
        await field(page, 'Name').fill(name);
        await create.click();
        await dialogOf(page).getByText(fault, { exact: true }).waitFor();
        expect(await faultOf(field(page, 'Name'))).toBe(fault);
        await field(page, 'Name').and(page.locator(':focus')).waitFor();
      }
      await field(page, 'Name').fill('free');
      await create.click();
      await rowOf(page, 'free').waitFor();
    });

    it('marks the user that the service itself is, warns before its password changes, and never offers to delete it', async () => {
      const { page } = await fixture.open('/users');
      await rowOf(page, 'postgres').getByText('This service').waitFor();
      expect(await page.getByRole('button', { name: 'Delete postgres' }).count()).toBe(0);
      await page.getByRole('button', { name: 'Modify postgres' }).click();
      await passwordIn(page).fill('x');
      await dialogOf(page).getByText('This service itself logs in as postgres').waitFor();
    });

    it('finds one among many by name or privilege', async () => {
      for (let number = 0; number < 8; number += 1) await make({ username: `many_${number}`, password: 'pw' });
      await make({ username: 'mirror', password: 'pw', privileges: ['REPLICATION'] });
      const { page } = await fixture.open('/users');
      await page.getByRole('searchbox', { name: 'Search users' }).fill('many_3');
      await rowOf(page, 'many_3').waitFor();
      await rowOf(page, 'many_4').waitFor({ state: 'detached' });
      await page.getByRole('searchbox', { name: 'Search users' }).fill('replic');
      await rowOf(page, 'mirror').waitFor();
      await page.getByRole('button', { name: 'Clear the search' }).click();
      await rowOf(page, 'many_4').waitFor();
    });

    it('sees what was changed on the server itself when it is asked to look again', async () => {
      const { page } = await fixture.open('/users');
      await rowOf(page, 'postgres').waitFor();
      await runSql(admin('PostgreSQL'), ['CREATE ROLE made_by_psql LOGIN']);
      await page.getByRole('button', { name: 'Refresh' }).click();
      await rowOf(page, 'made_by_psql').waitFor();
    });

    it('says in words what the connected user may not do', async () => {
      await make({ username: 'weak', password: 'pw' });
      await connect('PostgreSQL', { username: 'weak', password: 'pw' });
      const view = await fixture.open('/users');
      const { page } = view;
      view.expectStatuses(422);
      await rowOf(page, 'weak').getByText('This service').waitFor();
      await page.getByRole('button', { name: 'Create user' }).click();
      await field(page, 'Name').fill('other');
      await dialogOf(page).getByRole('button', { name: 'Create user' }).click();
      await dialogOf(page).getByRole('alert').getByText('The connected user may not do this to "other"').waitFor();
      // The page of another user shows that user's server anew, by itself.
      await connect('PostgreSQL');
      await rowOf(page, 'postgres').getByText('This service').waitFor();
    });
  });

  describe('with MariaDB', () => {
    beforeAll(() => connect('MySQL'));

    /** Types names into a list of tags. */
    const grant = async (page: Page, list: string, names: readonly string[]): Promise<void> => {
      const input = dialogOf(page).getByRole('combobox', { name: list });
      await input.click();
      for (const name of names) {
        await input.fill(name);
        await input.press('Enter');
      }
      // Closes the suggestions, which lie over what is below.
      await input.press('Tab');
    };

    it('creates an account with privileges on the database and on the server, which it then has', async () => {
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Create user' }).click();
      await field(page, 'Name').fill('eve');
      await passwordIn(page).fill('pw-of-eve');
      await grant(page, 'Privileges on shop', ['select', 'show view']);
      await grant(page, 'Privileges on the whole server', ['PROCESS']);
      await dialogOf(page).getByRole('button', { name: 'Create user' }).click();
      await rowOf(page, 'eve').getByText('SELECT, SHOW VIEW').waitFor();
      await rowOf(page, 'eve').getByText('PROCESS').waitFor();
      const eve = { ...admin('MySQL'), username: 'eve', password: 'pw-of-eve' };
      await runSql(eve, ['SELECT * FROM orders']);
      await expect(runSql(eve, ['INSERT INTO orders VALUES (1)'])).rejects.toThrow(/denied/);
    });

    it('changes password and privileges', async () => {
      await make({ username: 'fred', password: 'first', privileges: ['SELECT', 'PROCESS'] });
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Modify fred@%' }).click();
      await passwordIn(page).fill('second');
      await grant(page, 'Privileges on shop', ['INSERT']);
      const server = dialogOf(page).getByRole('combobox', { name: 'Privileges on the whole server' });
      await server.click();
      await server.press('Backspace');
      await dialogOf(page).getByRole('button', { name: 'Save changes' }).click();
      await rowOf(page, 'fred').getByText('SELECT, INSERT').waitFor();
      await rowOf(page, 'fred').getByText('PROCESS').waitFor({ state: 'detached' });
      await expect(login('MySQL', 'fred', 'first')).rejects.toThrow(/denied/);
      await runSql({ ...admin('MySQL'), username: 'fred', password: 'second' }, ['INSERT INTO orders VALUES (1)']);
    });

    it('says at password, host and privileges what is wrong with them', async () => {
      const view = await fixture.open('/users');
      const { page } = view;
      view.expectStatuses(400, 422);
      await page.getByRole('button', { name: 'Create user' }).click();
      const create = dialogOf(page).getByRole('button', { name: 'Create user' });
      await field(page, 'Name').fill('gus');
      await create.click();
      await dialogOf(page).getByText('A password is required').waitFor();
      expect(await faultOf(passwordIn(page))).toContain('lets anybody in');
      await passwordIn(page).fill('pw');
      await field(page, 'From host').fill('a@b');
      await create.click();
      await dialogOf(page).getByText('The host holds a character that no host has.').waitFor();
      expect(await faultOf(field(page, 'From host'))).toBe('The host holds a character that no host has.');
      await field(page, 'From host').fill('localhost');
      await grant(page, 'Privileges on shop', ['SELECT', 'FLY']);
      await create.click();
      await dialogOf(page).getByText('The server knows no privilege "FLY"').waitFor();
      const list = dialogOf(page).getByRole('combobox', { name: 'Privileges on shop' });
      expect(await faultOf(list)).toContain('SHOW PRIVILEGES');
      await list.press('Backspace');
      await create.click();
      await rowOf(page, 'gus').getByText('localhost').waitFor();
    });

    it('deletes the account of one host and leaves its namesake', async () => {
      await make({ username: 'hal', password: 'pw' });
      await make({ username: 'hal', password: 'pw', host: '10.0.%' });
      const { page } = await fixture.open('/users');
      await page.getByRole('button', { name: 'Delete hal@10.0.%' }).click();
      await dialogOf(page).getByRole('textbox', { name: 'Type hal to confirm' }).fill('hal');
      await dialogOf(page).getByRole('button', { name: 'Delete user' }).click();
      await page.getByRole('button', { name: 'Delete hal@10.0.%' }).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Delete hal@%' }).waitFor();
      await login('MySQL', 'hal', 'pw', 'information_schema');
    });

    it('says in words that the connected user may not see the users', async () => {
      await make({ username: 'ivy', password: 'pw', privileges: ['SELECT'] });
      await connect('MySQL', { username: 'ivy', password: 'pw' });
      const view = await fixture.open('/');
      view.expectStatuses(422);
      await view.page.getByRole('navigation').getByRole('link', { name: 'Database users' }).click();
      await view.page.getByRole('alert').getByText('Managing users takes CREATE USER').waitFor();
      await connect('MySQL');
      await rowOf(view.page, 'ivy').waitFor();
    });
  });

  describe('accessibility', () => {
    const create = (page: Page) => page.getByRole('button', { name: 'Create user' });

    it('is accessible with either engine and in each dialog', async () => {
      for (const engine of ['PostgreSQL', 'MySQL'] as const) {
        await connect(engine);
        await make({ username: 'looked_at', password: 'pw' });
        const view = await fixture.open('/users');
        const { page } = view;
        const expectNoFaults = async (what: string): Promise<void> => {
          expect({ engine, what, faults: await faultsInBothThemes(view) }).toMatchObject({ faults: [] });
        };
        await rowOf(page, 'looked_at').waitFor();
        await expectNoFaults('the list');
        await page.getByRole('button', { name: /^Delete looked_at/ }).click();
        await dialogOf(page).getByRole('button', { name: 'Delete user' }).waitFor();
        await expectNoFaults('the question');
        await dialogOf(page).getByRole('button', { name: 'Cancel' }).click();
        await create(page).click();
        await dialogOf(page).getByRole('button', { name: 'Generate' }).click();
        view.expectStatuses(400);
        await dialogOf(page).getByRole('button', { name: 'Create user' }).click();
        await dialogOf(page).getByText('Is empty.').waitFor();
        if (engine === 'PostgreSQL') await dialogOf(page).getByRole('checkbox', { name: 'Superuser' }).check();
        else await dialogOf(page).getByRole('combobox', { name: 'Privileges on shop' }).click();
        await expectNoFaults('the form with a fault');
      }
    });

    it('can be used with the keyboard alone, and gives the focus back', async () => {
      await connect('PostgreSQL');
      const { page } = await fixture.open('/users');
      await create(page).focus();
      await page.keyboard.press('Enter');
      await field(page, 'Name').and(page.locator(':focus')).waitFor();
      await page.keyboard.type('by_keys');
      await page.keyboard.press('Tab');
      await page.keyboard.type('secret');
      await page.keyboard.press('Enter');
      await rowOf(page, 'by_keys').waitFor();
      await dialogOf(page).waitFor({ state: 'detached' });
      await create(page).and(page.locator(':focus')).waitFor();
      await login('PostgreSQL', 'by_keys', 'secret');
      await create(page).press('Enter');
      await field(page, 'Name').and(page.locator(':focus')).waitFor();
      await page.keyboard.press('Escape');
      await dialogOf(page).waitFor({ state: 'detached' });
    });

    it('fits a telephone', async () => {
      for (const engine of ['PostgreSQL', 'MySQL'] as const) {
        await connect(engine);
        const { page } = await fixture.open('/users', { width: 360, height: 740 });
        await page
          .getByRole('button', { name: /^Modify / })
          .first()
          .waitFor();
        expect(await overflowing(page)).toEqual([]);
        await create(page).click();
        await dialogOf(page).getByRole('button', { name: 'Generate' }).click();
        expect(await overflowing(page)).toEqual([]);
      }
    });
  });
});
