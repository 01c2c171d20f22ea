import { FaultBench } from '../support/fault-bench.js';
import type { Answer, ListedBackup } from '../support/fault-bench.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { expectNothingHappened, expectSound, restoredContent } from '../support/soundness.js';

jest.setTimeout(120_000);

const WEAK = { username: 'weak', password: 'weak password' };

/** Backs up as somebody who may do less. */
async function backupAs(bench: FaultBench, login: { username: string; password: string }): Promise<Answer> {
  const made = await bench.call('POST', '/api/connections', { ...bench.login(login), replace: false });
  const { id } = made.body['connection'] as { id: string };
  const answer = await bench.backup({ connection_id: id });
  await bench.call('DELETE', `/api/connections/${id}`);
  return answer;
}

async function manifestOf(bench: FaultBench, { id }: ListedBackup): Promise<{ objects: Record<string, number> }> {
  const { body } = await bench.call('GET', `/api/backups/${id}`);
  return body['manifest'] as { objects: Record<string, number> };
}

describe('omission, PostgreSQL', () => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(postgresSide);
    await bench.sql([
      `create role weak login password 'weak password'`,
      'grant select on all tables in schema public to weak',
      'grant select on all sequences in schema public to weak',
      'grant select on large object 4711 to weak',
    ]);
  });
  afterAll(async () => {
    await bench.stop();
  });

  it('FAILURES 16: what the account may not read is named, not left out', async () => {
    await bench.sql(['create table private (i int)', 'create schema hidden', 'create table hidden.too (i int)']);
    const before = await bench.before();
    const answer = await backupAs(bench, WEAK);
    await expectNothingHappened(bench, before, answer, {
      code: 'MISSING_PRIVILEGE',
      message: /private/,
      status: 422,
    });
    await bench.sql(['drop table private', 'drop schema hidden cascade']);
  });

  it('FAILURES 17: a table of which row-level security would show a part is refused by its name', async () => {
    await bench.sql([
      'create table secret (i int, owner text)',
      `insert into secret values (1, 'weak'), (2, 'somebody')`,
      'grant select on secret to weak',
      'alter table secret enable row level security',
      'create policy own on secret using (owner = current_user)',
    ]);
    const before = await bench.before();
    const answer = await backupAs(bench, WEAK);
    await expectNothingHappened(bench, before, answer, { code: 'MISSING_PRIVILEGE', message: /secret/, status: 422 });
    await bench.sql(['alter role weak bypassrls']);
    expect(await backupAs(bench, WEAK)).toMatchObject({ status: 200 });
    await bench.sql(['drop table secret', 'alter role weak nobypassrls']);
  });

  it('FAILURES 21: large objects and what tables depend on are in every backup', async () => {
    const { content } = await bench.before();
    const backup = await bench.goodBackup();
    expect((await manifestOf(bench, backup)).objects).toMatchObject({ large_objects: 1, tables: 3, views: 1 });
    await bench.sql(['select lo_unlink(4711)', 'drop view spent', 'drop function shout']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(bench, content);
  });

  it('FAILURES 22: the planner has statistics after a restore', async () => {
    const { content } = await bench.before();
    const backup = await bench.goodBackup();
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    const analysed = await bench.sql([
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 0 order by 1`,
    ]);
    expect(analysed).toEqual([{ name: 'big' }, { name: 'customer' }, { name: 'purchase' }]);
    await expectSound(bench, content);
  });
});

describe('omission, MySQL', () => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(mariadbSide);
    await bench.sql([`create user weak@'%' identified by 'weak password'`]);
  });
  afterAll(async () => {
    await bench.stop();
  });

  it.each(['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'])(
    'FAILURES 16: without the right %s, whose objects the tool would leave out in silence, there is no backup',
    async (missing) => {
      const all = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'EXECUTE', 'ALTER ROUTINE', 'LOCK TABLES'];
      await bench.sql([
        `revoke all privileges, grant option from weak@'%'`,
        `grant ${all.filter((privilege) => privilege !== missing).join(', ')} on shop.* to weak@'%'`,
        `grant select on mysql.proc to weak@'%'`,
      ]);
      const before = await bench.before();
      const answer = await backupAs(bench, WEAK);
      await expectNothingHappened(bench, before, answer, {
        code: 'MISSING_PRIVILEGE',
        message: new RegExp(missing),
        status: 422,
      });
    },
  );

  it('FAILURES 16: without the right to see the text of routines there is no backup', async () => {
    await bench.sql([
      `revoke all privileges, grant option from weak@'%'`,
      `grant select, show view, trigger, event, lock tables on shop.* to weak@'%'`,
    ]);
    const before = await bench.before();
    const answer = await backupAs(bench, WEAK);
    await expectNothingHappened(bench, before, answer, { code: 'MISSING_PRIVILEGE', message: /SELECT/ });
    expect(answer.body['hint']).toMatch(/mysql.*proc/);
  });

  it('FAILURES 18: routines, events and triggers are in every backup, and counted', async () => {
    const { content } = await bench.before();
    const backup = await bench.goodBackup();
    expect((await manifestOf(bench, backup)).objects).toMatchObject({
      ...{ tables: 3, views: 1, triggers: 1, events: 1 },
    });
    await bench.sql(['drop function shout', 'drop procedure nothing', 'drop event yearly', 'drop trigger touched']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(bench, content);
  });

  it('FAILURES 19: the history of system-versioned tables is in every backup', async () => {
    await bench.sql([
      'create table price (id int primary key, amount int) with system versioning',
      'insert into price values (1, 10), (2, 20)',
      'update price set amount = 11 where id = 1',
      'delete from price where id = 2',
    ]);
    const history = 'select id, amount, row_start, row_end from price for system_time all order by 1, 3';
    const before = await bench.sql([history]);
    expect(before).toHaveLength(3);
    const { content } = await bench.before();
    const backup = await bench.goodBackup();
    await bench.sql(['update price set amount = 12']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    expect(await bench.sql([history])).toEqual(before);
    await expectSound(bench, content);
    await bench.sql(['drop table price']);
  });

  it('FAILURES 23: views that are broken, and would end the whole dump, are all named before', async () => {
    await bench.sql([
      'create table gone (i int)',
      'create view broken_one as select i from gone',
      'create view broken_two as select i from gone',
      'drop table gone',
    ]);
    const before = await bench.before();
    const answer = await bench.backup();
    await bench.sql(['drop view broken_one, broken_two']);
    await expectNothingHappened(bench, { ...before, content: await bench.content() }, answer, {
      code: 'BROKEN_OBJECT',
      message: /broken_one[^]*broken_two/,
      status: 422,
    });
    expect(await restoredContent(bench, (await bench.goodBackup()).path)).toEqual(await bench.content());
  });
});
