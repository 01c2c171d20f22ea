import { FaultFixture } from '../support/fault-fixture.js';
import type { Answer, ListedBackup } from '../support/fault-fixture.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { expectNothingHappened, expectSound, restoredContent } from '../support/soundness.js';

jest.setTimeout(120_000);

const WEAK = { username: 'weak', password: 'weak password' };

/** Backs up as somebody who may do less. */
async function backupAs(fixture: FaultFixture, login: { username: string; password: string }): Promise<Answer> {
  const made = await fixture.call('POST', '/api/connections', { ...fixture.login(login), replace: false });
  const { id } = made.body['connection'] as { id: string };
  const answer = await fixture.backup({ connection_id: id });
  await fixture.call('DELETE', `/api/connections/${id}`);
  return answer;
}

async function manifestOf(fixture: FaultFixture, { id }: ListedBackup): Promise<{ objects: Record<string, number> }> {
  const { body } = await fixture.call('GET', `/api/backups/${id}`);
  return body['manifest'] as { objects: Record<string, number> };
}

describe('omission, PostgreSQL', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(postgresSide);
    await fixture.sql([
      `create role weak login password 'weak password'`,
      'grant select on all tables in schema public to weak',
      'grant select on all sequences in schema public to weak',
      'grant select on large object 4711 to weak',
    ]);
  });
  afterAll(async () => {
    await fixture.stop();
  });

  it('FAILURES 16: what the account may not read is named, not left out', async () => {
    await fixture.sql(['create table private (i int)', 'create schema hidden', 'create table hidden.too (i int)']);
    const before = await fixture.before();
    const answer = await backupAs(fixture, WEAK);
    await expectNothingHappened(fixture, before, answer, {
      code: 'MISSING_PRIVILEGE',
      message: /private/,
      status: 422,
    });
    await fixture.sql(['drop table private', 'drop schema hidden cascade']);
  });

  it('FAILURES 17: a table of which row-level security would show a part is refused by its name', async () => {
    await fixture.sql([
      'create table secret (i int, owner text)',
      `insert into secret values (1, 'weak'), (2, 'somebody')`,
      'grant select on secret to weak',
      'alter table secret enable row level security',
      'create policy own on secret using (owner = current_user)',
    ]);
    const before = await fixture.before();
    const answer = await backupAs(fixture, WEAK);
    await expectNothingHappened(fixture, before, answer, { code: 'MISSING_PRIVILEGE', message: /secret/, status: 422 });
    await fixture.sql(['alter role weak bypassrls']);
    expect(await backupAs(fixture, WEAK)).toMatchObject({ status: 200 });
    await fixture.sql(['drop table secret', 'alter role weak nobypassrls']);
  });

  it('FAILURES 21: large objects and what tables depend on are in every backup', async () => {
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup();
    expect((await manifestOf(fixture, backup)).objects).toMatchObject({ large_objects: 1, tables: 3, views: 1 });
    await fixture.sql(['select lo_unlink(4711)', 'drop view spent', 'drop function shout']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
  });

  it('FAILURES 22: the planner has statistics after a restore', async () => {
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup();
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    const analysed = await fixture.sql([
      `select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and reltuples > 0 order by 1`,
    ]);
    expect(analysed).toEqual([{ name: 'big' }, { name: 'customer' }, { name: 'purchase' }]);
    await expectSound(fixture, content);
  });
});

describe('omission, MySQL', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(mariadbSide);
    await fixture.sql([`create user weak@'%' identified by 'weak password'`]);
  });
  afterAll(async () => {
    await fixture.stop();
  });

  it.each(['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT'])(
    'FAILURES 16: without the right %s, whose objects the tool would leave out in silence, there is no backup',
    async (missing) => {
      const all = ['SELECT', 'SHOW VIEW', 'TRIGGER', 'EVENT', 'EXECUTE', 'ALTER ROUTINE', 'LOCK TABLES'];
      await fixture.sql([
        `revoke all privileges, grant option from weak@'%'`,
        `grant ${all.filter((privilege) => privilege !== missing).join(', ')} on shop.* to weak@'%'`,
        `grant select on mysql.proc to weak@'%'`,
      ]);
      const before = await fixture.before();
      const answer = await backupAs(fixture, WEAK);
      await expectNothingHappened(fixture, before, answer, {
        code: 'MISSING_PRIVILEGE',
        message: new RegExp(missing),
        status: 422,
      });
    },
  );

  it('FAILURES 16: without the right to see the text of routines there is no backup', async () => {
    await fixture.sql([
      `revoke all privileges, grant option from weak@'%'`,
      `grant select, show view, trigger, event, lock tables on shop.* to weak@'%'`,
    ]);
    const before = await fixture.before();
    const answer = await backupAs(fixture, WEAK);
    await expectNothingHappened(fixture, before, answer, { code: 'MISSING_PRIVILEGE', message: /SELECT/ });
    expect(answer.body['hint']).toMatch(/mysql.*proc/);
  });

  it('FAILURES 18: routines, events and triggers are in every backup, and counted', async () => {
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup();
    expect((await manifestOf(fixture, backup)).objects).toMatchObject({
      ...{ tables: 3, views: 1, triggers: 1, events: 1 },
    });
    await fixture.sql(['drop function shout', 'drop procedure nothing', 'drop event yearly', 'drop trigger touched']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
  });

  it('FAILURES 19: the history of system-versioned tables is in every backup', async () => {
    await fixture.sql([
      'create table price (id int primary key, amount int) with system versioning',
      'insert into price values (1, 10), (2, 20)',
      'update price set amount = 11 where id = 1',
      'delete from price where id = 2',
    ]);
    const history = 'select id, amount, row_start, row_end from price for system_time all order by 1, 3';
    const before = await fixture.sql([history]);
    expect(before).toHaveLength(3);
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup();
    await fixture.sql(['update price set amount = 12']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    expect(await fixture.sql([history])).toEqual(before);
    await expectSound(fixture, content);
    await fixture.sql(['drop table price']);
  });

  it('FAILURES 23: views that are broken, and would end the whole dump, are all named before', async () => {
    await fixture.sql([
      'create table gone (i int)',
      'create view broken_one as select i from gone',
      'create view broken_two as select i from gone',
      'drop table gone',
    ]);
    const before = await fixture.before();
    const answer = await fixture.backup();
    await fixture.sql(['drop view broken_one, broken_two']);
    await expectNothingHappened(fixture, { ...before, content: await fixture.content() }, answer, {
      code: 'BROKEN_OBJECT',
      message: /broken_one[^]*broken_two/,
      status: 422,
    });
    expect(await restoredContent(fixture, (await fixture.goodBackup()).path)).toEqual(await fixture.content());
  });
});
