import { accessibilityFaults } from '../support/dashboard/accessibility.js';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';

const PAGES = [
  ['/', 'Overview'],
  ['/backups', 'Backups'],
  ['/restores', 'Restores'],
  ['/schedules', 'Schedules'],
  ['/users', 'Database users'],
  ['/activity', 'Activity'],
  ['/settings', 'Settings'],
] as const;

describe('the dashboard around its pages', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start([]);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  it.each(PAGES)('shows %s by its address, and again after a reload', async (path, title) => {
    const { page } = await fixture.open(path);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    expect(await page.title()).toBe(`${title} · Database Backup Service`);
  });

  it.each(['light', 'dark'] as const)('opens in the %s theme where the system prefers it', async (scheme) => {
    const { page } = await fixture.open('/', { scheme });
    expect(await page.locator('html').getAttribute('data-mantine-color-scheme')).toBe(scheme);
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('leads from page to page by its menu', async () => {
    const { page } = await fixture.open('/');
    for (const [path, title] of PAGES.toReversed()) {
      await page.getByRole('navigation').getByRole('link', { name: title, exact: true }).click();
      await page.getByRole('heading', { level: 1, name: title }).waitFor();
      expect(new URL(page.url()).pathname).toBe(path);
    }
  });

  it('says so where there is no page', async () => {
    const { page } = await fixture.open('/no/such/page');
    await page.getByRole('heading', { level: 1, name: 'No such page' }).waitFor();
  });
});
