import { setTimeout as sleep } from 'node:timers/promises';
import type { Catalog } from './catalog.js';
import { openCatalog } from './open-catalog.js';
import { EVERY_CATALOG } from './testing/catalog-matrix.js';
import { givenCatalog } from './testing/given-catalog.js';
import { aBackup, aJob, anAuditEntry } from './testing/sample-records.js';

describe.each(EVERY_CATALOG)('a transaction in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  const subjects = async (catalog = given.catalog): Promise<(string | null)[]> =>
    (await catalog.audit.page({ limit: 50 })).rows.map(({ subject }) => subject).toSorted();

  it('is committed as a whole, and returns the result of its work', async () => {
    const result = await given.catalog.transaction(async ({ audit, jobs, id }) => {
      await audit.insert(anAuditEntry({ subject: 'a' }));
      await jobs.insert([aJob()]);
      return id;
    });
    expect(result).toBe(given.catalog.id);
    expect(await subjects()).toEqual(['a']);
  });

  it('leaves nothing behind when its work fails, and rejects with the error of the work', async () => {
    const failing = given.catalog.transaction(async ({ audit, backups }) => {
      await audit.insert(anAuditEntry());
      await backups.put([aBackup()]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await subjects()).toEqual([]);
    expect(await given.catalog.backups.count({})).toBe(0);
  });

  it('does not include statements of others', async () => {
    const failing = given.catalog.transaction(async ({ audit }) => {
      await audit.insert(anAuditEntry({ subject: 'inside' }));
      await sleep(20);
      await audit.insert(anAuditEntry({ subject: 'inside' }));
      throw new Error('no');
    });
    // This call comes from outside the work, while the work sleeps.
    const others = given.catalog.audit.insert(anAuditEntry({ subject: 'outside' }));
    await expect(failing).rejects.toThrow('no');
    await others;
    expect(await subjects()).toEqual(['outside']);
  });

  it('is not visible to other instances before its end', async () => {
    const other = await openCatalog(given.options);
    try {
      await given.catalog.transaction(async ({ audit }) => {
        await audit.insert(anAuditEntry({ subject: 'a' }));
        expect(await subjects(other)).toEqual([]);
      });
      expect(await subjects(other)).toEqual(['a']);
    } finally {
      await other.close();
    }
  });

  it('makes writing instances wait, and loses none of their writes', async () => {
    const other = await openCatalog(given.options);
    try {
      const add = (catalog: Catalog, n: number): Promise<void> =>
        catalog.transaction(async ({ audit }) => {
          await audit.insert(anAuditEntry({ subject: `${n}` }));
          await sleep(1);
          await audit.insert(anAuditEntry({ subject: `${n}` }));
        });
      await Promise.all(Array.from({ length: 20 }, (_, n) => add(n % 2 === 0 ? given.catalog : other, n)));
      expect(await subjects()).toHaveLength(40);
    } finally {
      await other.close();
    }
  });

  it('fails at once when its work uses the outer catalog, instead of waiting for itself', async () => {
    const misuse = given.catalog.transaction(async ({ audit }) => {
      await audit.insert(anAuditEntry());
      await given.catalog.ping();
    });
    await expect(misuse).rejects.toMatchObject({ code: 'INTERNAL' });
    await expect(
      given.catalog.transaction((inner) => inner.transaction(() => Promise.resolve())),
    ).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await expect(
      given.catalog.transaction(() => given.catalog.transaction(() => Promise.resolve())),
    ).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(await subjects()).toEqual([]);
  });

  it('permits the outer catalog to work that was started and not awaited', async () => {
    let later: Promise<void> | undefined;
    await given.catalog.transaction(({ audit }) => {
      later = sleep(20).then(() => given.catalog.audit.insert(anAuditEntry({ subject: 'later' })));
      return audit.insert(anAuditEntry({ subject: 'now' }));
    });
    await later;
    expect(await subjects()).toEqual(['later', 'now']);
  });

  it('may use another catalog', async () => {
    const options = await given.place.fresh();
    const other = await openCatalog(options);
    try {
      await given.catalog.transaction(async ({ audit }) => {
        await audit.insert(anAuditEntry({ subject: 'here' }));
        await other.audit.insert(anAuditEntry({ subject: 'there' }));
      });
      expect([await subjects(), await subjects(other)]).toEqual([['here'], ['there']]);
    } finally {
      await other.close();
    }
  });
});
