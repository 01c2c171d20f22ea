import { Client } from 'pg';
import { FaultBench } from '../support/fault-bench.js';
import type { ListedBackup } from '../support/fault-bench.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { expectNothingHappened, expectSound, restoredContent } from '../support/soundness.js';

jest.setTimeout(120_000);

describe('consistency, PostgreSQL', () => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(postgresSide);
  });
  afterAll(async () => {
    await bench.stop();
  });
  afterEach(() => bench.gate.open());

  it('FAILURES 11: DDL and writes during a dump do not get into it', async () => {
    const { content } = await bench.before();
    const { answer } = await bench.hangingBackup();
    // Waits for the dump, which holds its tables as they are.
    const waiting = bench.sql(['alter table purchase add column late int default 7']);
    await bench.sql(['create table newcomer (i int)', 'delete from customer where id = 200 and false']);
    await bench.sql([`update customer set name = 'written meanwhile' where id = 3`]);
    bench.gate.open();
    const { status, body } = await answer;
    await waiting;
    expect(status).toBe(200);
    expect(await bench.restore((body['backup'] as { path: string }).path)).toMatchObject({ status: 200 });
    await expectSound(bench, content);
  });

  // It waits for 30 s.
  if (process.env['FAULTS'] === 'all') {
    it('FAILURES 13: a table that somebody else has locked fails the backup, which names who it is', async () => {
      const before = await bench.before();
      const { host, port, username: user, password, database } = bench.direct();
      const blocker = new Client({ host, port, user, password, database, application_name: 'a migration' });
      await blocker.connect();
      await blocker.query('begin; lock table customer in access exclusive mode');
      const answer = await bench.backup();
      await blocker.end();
      await expectNothingHappened(bench, before, answer, { code: /^(DUMP_FAILED|BUSY)$/, message: /lock/ });
      expect(answer.body['hint']).toMatch(/a migration/);
    });
  }
});

describe('consistency, MySQL', () => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(mariadbSide);
  });
  afterAll(async () => {
    await bench.stop();
  });
  afterEach(() => bench.gate.open());

  it.each([
    ['TRUNCATE', ['truncate table later'], 'insert into later values (1)'],
    ['RENAME', ['rename table later to latest'], 'rename table latest to later'],
    ['DROP', ['drop table later'], 'create table later (i int)'],
    [
      'an instant ALTER, which no tool minds',
      ['alter table later add column j int default 7', 'update later set i = 100, j = 8'],
      'alter table later drop column j',
    ],
    [
      'a CREATE, which no tool minds',
      ['create table latest (i int)', 'insert into latest values (1)'],
      'drop table latest',
    ],
  ])(
    'FAILURES 11: %s during a dump: either the dump is of one state of it, or there is none',
    async (_title, ddl, back) => {
      await bench.sql(['create or replace table later (i int)', 'insert into later values (1)']);
      const before = await bench.before();
      const { answer } = await bench.hangingBackup();
      await bench.sql(ddl);
      const after = await bench.content();
      bench.gate.open();
      const { status, body } = await answer;
      try {
        if (status === 200) {
          // It was repeated, or had been read in time.
          const { path } = body['backup'] as ListedBackup;
          expect([before.content, after]).toContainEqual(await restoredContent(bench, path));
          await expectSound(bench, after);
        } else {
          await expectNothingHappened(
            bench,
            { ...before, content: after },
            { status, body },
            { code: /^(SCHEMA_CHANGED|DUMP_FAILED)$/, message: /later|latest/ },
          );
        }
      } finally {
        await bench.sql([back]);
      }
    },
  );

  it('FAILURES 12: tables without transactions are named in the backup and in its manifest', async () => {
    await bench.sql([
      'create table loose (i int) engine=MyISAM',
      'insert into loose values (1), (2)',
      'create table fleeting (i int) engine=MEMORY',
    ]);
    const { content } = await bench.before();
    const backup = await bench.goodBackup();
    const told = expect.arrayContaining([
      expect.stringMatching(/loose \(MyISAM\)/),
      expect.stringMatching(/fleeting \(MEMORY\)/),
    ]) as unknown;
    expect(backup.warnings).toEqual(told);
    const { body } = await bench.call('GET', `/api/backups/${backup.id}`);
    expect((body['manifest'] as { warnings: string[] }).warnings).toEqual(told);
    await bench.sql(['delete from loose']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(bench, content);
    await bench.sql(['drop table loose, fleeting']);
  });
});
