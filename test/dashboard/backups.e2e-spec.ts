import { createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { runSql } from '../support/run-sql.js';
import { accessibilityFaults } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { overflowing } from '../support/dashboard/overflow.js';

interface Made {
  id: string;
  filename: string;
  path: string;
  sha256: string;
}

const FOREIGN =
  '--\n-- PostgreSQL database dump\n--\nCREATE TABLE t (id int);\n--\n-- PostgreSQL database dump complete\n--\n';

const rows = (page: Page): Locator => page.getByRole('table', { name: 'Backups' }).getByRole('row');
const rowOf = (page: Page, { filename }: Made): Locator => rows(page).filter({ hasText: filename });
const link = (page: Page, { filename }: Made): Locator => page.getByRole('link', { name: filename, exact: true });

async function choose(page: Page, made: Made, item: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${made.filename}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

describe('the pages of backups', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL']);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  it('say what to do first where there is no backup yet', async () => {
    const { page } = await fixture.open('/backups');
    await page.getByText('No backups yet').waitFor();
    await page.getByRole('link', { name: 'Connect to a database' }).click();
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
  });

  describe('with backups', () => {
    let connectionId: string;
    let payroll: Made;
    let archive: Made;
    let broken: Made;

    const backUp = async (order: object = {}): Promise<Made> =>
      (await fixture.call<{ backup: Made }>('POST', '/api/backup', order)).backup;
    const fileOf = ({ path }: Made): string => join(fixture.service.home, path);

    beforeAll(async () => {
      const { host, port, username, password } = fixture.server('PostgreSQL');
      const server = { dbType: 'PostgreSQL', host, port, username, password, sslMode: 'prefer' } as const;
      await runSql({ ...server, database: 'postgres' }, ['CREATE DATABASE shop']);
      const shop = { ...server, database: 'shop' };
      await runSql(shop, ['CREATE TABLE orders (id int PRIMARY KEY)', 'CREATE VIEW recent AS SELECT * FROM orders']);
      await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'shop'));
      const { connections } = await fixture.call<{ connections: { id: string }[] }>('GET', '/api/connections');
      connectionId = connections[0]?.id ?? '';
      await fixture.call('PATCH', `/api/connections/${connectionId}`, { retention: { keep_last: 100 } });
      broken = await backUp({ backup_name: 'broken' });
      await truncate(fileOf(broken), 100);
      await writeFile(join(fixture.service.home, 'backups/legacy.sql'), FOREIGN);
      archive = await backUp({ backup_name: 'archive', compression: 'zstd', backup_location: './backups/weekly' });
      for (let count = 0; count < 24; count += 1) await backUp();
      await runSql(shop, ['INSERT INTO orders SELECT generate_series(1, 20000)']);
      payroll = await backUp({ backup_name: 'payroll' });
    });

    it('list every file of every folder, and say of each what it is', async () => {
      const { page } = await fixture.open('/backups?search=r');
      await rowOf(page, payroll).getByText('Stored, hash equal').waitFor();
      await rowOf(page, archive).getByText('By hand · SQL, zstd · ./backups/weekly').waitFor();
      await rowOf(page, payroll).getByText('By hand · SQL · ./backups', { exact: true }).waitFor();
      await rowOf(page, broken).getByText('Damaged').waitFor();
      expect(await rowOf(page, payroll).innerText()).toMatch(/shop[^]*PostgreSQL[^]*just now/);
      await page.getByRole('searchbox', { name: 'Search' }).fill('legacy');
      await rows(page).filter({ hasText: 'legacy.sql' }).getByText('Foreign').waitFor();
      await page.getByText('1 backup', { exact: true }).waitFor();
    });

    it('are found by a part of a name, and keep the search in the address', async () => {
      const { page } = await fixture.open('/backups');
      await page.getByRole('searchbox', { name: 'Search' }).fill('PAY');
      await page.getByText('1 backup', { exact: true }).waitFor();
      expect(new URL(page.url()).search).toBe('?search=PAY');
      await page.reload();
      await page.getByText('1 backup', { exact: true }).waitFor();
      await link(page, payroll).waitFor();
      await page.getByRole('searchbox', { name: 'Search' }).fill('no such thing');
      await page.getByText('No backup is like that').waitFor();
      await page.getByRole('button', { name: 'Clear search' }).click();
      await page.getByText('1–25 of 28 backups').waitFor();
      expect(await page.getByRole('searchbox', { name: 'Search' }).inputValue()).toBe('');
    });

    it('show those of one connection, or of one status', async () => {
      const { page } = await fixture.open('/backups');
      await page.getByRole('combobox', { name: 'Status' }).click();
      await page.getByRole('option', { name: 'Damaged' }).click();
      await page.getByText('1 backup', { exact: true }).waitFor();
      await link(page, broken).waitFor();
      await page.getByRole('combobox', { name: 'Status' }).click();
      await page.getByRole('option', { name: 'All' }).click();
      await page.getByRole('combobox', { name: 'Connection' }).click();
      await page.getByRole('option', { name: /^shop on/ }).click();
      // All but the foreign one.
      await page.getByText('1–25 of 27 backups').waitFor();
      expect(new URL(page.url()).search).toBe(`?connection=${connectionId}`);
    });

    it('keep a choice that is made while the page still loads the one before it', async () => {
      const { page } = await fixture.open('/backups');
      await page.getByRole('combobox', { name: 'Status' }).click();
      const choice = await page.getByRole('option', { name: 'Damaged' }).elementHandle();
      const head = page.getByRole('columnheader', { name: 'Size' }).getByRole('button');
      await head.evaluate((size: { click(): void }, damaged: typeof size | null) => {
        damaged?.click();
        size.click();
      }, choice);
      await page.getByText('1 backup', { exact: true }).waitFor();
      expect(new URL(page.url()).search).toBe('?status=damaged&sort=size');
    });

    it('are sorted by the column that is clicked, and in the reverse order by a second click', async () => {
      const { page } = await fixture.open('/backups');
      const first = page.getByRole('table', { name: 'Backups' }).getByRole('row').nth(1);
      await page.getByRole('columnheader', { name: 'Created' }).and(page.locator('[aria-sort=descending]')).waitFor();
      const head = page.getByRole('columnheader', { name: 'Size' });
      await head.getByRole('button').click();
      await head.and(page.locator('[aria-sort=descending]')).waitFor();
      await first.getByText(payroll.filename).waitFor();
      await head.getByRole('button').click();
      await first.getByText(broken.filename).waitFor();
      expect(new URL(page.url()).search).toBe('?sort=size&order=asc');
      await page.getByRole('button', { name: 'Next' }).click();
      await link(page, payroll).waitFor();
      await page.reload();
      await link(page, payroll).waitFor();
      await page.getByRole('button', { name: 'Previous' }).click();
      await page.getByRole('columnheader', { name: 'Backup' }).getByRole('button').click();
      await first.getByText(archive.filename).waitFor();
    });

    it('are sorted from a list of orders where the columns have no heads', async () => {
      const { page } = await fixture.open('/backups', { width: 390, height: 844 });
      await page.getByRole('combobox', { name: 'Order' }).click();
      await page.getByRole('option', { name: 'Largest first' }).click();
      await rows(page).nth(1).getByText(payroll.filename).waitFor();
      expect(await page.getByRole('button', { name: 'Size', exact: true }).count()).toBe(0);
    });

    it('can be paged through, forward and back and after a reload', async () => {
      const { page } = await fixture.open('/backups');
      await page.getByText('1–25 of 28 backups').waitFor();
      await page.getByRole('button', { name: 'Next' }).click();
      await page.getByText('26–28 of 28 backups').waitFor();
      await link(page, broken).waitFor();
      await page.reload();
      await link(page, broken).waitFor();
      await page.getByRole('button', { name: 'Previous' }).click();
      await link(page, payroll).waitFor();
      await page.goBack();
      await link(page, broken).waitFor();
    });

    it('lead to a backup with its verification, its contents, its origin and the commands for it', async () => {
      const { page } = await fixture.open('/backups?search=archive');
      await link(page, archive).click();
      await page.getByRole('heading', { level: 1, name: archive.filename }).waitFor();
      for (const step of ['Complete: Passed', 'Stored: Passed', 'Restored: Not yet']) {
        await page.getByRole('listitem', { name: step }).waitFor();
      }
      await page.getByText('1 view').waitFor();
      await page.getByText(archive.sha256, { exact: true }).waitFor();
      const commands = await page.locator('pre').innerText();
      expect(commands).toContain(`zstd -dc ${archive.filename} > ${archive.filename.replace(/\.zst$/, '')}`);
      expect(commands).toContain(`-f ${archive.filename.replace('.zst', '')}`);
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await page.getByRole('button', { name: 'Copy the SHA-256' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      expect(await page.evaluate<string>('navigator.clipboard.readText()')).toBe(archive.sha256);
      await page.reload();
      await page.getByRole('heading', { level: 1, name: archive.filename }).waitFor();
    });

    it('say so of a backup that does not exist', async () => {
      const view = await fixture.open('/backups');
      view.expectStatuses(404);
      await view.page.goto('/backups/00000000-0000-0000-0000-000000000000');
      await view.page.getByText('There is no such backup any more').waitFor();
    });

    it('verify a backup by a restore, and show it without a reload, here and in another browser', async () => {
      const { page } = await fixture.open('/backups?search=payroll');
      const other = await fixture.open(`/backups/${payroll.id}`);
      await other.page.getByRole('listitem', { name: 'Restored: Not yet' }).waitFor();
      await choose(page, payroll, 'Verify: restore and compare it');
      await page.getByRole('progressbar', { name: `Verification of ${payroll.filename}` }).waitFor();
      await rowOf(page, payroll).getByText('Verified by a restore').waitFor();
      await page.getByRole('progressbar').waitFor({ state: 'detached' });
      const restored = other.page.getByRole('listitem', { name: 'Restored: Passed' });
      await restored.getByText(/1 tables?, 20,000 rows/).waitFor();
      await restored.getByText('Recovery time, as measured').waitFor();
    });

    it('say what was wrong with a backup whose file differs when it is read back', async () => {
      const made = await backUp({ backup_name: 'altered' });
      const bytes = await readFile(fileOf(made));
      const { page } = await fixture.open(`/backups/${made.id}`);
      await page.getByRole('listitem', { name: 'Stored: Passed' }).waitFor();
      bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
      await writeFile(fileOf(made), bytes);
      await page.getByRole('button', { name: 'Read it back' }).click();
      await page.getByRole('alert').getByText('its hash differs').waitFor();
      await page.getByRole('listitem', { name: 'Stored: Failed' }).getByText('its hash differs').waitFor();
    });

    it('download exactly the bytes of the file', async () => {
      const { page } = await fixture.open('/backups?search=payroll');
      const [download] = await Promise.all([page.waitForEvent('download'), choose(page, payroll, 'Download')]);
      expect(download.suggestedFilename()).toBe(payroll.filename);
      const bytes = await readFile(await download.path());
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(payroll.sha256);
    });

    it('pin a backup, and refuse to delete it then', async () => {
      const view = await fixture.open('/backups?search=archive');
      const { page } = view;
      await choose(page, archive, 'Pin');
      await rowOf(page, archive).getByRole('img', { name: 'Pinned' }).waitFor();
      await page.reload();
      await rowOf(page, archive).getByRole('img', { name: 'Pinned' }).waitFor();
      view.expectStatuses(409, 422);
      await choose(page, archive, 'Delete');
      const dialog = page.getByRole('dialog', { name: 'Delete this backup?' });
      await dialog.getByRole('button', { name: 'Delete backup' }).click();
      await dialog
        .getByRole('alert')
        .getByText(/pinned/i)
        .first()
        .waitFor();
      await dialog.getByRole('button', { name: 'Cancel' }).click();
      await choose(page, archive, 'Unpin');
      await rowOf(page, archive).getByRole('img', { name: 'Pinned' }).waitFor({ state: 'detached' });
    });

    it('say what is lost with the newest verified backup, and delete one permanently', async () => {
      const { page } = await fixture.open('/backups?search=payroll');
      // By the keyboard alone, which is then where it was.
      const actions = page.getByRole('button', { name: `Actions for ${payroll.filename}` });
      await actions.focus();
      await page.keyboard.press('Enter');
      await page.getByRole('menuitem', { name: 'Restore' }).and(page.locator(':focus')).waitFor();
      await page.keyboard.press('End');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'Delete this backup?' });
      await dialog.getByText('This is the newest backup of shop that is verified by a restore.').waitFor();
      await page.keyboard.press('Escape');
      await actions.and(page.locator(':focus')).waitFor();
      const made = await backUp({ backup_name: 'needless' });
      await page.getByRole('searchbox', { name: 'Search' }).fill('needless');
      await choose(page, made, 'Delete');
      await dialog.getByText(/other whole backups of shop stay/).waitFor();
      await dialog.getByRole('button', { name: 'Delete backup' }).click();
      await page.getByText('No backup is like that').waitFor();
      await expect(readFile(fileOf(made))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('show a backup that somebody else makes while they are open', async () => {
      const { page } = await fixture.open('/backups?search=elsewhere');
      await page.getByText('No backup is like that').waitFor();
      const made = await backUp({ backup_name: 'elsewhere' });
      await link(page, made).waitFor();
    });

    it.each([
      ['/backups', '1–25 of'],
      ['/backups?search=broken', 'Damaged'],
    ])('fit a window of 360 pixels: %s', async (path, text) => {
      const { page } = await fixture.open(path, { width: 360, height: 740 });
      await page.getByText(text).first().waitFor({ state: 'attached' });
      expect(await overflowing(page)).toEqual([]);
    });

    it('of one backup fits a window of 360 pixels, too', async () => {
      const { page } = await fixture.open(`/backups/${archive.id}`, { width: 360, height: 740 });
      await page.getByText(archive.sha256, { exact: true }).waitFor();
      expect(await overflowing(page)).toEqual([]);
    });

    it('are accessible: the list', () =>
      fixture.expectAccessible('/backups', async ({ page }) => {
        await page.getByRole('button', { name: 'What retention would do' }).click();
        await page.getByText('Nothing would go.').waitFor();
      }));

    it('are accessible: one backup', () =>
      fixture.expectAccessible(`/backups/${payroll.id}`, ({ page }) => page.getByText('Recovery time').waitFor()));

    it('are accessible: what can be done with a backup', () =>
      fixture.expectAccessible('/backups?search=payroll', async ({ page }) => {
        await page.getByRole('button', { name: `Actions for ${payroll.filename}` }).click();
        await page.getByRole('menuitem', { name: 'Delete' }).waitFor();
      }));

    it('are accessible: the question before a backup is deleted', () =>
      fixture.expectAccessible('/backups?search=payroll', async ({ page }) => {
        await choose(page, payroll, 'Delete');
        await page.getByText('This is the newest backup of shop').waitFor();
      }));

    it('62: say of a backup whose verification by a restore failed that its file is good, and do not blame the disk', async () => {
      const connection = {
        ...fixture.server('PostgreSQL'),
        dbType: 'PostgreSQL',
        sslMode: 'prefer',
        database: 'shop',
      } as const;
      await runSql(connection, [
        `CREATE FUNCTION ordered(int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM public.orders WHERE id = $1)'`,
        'CREATE TABLE earlier (i int CHECK (ordered(i)))',
        'INSERT INTO earlier VALUES (1)',
      ]);
      await expect(backUp({ backup_name: 'circular', verification: 'restored' })).rejects.toThrow(
        'VERIFICATION_FAILED',
      );
      await runSql(connection, ['DROP TABLE earlier']);
      const { page } = await fixture.open('/backups?search=circular');
      await rows(page).getByText('Verification failed').waitFor();
      await page.getByRole('link', { name: /^circular/ }).click();
      await page
        .getByRole('note')
        .getByText(/^The file is as it was written, but restoring it failed/)
        .waitFor();
      expect(await page.getByText('check the disk').count()).toBe(0);
    });

    it('54: adopt a backup whose manifest was altered, after they have said what that means', async () => {
      const altered = await backUp({ backup_name: 'altered' });
      const manifest = `${fileOf(altered)}.manifest.json`;
      const text = await readFile(manifest, 'utf8');
      await writeFile(manifest, JSON.stringify({ ...(JSON.parse(text) as object), warnings: ['Trust me.'] }));
      const view = await fixture.open('/backups?search=altered');
      const { page } = view;
      await rowOf(page, altered).getByText('Foreign').waitFor();
      await page.getByRole('link', { name: altered.filename }).click();
      const note = page.getByRole('note').filter({ hasText: 'Treated as a foreign dump' });
      await note.getByText(/^Its manifest was altered after it was signed\./).waitFor();
      expect(await page.getByText('POST /api').count()).toBe(0);
      await note.getByRole('button', { name: 'Adopt…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Adopt this backup?' });
      await dialog.getByText(/Do it only if you know where the file comes from\./).waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
      // The page may ask once more for the id that the file had until then.
      view.expectStatuses(404);
      await dialog.getByRole('button', { name: 'Adopt backup' }).click();
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('Stored, hash equal').first().waitFor();
      await note.waitFor({ state: 'detached' });
      expect(new URL(page.url()).pathname).toBe(`/backups/${altered.id}`);
      await fixture.call('DELETE', `/api/backups/${altered.id}`);
    });

    it('20: show the roles that a dump refers to, and create the missing ones after showing how', async () => {
      const server = fixture.server('PostgreSQL');
      const admin = server.connection('postgres');
      await runSql(admin, ['CREATE ROLE clerk NOLOGIN CREATEDB']);
      await runSql(server.connection('shop'), ['CREATE TABLE bills (i int)', 'ALTER TABLE bills OWNER TO clerk']);
      const owned = await backUp({ backup_name: 'owned' });
      await runSql(server.connection('shop'), ['DROP TABLE bills']);
      await runSql(admin, ['DROP ROLE clerk']);
      const { page } = await fixture.open(`/backups/${owned.id}`);
      const roles = page.getByRole('region', { name: 'Roles' });
      await roles.getByText('clerk', { exact: true }).waitFor();
      await roles.getByRole('button', { name: 'Show what would be made' }).click();
      await roles.getByText(/^Nothing was changed\. 1 role would be made; \d (was|were) there\.$/).waitFor();
      await roles.getByText(/CREATE ROLE "?clerk"?/).waitFor();
      const there = () => runSql(admin, [`SELECT 1 FROM pg_roles WHERE rolname = 'clerk' AND rolcreatedb`]);
      expect(await there()).toHaveLength(0);
      expect(await accessibilityFaults(page)).toEqual([]);
      await roles.getByRole('button', { name: 'Make 1 role' }).click();
      await roles.getByText(/^1 role was made; /).waitFor();
      expect(await there()).toHaveLength(1);
      expect(await roles.getByRole('button', { name: /^Make/ }).count()).toBe(0);
      await fixture.call('DELETE', `/api/backups/${owned.id}`);
    });

    it('rebuild the catalog from the folders, and show the result', async () => {
      const { page } = await fixture.open('/backups');
      await page.getByRole('button', { name: 'More actions' }).click();
      await page.getByRole('menuitem', { name: 'Rebuild the catalog from the folders' }).click();
      await page.getByText(/The catalog was rebuilt from storage: \d+ backups\./).waitFor();
    });

    it('tell what retention would do and why, and do it when it is confirmed', async () => {
      await fixture.call('PATCH', `/api/connections/${connectionId}`, { retention: { keep_last: 2 } });
      const { page } = await fixture.open('/backups');
      await page.getByRole('button', { name: 'What retention would do' }).click();
      await page.getByText('Keeps the newest 2.').waitFor();
      const going = page.getByRole('table', { name: /^Would go/ });
      await going.getByText('Older than the newest 2').first().waitFor();
      await page.getByRole('button', { name: 'Apply now…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Apply the retention now?' });
      await dialog.getByRole('button', { name: /^Delete \d+ backups$/ }).click();
      await page.getByText('Nothing would go.').waitFor();
      // These stay: the verified one, the newest two in the folder, the one in the other folder, the incomplete and the foreign files.
      await page.getByText(/^\d backups$/).waitFor();
      await link(page, payroll).first().waitFor();
      expect(await accessibilityFaults(page)).toEqual([]);
    });
  });
});
