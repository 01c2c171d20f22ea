import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DAMAGED, GOOD, RestoreStage, slowWhereCopied } from '../support/dashboard/restore-stage.js';

describe('restoring a backup from the dashboard', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL', 'MySQL'], { BACKUP_RETENTION_COUNT: '50' });
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  const dialogOf = (page: Page) => page.getByRole('dialog');

  it.each(['PostgreSQL', 'MySQL'] as const)(
    'brings back a damaged %s database, takes that back, and takes that back again',
    async (engine) => {
      const stage = await RestoreStage.make(fixture, engine, 'round');
      await stage.damage();
      const { page } = await fixture.open('/backups');
      await stage.open(page);
      const dialog = dialogOf(page);

      await dialog.getByText('Loaded into a staging database').waitFor();
      await dialog.getByText(/^1 table: /).waitFor();
      await dialog.getByText('For 24 hours, with one click.').waitFor();
      expect(await stage.state()).toEqual(DAMAGED);

      await dialog.getByRole('button', { name: 'Continue' }).click();
      const restore = dialog.getByRole('button', { name: 'Restore', exact: true });
      const name = dialog.getByLabel('Type round to confirm');
      expect(await restore.isDisabled()).toBe(true);
      await name.fill('roun');
      expect(await restore.isDisabled()).toBe(true);
      await name.press('Enter');
      await name.fill('round');
      await restore.click();

      await dialog.getByText('round is restored').waitFor();
      await dialog.getByText(/The database could not be used for|Staging database, then swap/).waitFor();
      expect(await stage.state()).toEqual(GOOD);

      for (const [button, expected] of [
        ['Undo the restore', DAMAGED],
        ['Undo the undo', GOOD],
      ] as const) {
        await dialog.getByRole('button', { name: 'Undo', exact: true }).click();
        const undo = dialog.getByRole('button', { name: button });
        expect(await undo.isDisabled()).toBe(true);
        await dialog.getByLabel('Type round to confirm').fill('round');
        await undo.click();
        await dialog.getByText('round is as before').waitFor();
        expect(await stage.state()).toEqual(expected);
      }
      await dialog.getByRole('button', { name: 'Done' }).click();
      await dialog.waitFor({ state: 'detached' });
    },
  );

  it.each(['PostgreSQL', 'MySQL'] as const)(
    'restores one table of a %s database and leaves the others as they are',
    async (engine) => {
      const stage = await RestoreStage.make(fixture, engine, 'single');
      await stage.damage();
      const view = await fixture.open('/backups');
      const { page } = view;
      view.expectStatuses(400, 422);
      await stage.open(page);
      const dialog = dialogOf(page);
      await dialog.getByLabel('Only some tables').check();
      const tables = dialog.getByRole('combobox', { name: 'Tables' }).or(dialog.getByLabel('Tables', { exact: true }));
      await tables.first().fill('ordres');
      await tables.first().press('Enter');
      await dialog
        .getByRole('alert')
        .getByText(/ordres/)
        .waitFor();
      expect(await dialog.getByRole('button', { name: /Continue|Restore/ }).isDisabled()).toBe(true);

      await tables.first().press('Backspace');
      await tables.first().fill('orders');
      await tables.first().press('Enter');
      await dialog.getByText(/table (public\.)?orders of “single”/).waitFor();
      await stage.confirm(page);
      await dialog.getByText(/orders of single is restored/).waitFor();
      expect(await stage.state()).toEqual({ ...DAMAGED, orders: GOOD.orders });
    },
  );

  it('restores into a new database without asking, as nothing is replaced', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'living');
    await stage.damage();
    const { page } = await fixture.open('/backups');
    await stage.open(page);
    const dialog = dialogOf(page);
    await dialog.getByLabel('Another database').check();
    await dialog.getByLabel('Name of the other database').fill('sibling');
    await dialog.getByText('Nothing: there is no “sibling” yet.').waitFor();
    await dialog.getByRole('button', { name: 'More options' }).click();
    await dialog.getByRole('combobox', { name: 'Compare by' }).click();
    await page.getByRole('option', { name: 'Objects and rows: cheaper' }).click();
    const restore = dialog.getByRole('button', { name: 'Restore', exact: true });
    await restore.and(page.locator(':enabled')).waitFor();
    const [asked] = await Promise.all([
      page.waitForRequest(
        (request) => request.url().endsWith('/api/restore') && request.postDataJSON()?.dry_run === undefined,
      ),
      restore.click(),
    ]);
    expect(asked.postDataJSON()).toMatchObject({ compare: 'counts', target_database: 'sibling' });
    await dialog.getByText('sibling is restored').waitFor();
    expect(await stage.state('sibling')).toEqual(GOOD);
    expect(await stage.state()).toEqual(DAMAGED);
    expect(await dialog.getByRole('button', { name: 'Undo' }).count()).toBe(0);
  });

  it('refuses a damaged file at the file, and a file that is damaged after the plan, with the database as it was', async () => {
    const stage = await RestoreStage.make(fixture, 'MySQL', 'altered');
    await stage.damage();
    const view = await fixture.open('/backups');
    const { page } = view;
    view.expectStatuses(422);
    await stage.open(page);
    const dialog = dialogOf(page);
    await dialog.getByText('Loaded into a staging database').waitFor();
    const file = join(fixture.service.home, 'backups', stage.filename);
    const content = await readFile(file);
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    await writeFile(file, content);

    await stage.confirm(page);
    await dialog.getByText('The restore failed').waitFor();
    await dialog.getByText(/Nothing was changed|is as it was before/).waitFor();
    expect(await stage.state()).toEqual(DAMAGED);

    await dialog.getByRole('button', { name: 'Back to the choices' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/hash|altered|SHA-256/i)
      .first()
      .waitFor();
    expect(await dialog.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
  });

  it('37: asks which one of several databases in a file is to be restored, and restores that one', async () => {
    const stage = await RestoreStage.make(fixture, 'MySQL', 'several');
    await stage.damage();
    const part = (name: string, word: string): string =>
      `CREATE DATABASE \`${name}\`;\n\nUSE \`${name}\`;\n\nCREATE TABLE \`orders\` (\`id\` int, \`word\` text);\n` +
      `INSERT INTO \`orders\` VALUES (1,'${word}');\n\nCREATE TABLE \`notes\` (\`id\` int, \`word\` text);\n\n`;
    const head = '-- MariaDB dump 10.19  Distrib 10.11.6-MariaDB\n--\n-- Host: localhost    Database: \n-- ---\n\n';
    const script = `${head}${part('one', 'first')}${part('two', 'second')}-- Dump completed on 2026-11-29 12:00:00\n`;
    await writeFile(join(fixture.service.home, 'backups', 'whole_server.sql'), script);
    const view = await fixture.open('/backups');
    const { page } = view;
    view.expectStatuses(400, 422);
    await page.getByRole('button', { name: 'Actions for whole_server.sql' }).click();
    await page.getByRole('menuitem', { name: 'Restore…' }).click();
    const dialog = dialogOf(page);
    await dialog.getByRole('combobox', { name: 'Connection' }).click();
    await dialog.getByRole('option', { name: /several/ }).click();
    const name = dialog.getByLabel('Database in the file');
    await dialog.getByText(/holds several databases: one, two\./).waitFor();
    expect(await faultsInBothThemes(view)).toEqual([]);
    await name.fill('three');
    await dialog.getByText(/holds no database "three": the file holds one, two\./).waitFor();
    await name.fill('');
    await dialog.getByText(/holds several databases: one, two\./).waitFor();
    await name.fill('two');
    await dialog.getByText('Loaded into a staging database').waitFor();
    await dialog.getByText('Only what the dump holds of "two" is restored').waitFor();
    await stage.confirm(page);
    await dialog.getByText('several is restored').waitFor();
    expect(await stage.state()).toEqual({ orders: 'second', notes: '' });
  });

  it('can be cancelled while it loads, with the database as it was', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'halted', slowWhereCopied(120));
    await stage.damage();
    const { page } = await fixture.open('/backups');
    await stage.open(page);
    const dialog = dialogOf(page);
    await stage.confirm(page);
    await dialog.getByRole('status').getByText('Load').waitFor();
    await dialog.getByRole('button', { name: 'Cancel: Restore of halted' }).click();
    await dialog.getByText('The restore was cancelled', { exact: true }).waitFor();
    await dialog.getByText(/Nothing was changed|is as it was before/).waitFor();
    expect(await stage.state()).toEqual(DAMAGED);
    expect(await stage.sql("SELECT 1 FROM pg_database WHERE datname LIKE 'halted\\_\\_%'")).toEqual([]);
  });

  it('goes on when the dialog is closed, and says then how it ended', async () => {
    const stage = await RestoreStage.make(fixture, 'PostgreSQL', 'closed', slowWhereCopied(2));
    await stage.damage();
    const { page } = await fixture.open('/backups');
    await stage.open(page);
    await stage.confirm(page);
    await dialogOf(page).getByText('the work goes on, and Activity shows it').waitFor();
    await dialogOf(page).getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByText('Restore of closed succeeded').waitFor();
    expect(await stage.state()).toEqual(GOOD);
    await page.getByRole('button', { name: 'Look, or undo' }).click();
    await page.getByRole('heading', { level: 1, name: 'Restores' }).waitFor();
  });
});
