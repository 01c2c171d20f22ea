import { Client } from 'pg';
import { FaultFixture } from '../support/fault-fixture.js';
import type { ListedBackup } from '../support/fault-fixture.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { expectNothingHappened, expectSound, restoredContent } from '../support/soundness.js';

jest.setTimeout(120_000);

describe('consistency, PostgreSQL', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(postgresSide);
  });
  afterAll(async () => {
    await fixture.stop();
  });
  afterEach(() => fixture.gate.open());

  it('FAILURES 11: DDL and writes during a dump do not get into it', async () => {
    const { content } = await fixture.before();
    const { answer } = await fixture.hangingBackup();
    // Waits for the dump, which holds its tables as they are.
    const waiting = fixture.sql(['alter table purchase add column late int default 7']);
    await fixture.sql(['create table newcomer (i int)', 'delete from customer where id = 200 and false']);
    await fixture.sql([`update customer set name = 'written meanwhile' where id = 3`]);
    fixture.gate.open();
    const { status, body } = await answer;
    await waiting;
    expect(status).toBe(200);
    expect(await fixture.restore((body['backup'] as { path: string }).path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
  });

  // It waits for 30 s.
  if (process.env['FAULTS'] === 'all') {
    it('FAILURES 13: a table that somebody else has locked fails the backup, which names who it is', async () => {
      const before = await fixture.before();
      const { host, port, username: user, password, database } = fixture.direct();
      const blocker = new Client({ host, port, user, password, database, application_name: 'a migration' });
      await blocker.connect();
      await blocker.query('begin; lock table customer in access exclusive mode');
      const answer = await fixture.backup();
      await blocker.end();
      await expectNothingHappened(fixture, before, answer, { code: /^(DUMP_FAILED|BUSY)$/, message: /lock/ });
      expect(answer.body['hint']).toMatch(/a migration/);
    });
  }
});

describe('consistency, MySQL', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(mariadbSide);
  });
  afterAll(async () => {
    await fixture.stop();
  });
  afterEach(() => fixture.gate.open());

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
      await fixture.sql(['create or replace table later (i int)', 'insert into later values (1)']);
      const before = await fixture.before();
      const { answer } = await fixture.hangingBackup();
      await fixture.sql(ddl);
      const after = await fixture.content();
      fixture.gate.open();
      const { status, body } = await answer;
      try {
        if (status === 200) {
          // It was repeated, or had been read in time.
          const { path } = body['backup'] as ListedBackup;
          expect([before.content, after]).toContainEqual(await restoredContent(fixture, path));
          await expectSound(fixture, after);
        } else {
          await expectNothingHappened(
            fixture,
            { ...before, content: after },
            { status, body },
            { code: /^(SCHEMA_CHANGED|DUMP_FAILED)$/, message: /later|latest/ },
          );
        }
      } finally {
        await fixture.sql([back]);
      }
    },
  );

  it('FAILURES 12: tables without transactions are named in the backup and in its manifest', async () => {
    await fixture.sql([
      'create table loose (i int) engine=MyISAM',
      'insert into loose values (1), (2)',
      'create table fleeting (i int) engine=MEMORY',
    ]);
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup();
    const told = expect.arrayContaining([
      expect.stringMatching(/loose \(MyISAM\)/),
      expect.stringMatching(/fleeting \(MEMORY\)/),
    ]) as unknown;
    expect(backup.warnings).toEqual(told);
    const { body } = await fixture.call('GET', `/api/backups/${backup.id}`);
    expect((body['manifest'] as { warnings: string[] }).warnings).toEqual(told);
    await fixture.sql(['delete from loose']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
    await fixture.sql(['drop table loose, fleeting']);
  });
});
