import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { DashboardFixture } from '../support/dashboard/dashboard-fixture.js';

const BUDGET_BYTES = 250_000;

/** The bytes of a body as they travel to a browser that knows gzip and nothing newer. */
async function transferred(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { headers: { 'accept-encoding': 'gzip' }, agent: false }, (response) => {
      buffer(response).then(({ length }) => resolve(length), reject);
    })
      .once('error', reject)
      .end();
  });
}

describe('the size of the dashboard', () => {
  let fixture: DashboardFixture;
  beforeAll(async () => {
    fixture = await DashboardFixture.start(['PostgreSQL']);
  });
  afterAll(() => fixture.close());
  afterEach(() => fixture.endTest());

  it('is below 250 kB for a first visit, with backups there to be shown', async () => {
    await fixture.call('POST', '/api/connect', fixture.login('PostgreSQL', 'postgres'));
    for (let number = 0; number < 3; number++) await fixture.call('POST', '/api/backup', {});
    const view = await fixture.open('/');
    await view.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    // All that was to come has come.
    await view.page.getByRole('button', { name: 'Sizes of the last 3 backups' }).waitFor();
    await view.page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' });
    const loaded = await view.page.evaluate<string[]>(
      "performance.getEntriesByType('resource').map(({ name }) => name)",
    );
    const files = ['/', ...loaded.map((url) => new URL(url).pathname).filter((path) => !path.startsWith('/api/'))];
    const sizes = await Promise.all(
      [...new Set(files)].map(async (path) => [path, await transferred(fixture.service.url + path)] as const),
    );
    const sum = sizes.reduce((total, [, size]) => total + size, 0);
    expect(sizes.length).toBeGreaterThan(3);
    // Of all the files, so that whoever goes too far sees where.
    expect({ sizes, withinBudget: sum < BUDGET_BYTES }).toEqual({ sizes, withinBudget: true });
  });
});
