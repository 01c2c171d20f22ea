import { EVERY_CATALOG } from '../testing/catalog-matrix.js';
import { after, allPages, givenCatalog } from '../testing/given-catalog.js';
import { aJob, anAuditEntry, aRestore } from '../testing/sample-records.js';

describe.each(EVERY_CATALOG)('restores and audit in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);

  it('return restores with all fields, also after a change', async () => {
    const one = aRestore({ jobId: 'j', connectionId: 'c', backupId: 'b' });
    await given.catalog.restores.insert(one);
    expect(await given.catalog.restores.get(one.id)).toEqual(one);
    const change = {
      state: 'failed',
      strategy: 'in place',
      safetyBackupPath: './s',
      failure: { code: 'RESTORE_FAILED', message: 'm' },
      finishedAt: 9,
    } as const;
    await given.catalog.restores.update(one.id, change);
    await given.catalog.restores.update(one.id, {});
    expect(await given.catalog.restores.get(one.id)).toEqual({ ...one, ...change });
    expect(await given.catalog.restores.get('another')).toBeUndefined();
  });

  it('list restores newest first', async () => {
    const some = Array.from({ length: 5 }, (_, index) => aRestore({ startedAt: 100 - index }));
    for (const one of some.toReversed()) await given.catalog.restores.insert(one);
    expect(await allPages((at) => given.catalog.restores.page({ limit: 2, ...after(at) }))).toEqual(some);
  });

  it('end restores whose job does not run any more once, and do not touch the others', async () => {
    const [running, dead] = [aJob({ state: 'running' }), aJob({ state: 'interrupted' })];
    await given.catalog.jobs.insert([running, dead]);
    const going = aRestore({ jobId: running.id });
    const orphans = [aRestore({ jobId: dead.id }), aRestore({ jobId: 'pruned' }), aRestore()];
    const done = aRestore({ jobId: dead.id, state: 'succeeded', finishedAt: 5 });
    for (const one of [going, ...orphans, done]) await given.catalog.restores.insert(one);
    expect(await given.catalog.restores.endInterrupted(9_000)).toBe(3);
    expect(await given.catalog.restores.endInterrupted(9_001)).toBe(0);
    for (const { id } of orphans) {
      expect(await given.catalog.restores.get(id)).toMatchObject({
        state: 'interrupted',
        finishedAt: 9_000,
        failure: { code: 'INTERRUPTED' },
      });
    }
    expect(await given.catalog.restores.get(going.id)).toEqual(going);
    expect(await given.catalog.restores.get(done.id)).toEqual(done);
  });

  it('list the restores of one database only', async () => {
    const [one, other] = [aRestore({ databaseKey: 'a' }), aRestore({ databaseKey: 'b' })];
    await given.catalog.restores.insert(one);
    await given.catalog.restores.insert(other);
    expect((await given.catalog.restores.page({ limit: 9, databaseKey: 'a' })).rows).toEqual([one]);
  });

  it('keep a previous database until its time is over by the catalog’s clock, and give it to one caller only', async () => {
    const { restores } = given.catalog;
    const over = { state: 'succeeded' } as const;
    const [fresh, due, begun] = [aRestore(over), aRestore(over), aRestore({ ...over, copyState: 'dropping' })];
    for (const one of [fresh, due, begun]) await restores.insert(one);
    await restores.keepCopy(fresh.id, { name: 'x', bytes: 7, forMs: 3_600_000 });
    await restores.keepCopy(due.id, { name: 'y', bytes: null, forMs: -1 });
    expect(await restores.get(fresh.id)).toMatchObject({ copy: 'x', copyState: 'kept', copyBytes: 7 });
    expect((await restores.expired(9)).map(({ id }) => id).toSorted()).toEqual([due.id, begun.id].toSorted());
    const moved = await Promise.all(Array.from({ length: 5 }, () => restores.moveCopy(due.id, 'kept', 'used')));
    expect(moved.filter(Boolean)).toHaveLength(1);
    expect((await restores.expired(9)).map(({ id }) => id)).toEqual([begun.id]);
  });

  it('55: tell which backups the undo of a restore needs, until it expires', async () => {
    const { restores } = given.catalog;
    const [kept, going, over] = [aRestore({ state: 'succeeded' }), aRestore(), aRestore({ state: 'succeeded' })];
    for (const one of [kept, going, over]) await restores.insert(one);
    await restores.keepBackup(kept.id, { id: 'b1', path: './b1', forMs: -1 });
    await restores.keepBackup(going.id, { id: 'b2', path: './b2', forMs: -1 });
    await restores.keepBackup(over.id, { id: 'b3', path: './b3' });
    const needing = async () => Object.fromEntries(await restores.needing(['b1', 'b2', 'b3', 'b4']));
    expect(await needing()).toEqual({ b1: kept.id, b2: going.id, b3: over.id });
    expect((await restores.expired(9)).map(({ id }) => id)).toEqual([kept.id]);
    await restores.moveCopy(kept.id, 'kept', 'dropped');
    await restores.moveCopy(over.id, 'kept', 'used');
    expect(await needing()).toEqual({ b2: going.id });
  });

  it('add up the sizes of the previous databases', async () => {
    const { restores } = given.catalog;
    expect(await restores.keptBytes()).toBe(0);
    const sizes = { kept: 5_000_000_000, dropping: 20, used: 300, dropped: 4_000, none: 50_000 } as const;
    for (const [copyState, copyBytes] of Object.entries(sizes)) {
      await restores.insert(aRestore({ copyState: copyState as keyof typeof sizes, copyBytes }));
    }
    await restores.insert(aRestore({ copyState: 'kept', copyBytes: null }));
    expect(await restores.keptBytes()).toBe(5_000_000_020);
  });

  it('find restores that ended and left something on the server', async () => {
    const { restores } = given.catalog;
    const journal = { step: 'load' };
    const [going, copy, swap, clean] = [
      aRestore({ incoming: 'a', journal }),
      aRestore({ state: 'failed', incoming: 'b', startedAt: 1 }),
      aRestore({ state: 'interrupted', journal, startedAt: 2 }),
      aRestore({ state: 'succeeded' }),
    ];
    for (const one of [going, copy, swap, clean]) await restores.insert(one);
    expect(await restores.unrecovered(9)).toEqual([copy, swap]);
    for (const [n, copyState] of (['kept', 'dropping', 'used', 'dropped', 'none'] as const).entries()) {
      await restores.insert(aRestore({ connectionId: 'c', copyState, copy: 'x', state: 'succeeded', startedAt: n }));
    }
    await restores.insert(aRestore({ connectionId: 'c', copyState: 'kept', safetyBackupId: 'b', state: 'succeeded' }));
    await restores.insert(aRestore({ connectionId: 'c', journal, startedAt: 9 }));
    expect(await restores.leftOver('c')).toBe(3);
    expect(await restores.leftOver('d')).toBe(0);
  });

  it('list the audit trail newest first, and remove the oldest entries', async () => {
    const some = Array.from({ length: 6 }, (_, index) =>
      anAuditEntry({ at: 100 - index, status: index === 0 ? null : 200, details: { n: index }, subject: 's' }),
    );
    for (const one of some.toReversed()) await given.catalog.audit.insert(one);
    const all = () => allPages((at) => given.catalog.audit.page({ limit: 2, ...after(at) }));
    expect(await all()).toEqual(some);
    expect(await given.catalog.audit.prune(98, 2)).toBe(2);
    expect(await all()).toEqual(some.slice(0, 4));
    expect(await given.catalog.audit.prune(98, 100)).toBe(1);
    expect(await given.catalog.audit.prune(98, 100)).toBe(0);
  });
});

describe.each(EVERY_CATALOG)('instances in a $kind catalog', ({ kind }) => {
  const given = givenCatalog(kind);
  const one = { id: 'one', host: 'here', pid: 1 };
  const two = { id: 'two', host: 'there', pid: 2 };

  it('sign on, send heartbeats, and sign off', async () => {
    expect(await given.catalog.instances.beat(one)).toBe(true);
    expect(await given.catalog.instances.beat(one)).toBe(true);
    await given.catalog.instances.beat(two);
    expect(await given.catalog.instances.all()).toEqual([one, two]);
    await given.catalog.instances.signOff('one');
    expect(await given.catalog.instances.all()).toEqual([two]);
  });

  it('are silent by the clock of the database, not by ours (FAILURES 45)', async () => {
    await given.catalog.instances.beat(one);
    await given.catalog.instances.beat(two);
    expect(await given.catalog.instances.silent(60_000)).toEqual([]);
    await given.run(`update instances set beat_at = beat_at - 90000 where id = 'one'`);
    expect(await given.catalog.instances.silent(60_000)).toMatchObject([one]);
    expect(await given.catalog.instances.silent(120_000)).toEqual([]);
    await given.catalog.instances.beat(one);
    expect(await given.catalog.instances.silent(60_000)).toEqual([]);
  });

  it('are declared dead by one caller only, and learn of it when they come back (FAILURES 44)', async () => {
    await given.catalog.instances.beat(one);
    const burials = await Promise.all(Array.from({ length: 10 }, () => given.catalog.instances.bury('one')));
    expect(burials.filter(Boolean)).toHaveLength(1);
    expect(await given.catalog.instances.beat(one)).toBe(false);
    expect(await given.catalog.instances.all()).toEqual([]);
    expect(await given.catalog.instances.silent(-1_000)).toEqual([]);
    expect(await given.catalog.instances.bury('none')).toBe(false);
  });
});
