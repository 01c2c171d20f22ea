import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import { silentLogger } from '@app/domain';
import { domainEvent, EventDispatcher } from '@app/events';
import { catalogPlace, EVERY_CATALOG } from '../../../catalog/src/testing/catalog-matrix.js';
import type { CatalogPlace } from '../../../catalog/src/testing/catalog-matrix.js';
import { dataFixture } from '../testing/data-fixture.js';
import type { DataFixture } from '../testing/data-fixture.js';
import { testCopyKeys } from '../testing/test-copy-keys.js';
import { CatalogCopies } from './catalog-copies.js';
import { CatalogExport } from './catalog-export.js';

describe.each(EVERY_CATALOG)('the export of a catalog on $kind', ({ kind }) => {
  let place: CatalogPlace;
  let fixture: DataFixture;
  let copies: CatalogCopies;
  let made: number;
  let dispatcher: EventDispatcher | undefined;

  async function start(delayMs: number): Promise<CatalogExport> {
    const { catalog } = fixture;
    const catalogExport = new CatalogExport({ catalog, copies, delayMs });
    dispatcher = new EventDispatcher({ catalog, logger: silentLogger, instance: 'here', retryDelaysMs: [5] });
    dispatcher.subscribe(catalogExport);
    await catalogExport.begin();
    await dispatcher.start();
    return catalogExport;
  }

  const change = (scheduleId = 's'): Promise<void> =>
    fixture.catalog.outbox.append([domainEvent('ScheduleChanged', { scheduleId, change: 'changed' })]);
  const untilMade = async (count: number): Promise<void> => {
    while (made < count) await new Promise((resolve) => setTimeout(resolve, 1));
  };

  beforeAll(async () => {
    place = await catalogPlace(kind);
  });
  afterAll(() => place.dispose());
  beforeEach(async () => {
    fixture = await dataFixture(await openCatalog(await place.fresh()));
    const { catalog, storages, clock } = fixture;
    copies = new CatalogCopies({
      ...{ catalog, storage: storages.default, folder: join(fixture.folder, '.catalog') },
      ...{ keys: testCopyKeys, clock, logger: silentLogger },
    });
    made = 0;
    const exportRows = catalog.exportRows.bind(catalog);
    catalog.exportRows = () => {
      made += 1;
      return exportRows();
    };
  });
  afterEach(async () => {
    await dispatcher?.stop();
    await fixture.dispose();
  });

  it('is written once after a burst of changes, and not after those that a copy does not hold', async () => {
    await start(20);
    const backupId = 'b';
    const removed = { backupId, connectionId: null, database: null, because: 'expired' } as const;
    await fixture.catalog.outbox.append([domainEvent('BackupRemoved', removed)]);
    for (let n = 0; n < 10; n += 1) await change();
    await untilMade(1);
    await dispatcher?.stop();
    expect(made).toBeLessThanOrEqual(2);
    expect(await copies.newest()).toBeDefined();
  });

  it('does not wait when the service ends', async () => {
    await start(3_600_000);
    await change();
    await dispatcher?.stop();
    expect(made).toBe(1);
  });

  it('is written after the next start when the service was killed before', async () => {
    await start(3_600_000);
    await dispatcher?.stop();
    await change();
    await start(1);
    await untilMade(1);
  });

  it('is tried again when the storage failed', async () => {
    const copy = copies.copy.bind(copies);
    let tries = 0;
    copies.copy = () => {
      tries += 1;
      return tries < 3 ? Promise.reject(new Error('away')) : copy();
    };
    await start(1);
    await change();
    await untilMade(1);
    expect(tries).toBe(3);
  });

  it('is written at once on request, if there are changes that no copy has', async () => {
    const catalogExport = await start(3_600_000);
    await catalogExport.flush();
    expect(made).toBe(0);
    await change();
    await catalogExport.flush();
    expect(made).toBe(1);
    await catalogExport.flush();
    expect(made).toBe(1);
  });
});
