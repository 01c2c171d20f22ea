import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { descendant } from '../support/child-processes.js';
import { FaultFixture } from '../support/fault-fixture.js';
import type { ListedBackup } from '../support/fault-fixture.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { killServer } from '../support/server-death.js';
import { Reader, SwapWatch } from '../support/swap-watch.js';
import { dropDatabases, expectNothingHappened, expectSound } from '../support/soundness.js';

jest.setTimeout(120_000);

/** Of the loads that a fault meets: the ways that each engine has to read a dump. */
const LOADS = [
  { side: postgresSide, format: 'plain' },
  { side: postgresSide, format: 'custom' },
  { side: mariadbSide, format: 'plain' },
];

describe.each([postgresSide, mariadbSide])('restore, $name', (side) => {
  let fixture: FaultFixture;
  let canary: string;

  beforeAll(async () => {
    fixture = await FaultFixture.start(side);
    canary = join(fixture.home, 'tmp', 'canary');
  });
  afterAll(async () => {
    await fixture.stop();
  });
  afterEach(async () => {
    fixture.gate.open();
    await fixture.removePlaced();
  });

  const textOf = ({ filename }: ListedBackup): Promise<string> => readFile(join(fixture.folder, filename), 'latin1');
  const sings = (): Promise<boolean> =>
    access(canary).then(
      () => true,
      () => false,
    );

  describe.each(LOADS.filter((load) => load.side === side))('from $format', ({ format }) => {
    it('FAILURES 2, 46: a connection lost in the middle of a load leaves the database as it was', async () => {
      const { path } = await fixture.goodBackup({ format });
      await fixture.change();
      const before = await fixture.before();
      const { answer } = await fixture.hangingRestore(path);
      fixture.gate.cut();
      await expectNothingHappened(fixture, before, await answer, { code: /^(RESTORE_FAILED|CONNECTION_LOST)$/ });
    });

    it('FAILURES 2, 46: a server killed in the middle of a load has the old rows when it is back', async () => {
      const { path } = await fixture.goodBackup({ format });
      await fixture.change();
      const before = await fixture.before();
      const { answer } = await fixture.hangingRestore(path);
      await killServer(fixture.server);
      fixture.gate.open();
      await expectNothingHappened(fixture, before, await answer, {
        code: /^(RESTORE_FAILED|CONNECTION_LOST)$/,
        tidiesLater: true,
      });
    });

    // PostgreSQL's plain dumps are loaded without a tool.
    const tools = format === 'custom' || side === mariadbSide;
    (tools ? it.each(['SIGTERM', 'SIGKILL'] as const) : () => undefined)(
      'FAILURES 46, 47: a tool ended by %s in the middle of a load leaves the database as it was',
      async (signal) => {
        const { path } = await fixture.goodBackup({ format });
        await fixture.change();
        const before = await fixture.before();
        const { answer } = await fixture.hangingRestore(path);
        process.kill((await descendant(fixture.service.pid, side.loadTool)).pid, signal);
        fixture.gate.open();
        await expectNothingHappened(fixture, before, await answer, { code: /^(RESTORE_FAILED|TOOL_UNUSABLE)$/ });
      },
    );

    it('FAILURES 9, 46: a service killed in the middle of a load finds the old rows, and tidies up', async () => {
      const { path } = await fixture.goodBackup({ format });
      await fixture.change();
      const { content } = await fixture.before();
      const { answer } = await fixture.hangingRestore(path);
      answer.catch(() => undefined);
      await fixture.restart('SIGKILL');
      fixture.gate.open();
      await expect(answer).rejects.toThrow();
      await expectSound(fixture, content);
    });
  });

  it('FAILURES 38: what the dump does not hold is gone afterwards', async () => {
    const { content } = await fixture.before();
    const { path } = await fixture.goodBackup();
    await fixture.sql(['create table extra (i int)', 'create view extra_view as select i from extra']);
    expect(await fixture.restore(path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
  });

  it('FAILURES 40: tables that refer to each other in a circle come back', async () => {
    await fixture.sql([
      'create table hen (id int primary key, egg int)',
      'create table egg (id int primary key, hen int not null, constraint of_hen foreign key (hen) references hen (id))',
      'insert into hen values (1, null)',
      'insert into egg values (2, 1)',
      'update hen set egg = 2',
      'alter table hen add constraint of_egg foreign key (egg) references egg (id)',
    ]);
    const { content } = await fixture.before();
    const { path } = await fixture.goodBackup();
    await fixture.sql(['update hen set egg = null']);
    expect(await fixture.restore(path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
    await fixture.sql(['alter table hen drop constraint of_egg', 'drop table egg', 'drop table hen']);
  });

  it('FAILURES 46, 47: a dump with one bad statement at its end changes nothing, and is no success', async () => {
    const text = await textOf(await fixture.goodBackup());
    await fixture.change();
    const file = await fixture.place(
      'bad.sql',
      Buffer.from(text.replace(side.end, `insert into no_such_table values (1);\n${side.end}`), 'latin1'),
    );
    const before = await fixture.before();
    const answer = await fixture.restore(file);
    await expectNothingHappened(fixture, before, answer, { code: 'RESTORE_FAILED', message: /no_such_table/ });
    const again = await fixture.before();
    const fresh = await fixture.restore(file, { target_database: 'fresh' });
    await expectNothingHappened(fixture, again, fresh, { code: 'RESTORE_FAILED', message: /no_such_table/ });
  });

  it('two restores of one database at once: it is entirely what one of them has brought', async () => {
    const first = await fixture.content();
    const one = await fixture.goodBackup({ backup_name: 'one' });
    await fixture.change();
    const second = await fixture.content();
    const other = await fixture.goodBackup({ backup_name: 'other' });
    await fixture.change();
    const answers = await Promise.all([fixture.restore(one.path), fixture.restore(other.path)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const found = await fixture.content();
    expect([first, second]).toContainEqual(found);
    await expectSound(fixture, found);
  });

  it('a restore during a backup waits for it, and neither sees the other', async () => {
    const old = await fixture.content();
    const { path } = await fixture.goodBackup();
    await fixture.change();
    const changed = await fixture.content();
    const { answer } = await fixture.hangingBackup({ backup_name: 'meanwhile' });
    const restored = fixture.restore(path);
    fixture.gate.open();
    const backup = (await answer).body['backup'] as ListedBackup;
    expect(await restored).toMatchObject({ status: 200 });
    await expectSound(fixture, old);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(fixture, changed);
  });

  it('a restore that another service makes during a backup lets no mixture of the two be a backup', async () => {
    const old = await fixture.content();
    const { path } = await fixture.goodBackup();
    await fixture.change();
    const changed = await fixture.content();
    const { answer } = await fixture.hangingBackup({ backup_name: 'meanwhile' });
    // By another address: to the service this is another database.
    const { connection } = await fixture.service.post<{ connection: { id: string } }>('/api/connections', {
      ...fixture.login(),
      host: 'localhost',
      replace: false,
    });
    const restoring = fixture.restore(path, { connection_id: connection.id });
    // It would wait for the backup where it cannot pass by.
    await Promise.race([restoring, answer, new Promise((done) => setTimeout(done, 1_000))]);
    fixture.gate.open();
    const { status, body } = await answer;
    const restored = await restoring;
    const now = restored.status === 200 ? old : changed;
    expect(await fixture.content()).toEqual(now);
    if (status === 200) {
      expect(await fixture.restore((body['backup'] as ListedBackup).path)).toMatchObject({ status: 200 });
      expect([old, changed]).toContainEqual(await fixture.content());
    }
    await expectSound(fixture, await fixture.content());
    await fixture.call('DELETE', `/api/connections/${connection.id}`);
  });

  it('FAILURES 31, 34: no dump of others runs anything on this machine', async () => {
    const { content } = await fixture.before();
    await fixture.sql(['create database tiny']);
    await fixture.sql(
      ['create table word (i int, t text)', `insert into word values (1, 'Name 1'), (2, 'Name 2')`],
      'tiny',
    );
    const { connection } = await fixture.service.post<{ connection: { id: string } }>(
      '/api/connections',
      fixture.login({ database: 'tiny' }),
    );
    const tiny = { connection_id: connection.id };
    const backup = await fixture.goodBackup(tiny);
    const text = await textOf(backup);
    await fixture.sql([`insert into word values (3, 'here')`], 'tiny');
    const before = await fixture.content('tiny');
    const evils = side === postgresSide ? hostileToPsql(canary) : hostileToMariadb(canary);
    for (const [index, evil] of evils.entries()) {
      // Some among the rows.
      const start = index % 5 === 0 ? text.indexOf('\n', text.indexOf('Name 1')) + 1 : text.indexOf(side.end);
      const dump = `${text.slice(0, start)}${evil}\n${text.slice(start)}`;
      const file = await fixture.place(`evil_${index}.sql`, Buffer.from(dump, 'latin1'));
      const { body } = await fixture.restore(file, tiny);
      expect({ evil, success: body['success'], code: body['code'], ran: await sings() }).toEqual({
        ...{ evil, success: false, ran: false },
        // A script that reads other files is UNSUPPORTED, with the command that puts them into one.
        code: expect.stringMatching(/^(BACKUP_UNSAFE|RESTORE_FAILED|UNSUPPORTED)$/) as string,
      });
    }
    expect(await fixture.content('tiny')).toEqual(before);
    // The dump itself is a good one.
    expect(await fixture.restore(await fixture.place('good.sql', Buffer.from(text, 'latin1')), tiny)).toMatchObject({
      status: 200,
    });
    await fixture.call('DELETE', `/api/connections/${connection.id}`);
    await dropDatabases(fixture, 'tiny');
    await fixture.removePlaced();
    await expectSound(fixture, content);
  });

  it('FAILURES 31, 34: names that read like commands run nothing, in our dumps or in others', async () => {
    const quote = side === postgresSide ? '"' : '`';
    const names = [
      'a\n\\! touch canary\nx',
      'b\nsystem touch canary\nx',
      'c; \\! touch canary',
      'd\r\\! touch canary\rx',
    ];
    for (const name of names) {
      await fixture.sql([
        `create table ${quote}${name}${quote} (${quote}${name}${quote} int)`,
        `insert into ${quote}${name}${quote} values (1)`,
      ]);
    }
    const content = await fixture.content();
    const own = await fixture.goodBackup();
    const formats = side === postgresSide ? [await fixture.goodBackup({ format: 'custom' })] : [];
    const foreign = await fixture.place('names.sql', Buffer.from(await textOf(own), 'latin1'));
    for (const path of [own.path, ...formats.map((backup) => backup.path), foreign]) {
      await fixture.change();
      const before = await fixture.content();
      const { status } = await fixture.restore(path);
      expect(await fixture.content()).toEqual(status === 200 ? content : before);
      if (path !== foreign) expect(status).toBe(200);
      for (const folder of [fixture.home, process.cwd(), '/'])
        await expect(access(join(folder, 'canary'))).rejects.toThrow('ENOENT');
    }
    await expectSound(fixture, await fixture.content());
    for (const name of names) await fixture.sql([`drop table ${quote}${name}${quote}`]);
  });

  if (side === postgresSide) {
    it('FAILURES 37: large objects, which a dump commits by itself, are all old or all new', async () => {
      const backup = await fixture.goodBackup();
      const text = await readFile(join(fixture.folder, backup.filename), 'latin1');
      expect(text).toMatch(/\nBEGIN;\n[^]*SELECT pg_catalog\.lowrite[^]*\nCOMMIT;\n/);
      await fixture.sql(['select lo_unlink(4711)', `select lo_from_bytea(42, 'mine')`]);
      const bad = text.replace(postgresSide.end, `SELECT 1/0;\n${postgresSide.end}`);
      const file = await fixture.place('objects.sql', Buffer.from(bad, 'latin1'));
      const before = await fixture.before();
      const answer = await fixture.restore(file);
      await expectNothingHappened(fixture, before, answer, { code: 'RESTORE_FAILED', message: /division by zero/ });
      expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
      expect(await fixture.sql(['select oid::int from pg_largeobject_metadata'])).toEqual([{ oid: 4711 }]);
    });

    it('FAILURES 39: owners that this server lacks change nothing, and can be left out', async () => {
      await fixture.sql(['create role ghost', 'create table haunted (i int)', 'alter table haunted owner to ghost']);
      const { path } = await fixture.goodBackup();
      await fixture.sql(['alter table haunted owner to postgres', 'drop role ghost']);
      const before = await fixture.before();
      const answer = await fixture.restore(path);
      expect(answer.body['hint']).toMatch(/no_owner/);
      await expectNothingHappened(fixture, before, answer, { code: /./, message: /ghost/ });
      expect(await fixture.restore(path, { no_owner: true })).toMatchObject({ status: 200 });
      await expectSound(fixture, before.content);
      await fixture.sql(['drop table haunted']);
    });

    it('open sessions, one of them in a transaction, hinder no restore and see no mixture', async () => {
      const { content } = await fixture.before();
      const { path } = await fixture.goodBackup();
      await fixture.change();
      const { host, port, username: user, password, database } = fixture.direct();
      const sessions = [1, 2, 3].map(() => new Client({ host, port, user, password, database }));
      for (const session of sessions) {
        session.on('error', () => undefined);
        await session.connect();
      }
      await sessions[0]?.query('select 1');
      const restored = await fixture.restore(path);
      for (const session of sessions) await session.end().catch(() => undefined);
      expect(restored).toMatchObject({ status: 200 });
      await expectSound(fixture, content);
    });
  } else {
    it('FAILURES 36: programs of another account, which this one may not make, are found before anything is touched', async () => {
      await fixture.sql([
        `create user plain@'%' identified by 'plain password'`,
        `grant all privileges on shop.* to plain@'%'`,
      ]);
      const { path } = await fixture.goodBackup();
      await fixture.change();
      const before = await fixture.before();
      const { connection } = await fixture.service.post<{ connection: { id: string } }>('/api/connections', {
        ...fixture.login({ username: 'plain', password: 'plain password' }),
        replace: false,
      });
      const answer = await fixture.restore(path, { connection_id: connection.id });
      await expectNothingHappened(fixture, before, answer, { code: 'MISSING_PRIVILEGE' });
    });

    it('FAILURES 48: foreign keys from another schema are named, and guard the same table as before', async () => {
      await fixture.sql([
        'create schema other',
        'create table other.visit (id int primary key, customer int, constraint of_shop foreign key (customer) references shop.customer (id))',
        'insert into other.visit values (1, 7)',
      ]);
      const { path } = await fixture.goodBackup();
      await fixture.change();
      const before = await fixture.before();
      const answer = await fixture.restore(path);
      const found = await fixture.content();
      const keys = await fixture.sql([
        `select unique_constraint_schema as s, referenced_table_name as t from information_schema.referential_constraints where constraint_schema = 'other'`,
      ]);
      const guarded = fixture.sql(['insert into other.visit values (2, 999999)']);
      await expect(guarded).rejects.toThrow(/foreign key/);
      await fixture.sql(['drop schema other']);
      expect(keys).toEqual([{ s: 'shop', t: 'customer' }]);
      expect(JSON.stringify(answer.body)).toContain('other.visit');
      if (answer.status === 200) await expectSound(fixture, found);
      else await expectNothingHappened(fixture, before, answer, { code: 'UNSUPPORTED', message: /other\.visit/ });
    });

    it('open sessions, one of them in a transaction, hinder no restore and see no mixture', async () => {
      const { content } = await fixture.before();
      const { path } = await fixture.goodBackup();
      await fixture.change();
      const { host, port, username: user, password, database } = fixture.direct();
      const session = await createConnection({ host, port, user, password, database });
      session.on('error', () => undefined);
      await session.query('select count(*) from customer');
      const restored = await fixture.restore(path);
      await session.end().catch(() => undefined);
      expect(restored).toMatchObject({ status: 200 });
      await expectSound(fixture, content);
    });
  }
});

/** What goes wrong at the moment when a copy takes the place of the database. */
describe.each([
  { side: postgresSide, settings: { max_prepared_transactions: '4' } },
  { side: mariadbSide, settings: {} },
])('restore, the swap, $side.name', ({ side, settings }) => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(side, { settings });
  });
  afterAll(async () => {
    await fixture.stop();
  });

  /** Old and new content, and the answer to a restore during whose swap, when it was seen, something was done. */
  async function restoreWith(fault: () => void | Promise<void>) {
    const fresh = await fixture.content();
    const { path } = await fixture.goodBackup();
    await fixture.change();
    const old = await fixture.content();
    const watch = await SwapWatch.start(fixture);
    const answer = fixture.restore(path);
    const ended = answer.then(() => undefined);
    const seen = await watch.untilSwap(ended);
    if (seen) await fault();
    await watch.end();
    return { fresh, old, seen, answer: await answer };
  }
  async function expectOneOf({ fresh, old, answer }: Awaited<ReturnType<typeof restoreWith>>): Promise<void> {
    // Whatever was left to do on the server is done before anything else is.
    await fixture.goodBackup({ backup_name: 'after' });
    const found = await fixture.content();
    expect([fresh, old]).toContainEqual(found);
    if (answer.status === 200) expect(found).toEqual(fresh);
    if (side === postgresSide) {
      expect(
        await fixture.sql([
          `select datname from pg_database where not datallowconn and datname !~ '^template0$|__before_'`,
        ]),
      ).toEqual([]);
    }
    await expectSound(fixture, found);
  }

  it('FAILURES 46, 49: a connection lost during the swap leaves the old rows or the new ones, and lets people in', async () => {
    const outcome = await restoreWith(() => fixture.gate.cut());
    expect(outcome.seen).toBe(true);
    await expectOneOf(outcome);
  });

  it('FAILURES 46, 49: a server killed during the swap has the old rows or the new ones, and lets people in', async () => {
    const outcome = await restoreWith(() => killServer(fixture.server));
    expect(outcome.seen).toBe(true);
    await expectOneOf(outcome);
  });

  it('FAILURES 46, 49: a service killed during the swap leaves the old rows or the new ones, and lets people in', async () => {
    const fresh = await fixture.content();
    const { path } = await fixture.goodBackup();
    await fixture.change();
    const old = await fixture.content();
    const watch = await SwapWatch.start(fixture);
    const answer = fixture.restore(path).catch(() => undefined);
    expect(await watch.untilSwap(answer)).toBe(true);
    await fixture.restart('SIGKILL');
    await watch.end();
    await fixture.idle();
    const found = await fixture.content();
    expect([fresh, old]).toContainEqual(found);
    await expectSound(fixture, found);
  });

  it('sessions that are open, and in the middle of a transaction, see old rows until the swap, and no mixture', async () => {
    const fresh = await fixture.content();
    const { path } = await fixture.goodBackup();
    await fixture.change();
    const reader = await Reader.start(fixture);
    const restored = await fixture.restore(path);
    const faults = await reader.end();
    expect(restored).toMatchObject({ status: 200, body: { restore: { strategy: 'swap' } } });
    expect(faults).toEqual([]);
    await expectSound(fixture, fresh);
  });

  if (side === postgresSide) {
    it('FAILURES 49: what would keep the database from being renamed is named and got round, and people are let in', async () => {
      await fixture.sql(['begin', 'select txid_current()', `prepare transaction 'half'`]);
      const fresh = await fixture.content();
      const { path } = await fixture.goodBackup();
      await fixture.change();
      const { status, body } = await fixture.restore(path);
      const allowed = await fixture.sql([`select datallowconn as allowed from pg_database where datname = 'shop'`]);
      await fixture.sql([`rollback prepared 'half'`]);
      expect({ status, told: JSON.stringify(body) }).toEqual({
        status: 200,
        told: expect.stringMatching(/prepared/) as string,
      });
      expect(allowed).toEqual([{ allowed: true }]);
      await expectSound(fixture, fresh);
    });
  }
});

/** Each would make the canary if `psql` read it, or the server ran it on its own host. */
function hostileToPsql(canary: string): string[] {
  return [
    `\\! touch ${canary}`,
    `-- Name: x\n\\! touch ${canary}`,
    `\\copy word to program 'touch ${canary}'`,
    `\\o |touch ${canary}\nSELECT 1;\n\\o`,
    `\\set x \`touch ${canary}\``,
    `SELECT 1 \\g |touch ${canary}`,
    `SELECT 'touch ${canary}' \\gexec`,
    `\\unrestrict x\n\\! touch ${canary}`,
    `\\restrict x\n\\unrestrict x\n\\! touch ${canary}`,
    `\\restrict x \\! touch ${canary}`,
    `\\w |touch ${canary}`,
    `\\setenv PSQL_PAGER 'touch ${canary}'`,
    `\\i '|touch ${canary}'`,
    `\\if true\n\\! touch ${canary}\n\\endif`,
    `\\lo_export 4711 ${canary}`,
    `COPY word (i, t) FROM stdin;\n9001\tx\n\\.\n\\! touch ${canary}`,
    `COPY word TO PROGRAM 'touch ${canary}';`,
    `COPY word TO '${canary}';`,
    `SELECT $a$ \\! $a$; \\! touch ${canary}`,
    `SELECT 'a' \\! touch ${canary}\n;`,
  ];
}

function hostileToMariadb(canary: string): string[] {
  return [
    `\\! touch ${canary}`,
    `-- x\n\\! touch ${canary}`,
    `system touch ${canary}`,
    `SYSTEM touch ${canary};`,
    `SELECT 1; \\! touch ${canary}`,
    `SELECT 1 \\! touch ${canary}\n;`,
    `/* x */ system touch ${canary}`,
    `/*! \\! touch ${canary} */;`,
    `DELIMITER ;;\nsystem touch ${canary};;\nDELIMITER ;`,
    `DELIMITER x\n\\! touch ${canary}\nDELIMITER ;`,
    `delimiter \\!\nSELECT 1\\! touch ${canary}\ndelimiter ;`,
    `\\d ;;\nsystem touch ${canary};;\n\\d ;`,
    `tee ${canary}\nSELECT 1;\nnotee`,
    `\\T ${canary}`,
    `pager touch ${canary}\nSELECT 1;`,
    `\\P touch ${canary}\nSELECT 1;`,
    `\\. ${canary}`,
    `source ${canary}`,
    `SELECT 'x' INTO OUTFILE '${canary}';`,
    `INSERT INTO \`word\` VALUES (9001,'it''s \\'');\n\\! touch ${canary}`,
  ];
}
