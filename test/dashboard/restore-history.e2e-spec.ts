import { faultsInBothThemes } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';
import { DAMAGED, GOOD, RestoreStage } from '../support/dashboard/restore-stage.js';

describe('the history of restores', () => {
  let fixture: DashboardFixture;
  let stage: RestoreStage;
  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL']);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  const restore = (body: object = {}) =>
    fixture.call<{ restore: { id: string } }>('POST', '/api/restore', {
      backup_file_path: `./backups/${stage.filename}`,
      connection_id: stage.connectionId,
      ...body,
    });

  it('says what to do first while there is none', async () => {
    const { page } = await fixture.open('/restores');
    await page.getByText('Nothing was restored yet').waitFor();
    await page.getByRole('link', { name: 'backups', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: 'Backups' }).waitFor();
  });

  it('tells of each what it did, and undoes it, without a reload', async () => {
    stage = await RestoreStage.make(fixture, 'PostgreSQL', 'past');
    await stage.damage();
    const { page } = await fixture.open('/restores');
    await page.getByText('Nothing was restored yet').waitFor();
    await restore();
    const row = page.getByRole('row').filter({ hasText: stage.filename });
    await row.getByText('Succeeded').waitFor();
    await row.getByText('Staging database, then swap').waitFor();
    await row.getByText(/^locked for /).waitFor();
    await row.getByText(/23 hrs? 59 mins? left/).waitFor();
    await page.getByText(/^Old states take/).waitFor();

    await row.getByRole('button', { name: 'Undo the restore of past' }).click();
    const dialog = page.getByRole('dialog', { name: 'Undo the restore of past' });
    await dialog.getByText(/What was written since then is not lost/).waitFor();
    const undo = dialog.getByRole('button', { name: 'Undo the restore' });
    await dialog.getByLabel('Type past to confirm').fill('Past');
    expect(await undo.isDisabled()).toBe(true);
    await dialog.getByLabel('Type past to confirm').fill('past');
    await undo.click();
    await dialog.getByText('past is as before').waitFor();
    expect(await stage.state()).toEqual(DAMAGED);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row').filter({ hasText: 'Undo of a restore of past' }).getByText('Succeeded').waitFor();
    await page.getByRole('row').filter({ hasNotText: 'Undo of' }).getByText('Undone').waitFor();
  });

  it('drops a previous database to free its space, once that is confirmed', async () => {
    const { page } = await fixture.open('/restores');
    await page.getByRole('button', { name: 'Drop the old state of past' }).click();
    const dialog = page.getByRole('dialog', { name: 'Drop the old state of past?' });
    await dialog.getByText(/past__before_\w+/).waitFor();
    await dialog.getByText(/which frees [\d.]+ MB/).waitFor();
    await dialog.getByRole('button', { name: 'Drop the old state' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Old state dropped').waitFor();
    await page.getByText('No old state is kept on a server now.').waitFor();
    expect(await stage.sql("SELECT 1 FROM pg_database WHERE datname LIKE 'past\\_\\_%'")).toEqual([]);
    expect(await stage.state()).toEqual(DAMAGED);
  });

  it('names the tables that alone were restored, and undoes them without asking for a name', async () => {
    await restore({ tables: ['notes'] });
    const { page } = await fixture.open('/restores');
    const row = page.getByRole('row').filter({ hasText: 'Only notes' }).first();
    await row.getByRole('button', { name: 'Undo the restore of past' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Type past to confirm').waitFor({ state: 'detached' });
    expect((await stage.state())['notes']).toBe(GOOD.notes);
    await dialog.getByRole('button', { name: 'Undo the restore' }).click();
    await dialog.getByText(/notes of past is as before/).waitFor();
    expect((await stage.state())['notes']).toBe(DAMAGED.notes);
  });

  it('says of one that failed why, and what to do', async () => {
    await expect(restore({ tables: ['nowhere'] })).rejects.toThrow('nowhere');
    const { page } = await fixture.open('/restores');
    const row = page.getByRole('row').filter({ hasText: 'Failed' });
    await row
      .getByText(/nowhere/)
      .first()
      .waitFor();
    await row.getByText('Nothing to undo').waitFor();
  });

  it('shows older ones when asked', async () => {
    const { page } = await fixture.open('/');
    // As if there were more of them than a page holds.
    await page.route('**/api/restores?*', (route) =>
      route.continue({ url: route.request().url().replace('limit=25', 'limit=2') }),
    );
    await page.getByRole('navigation').getByRole('link', { name: 'Restores' }).click();
    const rows = page.getByRole('table', { name: 'Restores' }).getByRole('row');
    await page.getByRole('button', { name: 'Show more' }).click();
    await rows.nth(4).waitFor();
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByRole('button', { name: 'Show more' }).waitFor({ state: 'detached' });
    expect(await rows.count()).toBe(1 + 5);
  });

  it('is accessible in both themes, and fits a telephone', async () => {
    await restore();
    await fixture.expectAccessible('/restores', ({ page }) =>
      page.getByRole('button', { name: 'Undo the restore of past' }).first().waitFor(),
    );
    const view = await fixture.open('/restores', { width: 360, height: 740 });
    const { page } = view;
    const first = page.getByRole('button', { name: 'Drop the old state of past' }).first();
    await first.waitFor();
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360);
    await first.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Drop the old state' }).waitFor();
    expect(await faultsInBothThemes(view)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Undo the restore of past' }).first().click();
    await page.getByRole('dialog').getByLabel('Type past to confirm').fill('past');
    expect(await faultsInBothThemes(view)).toEqual([]);
  });
});
