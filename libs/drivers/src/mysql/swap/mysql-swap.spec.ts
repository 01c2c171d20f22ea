import { Readable } from 'node:stream';
import { createConnection } from 'mysql2/promise';
import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { lockHolders } from '../dump/locks/mysql-lock-holders.js';
import { withSession } from '../login/mysql-session.js';
import { NEW_SHOP, OLD_SHOP, SwapStage } from './testing/swap-stage.js';

jest.setTimeout(120_000);

let stage: SwapStage;

beforeAll(async () => {
  stage = await SwapStage.open({ 'event-scheduler': 'ON' });
});
afterAll(() => stage?.close());

const PLAIN = (word: string): string[] => [
  'CREATE TABLE parents (id INT PRIMARY KEY, word VARCHAR(10))',
  'CREATE TABLE children (id INT PRIMARY KEY AUTO_INCREMENT, parent INT, word VARCHAR(10), FOREIGN KEY (parent) REFERENCES parents (id))',
  `INSERT INTO parents VALUES (1, '${word}'), (2, '${word}')`,
  `INSERT INTO children (parent, word) VALUES (1, '${word}')`,
  'CREATE VIEW words AS SELECT p.word AS parent, c.word AS child FROM parents p JOIN children c ON c.parent = p.id',
];

async function client(): Promise<Connection> {
  const { host, port, username: user, password, database } = stage.live;
  return createConnection({ host, port, user, password, database });
}

async function examine(connection: ConnectionParams = stage.live) {
  const plan = await stage.driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  return stage.driver.swap.examine(plan);
}

const HEADER =
  '-- MariaDB dump 10.19\n--\n-- Host: h    Database: shop\n-- ------------------------------------------------------\n';
const script = (body: string, own = true): DumpSource => ({
  ...{ format: 'plain', own },
  open: () => Readable.from([Buffer.from(`${HEADER}${body}\n-- Dump completed\n`)]),
});

/** Asks again and again until `until` settles; every answer that it got, and every error's number. */
async function poll(sql: string, until: Promise<unknown>): Promise<{ answers: Set<string>; errors: Set<number> }> {
  const session = await client();
  const answers = new Set<string>();
  const errors = new Set<number>();
  let going = true;
  const stop = (): void => void (going = false);
  until.then(stop, stop);
  while (going) {
    try {
      const [rows] = await session.query<RowDataPacket[]>(sql);
      answers.add(JSON.stringify(rows));
    } catch (error) {
      errors.add((error as { errno: number }).errno);
    }
  }
  await session.end();
  return { answers, errors };
}

describe('A swap without triggers', () => {
  it('is one statement: who reads all the while sees the old, then the new, and no error', async () => {
    await stage.reset(...PLAIN('old'));
    const copy = await stage.copyOf(...PLAIN('new'));
    const swapping = stage.swapIn(copy);
    const [joined, viewed] = await Promise.all([
      poll('SELECT p.word AS p, c.word AS c FROM shop.parents p JOIN shop.children c ON c.parent = p.id', swapping),
      poll('SELECT parent AS p, child AS c FROM words', swapping),
    ]);
    await swapping;
    for (const { answers, errors } of [joined, viewed]) {
      expect([...errors]).toEqual([]);
      for (const answer of answers) expect(['[{"p":"old","c":"old"}]', '[{"p":"new","c":"new"}]']).toContain(answer);
    }
    expect(await stage.sql('shop', 'SELECT word FROM parents')).toEqual([{ word: 'new' }, { word: 'new' }]);
  });

  it('takes foreign keys along on both sides', async () => {
    await stage.reset(...PLAIN('old'));
    const { outgoing } = await stage.swapIn(await stage.copyOf(...PLAIN('new')));
    const keys = await stage.sql(
      'mysql',
      `SELECT CONSTRAINT_SCHEMA AS s, CONSTRAINT_NAME AS n, UNIQUE_CONSTRAINT_SCHEMA AS r
         FROM information_schema.REFERENTIAL_CONSTRAINTS ORDER BY 1`,
    );
    expect(keys).toEqual([
      { s: 'shop', n: 'children_ibfk_1', r: 'shop' },
      { s: outgoing, n: 'children_ibfk_1', r: outgoing },
    ]);
    await expect(stage.sql(outgoing, 'INSERT INTO children (parent) VALUES (77)')).rejects.toMatchObject({
      errno: 1452,
    });
  });

  it('loses no write that was acknowledged: it is in the previous database or in the new content', async () => {
    await stage.reset(...PLAIN('old'));
    const copy = await stage.copyOf(...PLAIN('new'));
    let going = true;
    let acknowledged = 0;
    const writer = (async () => {
      const session = await client();
      while (going) {
        await session.query(`INSERT INTO children (parent, word) VALUES (1, 'mine')`);
        acknowledged += 1;
      }
      await session.end();
    })();
    while (acknowledged < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    const { outgoing } = await stage.swapIn(copy);
    going = false;
    await writer;
    const count = async (schema: string): Promise<number> =>
      Number((await stage.sql(schema, `SELECT COUNT(*) AS n FROM children WHERE word = 'mine'`))[0]?.['n']);
    expect((await count(outgoing)) + (await count('shop'))).toBe(acknowledged);
    expect(await count(outgoing)).toBeGreaterThanOrEqual(20);
  });

  it('works for MyISAM, Aria, MEMORY, partitions, versioned tables and merged ones', async () => {
    const tables = [
      'CREATE TABLE isam (id INT PRIMARY KEY, t TEXT, FULLTEXT (t)) ENGINE=MyISAM',
      'CREATE TABLE aria (id INT) ENGINE=Aria',
      'CREATE TABLE memory (id INT) ENGINE=MEMORY',
      'CREATE TABLE parts (id INT) PARTITION BY HASH (id) PARTITIONS 3',
      'CREATE TABLE versioned (id INT) WITH SYSTEM VERSIONING',
      'CREATE TABLE merged (id INT PRIMARY KEY, t TEXT) ENGINE=MERGE UNION=(isam)',
      'CREATE TABLE derived (id INT, d INT AS (id * 2) VIRTUAL, KEY (d))',
      'INSERT INTO isam VALUES (1, "x")',
      'INSERT INTO aria VALUES (1)',
      'INSERT INTO memory VALUES (1)',
      'INSERT INTO parts VALUES (1), (2)',
      'INSERT INTO versioned VALUES (1)',
      'INSERT INTO derived (id) VALUES (1)',
    ];
    await stage.reset(...tables, 'INSERT INTO parts VALUES (3)', 'CREATE TABLE more (id INT) ENGINE=Aria');
    const before = await stage.state();
    const { outgoing } = await stage.swapIn(await stage.copyOf(...tables));
    const after = await stage.state();
    expect(after).not.toBe(before);
    await stage.swapIn(outgoing);
    expect(await stage.state()).toBe(before);
  });
});

describe('A swap with triggers', () => {
  it('lets no write slip by them, on either side, while tables come and go', async () => {
    const tables = (word: string): string[] => [
      'CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT)',
      'CREATE TABLE noted (id INT PRIMARY KEY, word VARCHAR(10))',
      `CREATE TRIGGER note AFTER INSERT ON t FOR EACH ROW INSERT INTO noted VALUES (NEW.id, '${word}')`,
    ];
    await stage.reset(...tables('old'));
    const copy = await stage.copyOf(...tables('new'));
    let going = true;
    let acknowledged = 0;
    const refused = new Set<number>();
    const writer = async (): Promise<void> => {
      const session = await client();
      while (going) {
        try {
          await session.query('INSERT INTO t (n) VALUES (1)');
          acknowledged += 1;
        } catch (error) {
          refused.add((error as { errno: number }).errno);
        }
      }
      await session.end();
    };
    const writers = [writer(), writer()];
    while (acknowledged < 20) await new Promise((resolve) => setTimeout(resolve, 5));
    const { outgoing, lockoutMs } = await stage.swapIn(copy);
    const before = acknowledged;
    while (acknowledged < before + 20) await new Promise((resolve) => setTimeout(resolve, 5));
    going = false;
    await Promise.all(writers);

    expect(lockoutMs).toBeGreaterThan(0);
    for (const errno of refused) expect(errno).toBe(1146);
    let rows = 0;
    for (const [schema, word] of [
      ['shop', 'new'],
      [outgoing, 'old'],
    ] as const) {
      const [counts] = await stage.sql(
        schema,
        `SELECT (SELECT COUNT(*) FROM t) AS n, (SELECT COUNT(*) FROM noted WHERE word = '${word}') AS noted,
                (SELECT COUNT(*) FROM noted) AS allNoted, (SELECT COUNT(*) FROM t JOIN noted USING (id)) AS pairs`,
      );
      const n = Number(counts?.['n']);
      expect(counts).toEqual({ n, noted: n, allNoted: n, pairs: n });
      rows += n;
    }
    expect(rows).toBe(acknowledged);
  });

  it('brings routines, views, events and sequences that differ, and leaves grants and settings of the target', async () => {
    await stage.reset(...NEW_SHOP);
    const wanted = await stage.state();
    const dump = await stage.dump();
    await stage.reset(
      ...OLD_SHOP,
      `CREATE OR REPLACE USER app@'%'`,
      `GRANT SELECT ON orders TO app@'%'`,
      `GRANT EXECUTE ON FUNCTION version_of TO app@'%'`,
    );
    const grants = await stage.sql('mysql', `SHOW GRANTS FOR app@'%'`);
    await stage.swapIn(await stage.loadStaged(dump));
    expect(await stage.state()).toBe(wanted);
    expect(await stage.sql('mysql', `SHOW GRANTS FOR app@'%'`)).toEqual(grants);
    // Defaults draw from the sequence of the target, also when the server has forgotten what it had open.
    const drawn = await stage.sql(
      'shop',
      'FLUSH TABLES',
      `INSERT INTO orders (customer) VALUES (2)`,
      'SELECT MAX(number) AS n FROM orders',
    );
    expect(drawn).toEqual([{ n: expect.any(Number) as number }]);
    expect(Number(drawn[0]?.['n'])).toBeGreaterThanOrEqual(500);
  });
});

describe('A load into a staging database', () => {
  it('runs no event, though the scheduler is on, and the swap makes each what it was', async () => {
    const events = [
      'CREATE TABLE ticks (id INT PRIMARY KEY AUTO_INCREMENT)',
      'CREATE EVENT tick ON SCHEDULE EVERY 1 SECOND ON COMPLETION NOT PRESERVE ENABLE DO INSERT INTO ticks VALUES (NULL)',
      'CREATE EVENT slept ON SCHEDULE EVERY 1 SECOND ON COMPLETION PRESERVE DISABLE DO INSERT INTO ticks VALUES (NULL)',
      `CREATE EVENT finale ON SCHEDULE AT '2031-01-01' ON COMPLETION NOT PRESERVE ENABLE COMMENT 'ENABLE DO' DO SELECT 1`,
    ];
    await stage.reset(...events);
    const dump = await stage.dump();
    await stage.sql('shop', 'DROP EVENT tick', 'DROP EVENT slept', 'DROP EVENT finale', 'DELETE FROM ticks');
    const copy = await stage.loadStaged(dump);
    const [first] = await stage.sql(copy, 'SELECT COUNT(*) AS n FROM ticks');
    const statuses = `SELECT EVENT_NAME AS name, STATUS AS status, ON_COMPLETION AS completion
                        FROM information_schema.EVENTS WHERE EVENT_SCHEMA = `;
    const held = { status: 'DISABLED', completion: 'PRESERVE' };
    expect(await stage.sql('mysql', `${statuses}'${copy}' ORDER BY 1`)).toEqual(
      ['finale', 'slept', 'tick'].map((name) => ({ name, ...held })),
    );
    await stage.sql('mysql', 'SELECT SLEEP(2.5)');
    expect(await stage.sql(copy, 'SELECT COUNT(*) AS n FROM ticks')).toEqual([first]);

    await stage.swapIn(copy);
    expect(await stage.sql('mysql', `${statuses}'shop' ORDER BY 1`)).toEqual([
      { name: 'finale', status: 'ENABLED', completion: 'NOT PRESERVE' },
      { name: 'slept', status: 'DISABLED', completion: 'PRESERVE' },
      { name: 'tick', status: 'ENABLED', completion: 'NOT PRESERVE' },
    ]);
    await stage.sql('mysql', 'SELECT SLEEP(2.5)');
    expect(Number((await stage.sql('shop', 'SELECT COUNT(*) AS n FROM ticks'))[0]?.['n'])).toBeGreaterThan(
      Number(first?.['n']),
    );
  });

  it.each([
    'CREATE EVENT e ON SCHEDULE EVERY 1 SECOND DO SELECT 1;',
    'CREATE DEFINER=CURRENT_USER EVENT IF NOT EXISTS `e` ON SCHEDULE EVERY 1 SECOND DO SELECT 1;',
    '/*!50106 CREATE*/ /*!50117 DEFINER=`root`@`127.0.0.1`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 SECOND DO SELECT 1 */;',
    'SELECT 1; /*!50106 CREATE*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 SECOND ON COMPLETION PRESERVE ENABLE DO SELECT 1 */;',
  ])('refuses an event of somebody else that it cannot hold: %s', async (statement) => {
    await stage.reset();
    await expect(stage.loadStaged(script(statement, false))).rejects.toMatchObject({
      code: expect.stringMatching(/BACKUP_UNSAFE|UNSUPPORTED/) as unknown,
    });
    expect(await stage.sql('mysql', 'SELECT EVENT_NAME FROM information_schema.EVENTS')).toEqual([]);
  });

  it('does not reach the live database by triggers and views that name it', async () => {
    await stage.reset(
      'CREATE DATABASE IF NOT EXISTS elsewhere',
      'CREATE OR REPLACE TABLE elsewhere.x (id INT)',
      'CREATE TABLE t (id INT)',
      'CREATE TRIGGER shop.qualified\n  BEFORE INSERT\n  ON shop.`t`\n  FOR EACH ROW SET @a = 1',
      'CREATE VIEW mixed AS SELECT t.id FROM shop.t JOIN elsewhere.x ON x.id = t.id',
    );
    const wanted = await stage.state();
    const dump = await stage.dump();
    await stage.sql('shop', 'DROP TRIGGER qualified', 'DROP TABLE t', 'CREATE TABLE other (id INT)');
    const copy = await stage.loadStaged(dump);
    const triggers = await stage.sql('mysql', 'SELECT TRIGGER_SCHEMA AS s FROM information_schema.TRIGGERS');
    expect(triggers).toEqual([{ s: copy }]);
    await stage.swapIn(copy);
    const normal = (state: string): string => state.replace(/\s+ON (shop\.)?`t`\s+FOR/, ' ON `t` FOR');
    expect(normal(await stage.state())).toBe(normal(wanted));
    await stage.sql('mysql', 'DROP DATABASE elsewhere');
  });
});

it('A database keeps apart from one whose name differs in case only', async () => {
  await stage.reset(
    'CREATE TABLE t (id INT)',
    'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @a = 1',
    'CREATE EVENT e ON SCHEDULE EVERY 1 YEAR DO SELECT 1',
  );
  await stage.sql('mysql', 'CREATE DATABASE SHOP', 'CREATE TABLE SHOP.other (id INT)');
  const { driver, live } = stage;
  const other = { ...live, database: 'SHOP' };
  expect(await driver.countObjects(other)).toMatchObject({ tables: 1, triggers: 0, events: 0 });
  const [incoming, outgoing] = ['SHOP__restore_1', 'SHOP__before_1'];
  await driver.swap.createStaging(other, incoming);
  await stage.sql(incoming, 'CREATE TABLE restored (id INT)');
  const journal = (): Promise<void> => Promise.resolve();
  await driver.swap.swap({ connection: other, incoming, outgoing, signal: new AbortController().signal, journal });
  expect(await driver.countObjects(other)).toMatchObject({ tables: 1, triggers: 0, events: 0 });
  expect(await driver.countObjects(live)).toMatchObject({ tables: 1, triggers: 1, events: 1 });
  await stage.sql('mysql', 'DROP DATABASE SHOP', `DROP DATABASE ${outgoing}`);
});

describe('What stands in the way', () => {
  it('is named: foreign keys from other databases and to them (FAILURES 48)', async () => {
    await stage.reset(
      ...PLAIN('old'),
      'CREATE OR REPLACE DATABASE elsewhere',
      'CREATE TABLE elsewhere.orders (id INT PRIMARY KEY, parent INT, CONSTRAINT to_shop FOREIGN KEY (parent) REFERENCES shop.parents (id))',
    );
    const before = await stage.state();
    const { blockers } = await examine();
    expect(blockers).toEqual([expect.stringContaining('elsewhere.orders.to_shop')]);
    const copy = await stage.copyOf(...PLAIN('new'));
    await expect(stage.swapIn(copy)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('elsewhere.orders.to_shop') as unknown,
    });
    expect(await stage.state()).toBe(before);
    await stage.sql('mysql', 'DROP DATABASE elsewhere');
    expect((await examine()).blockers).toEqual([]);
    await stage.sql(
      'mysql',
      'CREATE DATABASE elsewhere',
      'CREATE TABLE elsewhere.p (id INT PRIMARY KEY)',
      'CREATE TABLE shop.leads_out (id INT, CONSTRAINT out_of_shop FOREIGN KEY (id) REFERENCES elsewhere.p (id))',
    );
    expect((await examine()).blockers).toEqual([expect.stringContaining('shop.leads_out.out_of_shop')]);
    await stage.sql('mysql', 'DROP TABLE shop.leads_out', 'DROP DATABASE elsewhere');
  });

  it('an account of one database only is told what it lacks, and that suffices', async () => {
    await stage.reset(
      ...OLD_SHOP,
      `CREATE OR REPLACE USER keeper@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL ON shop.* TO keeper@'%'`,
    );
    const keeper = { ...stage.live, username: 'keeper', password: 'pw' };
    const told: string[] = [];
    const { blockers, warnings, freeBytes, sessions } = await examine(keeper);
    expect(blockers.join('\n')).toMatch(/lacks SELECT.*GRANT .* ON `shop\\_\\_%`\.\* TO 'keeper'@'%'/);
    expect(blockers.join('\n')).toMatch(/SET USER/);
    expect(warnings.join('\n')).toMatch(/PROCESS/);
    expect(sessions).toBe(0);
    expect(freeBytes).toBeGreaterThan(0);
    for (const blocker of blockers) told.push(blocker.slice(blocker.indexOf('run: ') + 5).replace(/;$/, ''));
    await stage.sql('mysql', ...told);
    expect((await examine(keeper)).blockers).toEqual([]);

    const incoming = stage.name('restore');
    await stage.driver.swap.createStaging(keeper, incoming);
    await stage.sql(incoming, ...NEW_SHOP.filter((statement) => !statement.startsWith('CREATE EVENT')));
    const outgoing = stage.name('before');
    await stage.driver.swap.swap({
      ...{ connection: keeper, incoming, outgoing, signal: new AbortController().signal },
      journal: () => Promise.resolve(),
    });
    expect(await stage.sql('shop', 'SELECT COUNT(*) AS n FROM only_new')).toEqual([{ n: 1 }]);
    await stage.driver.swap.dropCopy(keeper, outgoing);
    expect(await stage.schemas()).toEqual(['shop']);
    await stage.sql('mysql', 'SET GLOBAL log_bin_trust_function_creators = 0');
  });

  it('a transaction that does not end is named, and everything is as before', async () => {
    await stage.reset(...PLAIN('old'));
    const before = await stage.state();
    const copy = await stage.copyOf(...PLAIN('new'));
    const other = await client();
    await other.query('START TRANSACTION');
    await other.query('SELECT * FROM parents');
    const [[row]] = await other.query<RowDataPacket[]>('SELECT CONNECTION_ID() AS id');
    await expect(stage.swapIn(copy, { patienceMs: 1000 })).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(`${row?.['id']} of root@`) as unknown,
    });
    await other.query('COMMIT');
    await other.end();
    expect(await stage.state()).toBe(before);
    await stage.swapIn(copy);
    expect(await stage.sql('shop', 'SELECT DISTINCT word FROM parents')).toEqual([{ word: 'new' }]);
  });

  it('39: a prepared XA transaction is named where it holds tables, before the swap and when it fails', async () => {
    await stage.reset(...PLAIN('old'));
    const before = await stage.state();
    const copy = await stage.copyOf(...PLAIN('new'));
    const other = await client();
    for (const step of ['START', 'END', 'PREPARE']) {
      await other.query(`XA ${step} 'order-17', 'branch', 5`);
      if (step === 'START') await other.query(`UPDATE parents SET word = 'changed'`);
    }
    // It outlives its session.
    await other.end();
    const named = expect.stringContaining(`'order-17','branch',5`) as unknown;
    try {
      expect((await examine()).warnings).toContainEqual(named);
      await expect(stage.swapIn(copy, { patienceMs: 1000 })).rejects.toMatchObject({ code: 'BUSY', hint: named });
      expect(await withSession(stage.live, {}, (session) => lockHolders(session, 'shop'))).toEqual(named);
    } finally {
      await stage.sql('mysql', `XA ROLLBACK 'order-17', 'branch', 5`);
    }
    expect(await stage.state()).toBe(before);
    await stage.swapIn(copy);
    expect((await examine()).warnings.join()).not.toContain('XA');
  });

  it('a database of that name is not overwritten, and a missing one is an error', async () => {
    await stage.reset(...PLAIN('old'));
    const copy = await stage.copyOf(...PLAIN('new'));
    const request = { connection: stage.live, signal: new AbortController().signal, journal: () => Promise.resolve() };
    const there = stage.name('before');
    await stage.driver.swap.createStaging(stage.live, there);
    await expect(stage.driver.swap.swap({ ...request, incoming: copy, outgoing: there })).rejects.toMatchObject({
      code: 'BUSY',
    });
    const absent = stage.name('restore');
    await expect(
      stage.driver.swap.swap({ ...request, incoming: absent, outgoing: stage.name('before') }),
    ).rejects.toMatchObject({ code: 'DATABASE_NOT_FOUND' });
    await expect(
      stage.driver.swap.swap({ ...request, incoming: 'mysql', outgoing: stage.name('before') }),
    ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  it('a cancelled swap leaves everything as it was', async () => {
    await stage.reset(...OLD_SHOP);
    const before = await stage.state();
    const copy = await stage.copyOf(...PLAIN('new'));
    const abort = new AbortController();
    const journal = (): Promise<void> => Promise.resolve(abort.abort());
    await expect(stage.swapIn(copy, { signal: abort.signal, journal })).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await stage.state()).toBe(before);
    expect(await stage.schemas()).toEqual(['shop', copy].sort());
  });
});

describe('22: A swap of many tables', () => {
  const TABLES = 520;
  const many = (word: string, ...more: string[]): string[] => [
    ...Array.from({ length: TABLES }, (_, index) => `CREATE TABLE t${index} (word VARCHAR(10) DEFAULT '${word}')`),
    ...more,
  ];
  /** The statements of this kind that ran since, in their order. */
  async function logged(work: () => Promise<unknown>): Promise<string[]> {
    await stage.sql(
      'mysql',
      `SET GLOBAL log_output = 'TABLE'`,
      'TRUNCATE mysql.general_log',
      'SET GLOBAL general_log = ON',
    );
    try {
      await work();
    } finally {
      await stage.sql('mysql', 'SET GLOBAL general_log = OFF');
    }
    const rows = await stage.sql(
      'mysql',
      `SELECT CONVERT(argument USING utf8mb4) AS text FROM general_log WHERE command_type = 'Query'
        AND argument REGEXP '^(RENAME|CREATE DEFINER|DROP TRIGGER|CREATE TRIGGER)' ORDER BY event_time`,
    );
    return rows.map(({ text }) => String(text));
  }

  const countOf = (statements: readonly string[]): number[] =>
    statements.filter((text) => text.startsWith('RENAME')).map((text) => text.split(' TO ').length - 1);

  it('is one RENAME up to a thousand tables, and batches beyond, as MariaDB needs longer for each the more it is given', async () => {
    await stage.reset(...many('old', `INSERT INTO t1 VALUES ('old')`));
    const copy = await stage.copyOf(...many('new', `INSERT INTO t1 VALUES ('new')`));
    const told: [number, number][] = [];
    const onMoved = (moved: number, total: number): void => void told.push([moved, total]);
    /** Meanwhile somebody reads: the old word, the new one, or no table. */
    const swapped = async (incoming: string, options: Parameters<SwapStage['swapIn']>[1]) => {
      let outgoing = '';
      const statements = await logged(async () => {
        const swapping = stage.swapIn(incoming, options);
        const [read, result] = await Promise.all([poll('SELECT word FROM t1', swapping), swapping]);
        outgoing = result.outgoing;
        expect([...read.errors].filter((errno) => errno !== 1146)).toEqual([]);
        for (const answer of read.answers) expect(['[{"word":"old"}]', '[{"word":"new"}]']).toContain(answer);
      });
      return { outgoing, counts: countOf(statements) };
    };
    const first = await swapped(copy, { onMoved });
    // Old and new in one statement are too many, the old alone are not.
    expect(first.counts).toEqual([TABLES, TABLES]);
    expect(told).toEqual([0, TABLES, 2 * TABLES].map((moved) => [moved, 2 * TABLES]));
    told.length = 0;
    const second = await swapped(first.outgoing, { onMoved, limits: { atOnce: 500 } });
    expect(second.counts).toEqual([200, 200, 120, 200, 200, 120]);
    expect(told.map(([moved]) => moved)).toEqual([0, 200, 400, 520, 720, 920, 1_040]);
    for (const schema of ['shop', second.outgoing]) {
      await stage.sql(schema, `DROP TABLE ${Array.from({ length: 40 }, (_, index) => `t${index + 480}`).join(', ')}`);
    }
    const third = await swapped(second.outgoing, {});
    expect(third.counts).toEqual([960]);
    expect(await stage.sql('shop', 'SELECT word FROM t1')).toEqual([{ word: 'new' }]);
  });

  it('moves and prepares outside the lock-out what needs no name that is taken: triggers first, and the old ones dropped last', async () => {
    const noted = (table: string, name: string): string =>
      `CREATE TRIGGER ${name} BEFORE INSERT ON ${table} FOR EACH ROW SET NEW.word = '${name}'`;
    const tables = ['a', 'b', 'c'].map((name) => `CREATE TABLE ${name} (word VARCHAR(20))`);
    await stage.reset(...tables, noted('a', 'same'), noted('b', 'only_old'));
    const copy = await stage.copyOf(...tables, noted('a', 'same'), noted('c', 'only_new'));
    const steps: string[] = [];
    const statements = await logged(() => stage.swapIn(copy, { onStep: async (step) => void steps.push(step) }));
    expect(steps.filter((step) => !/routines|events|views|collation/.test(step))).toEqual([
      ...['prepare arrivals', 'create trigger only_new', 'leave'],
      ...['drop trigger same', 'drop trigger only_old', 'create trigger same', 'arrive', 'send home'],
    ]);
    expect(countOf(statements)).toEqual([2, 3, 3, 2]);
    const after = await stage.sql(
      'shop',
      `INSERT INTO a VALUES ('x')`,
      `INSERT INTO c VALUES ('x')`,
      'SELECT * FROM c',
    );
    expect(after).toEqual([{ word: 'only_new' }]);
  });

  it('keeps names of constraints apart, of which a schema may have one, and goes there and back', async () => {
    const tables = (word: string): string[] => [
      'CREATE TABLE parents (id INT PRIMARY KEY)',
      `CREATE TABLE children (id INT PRIMARY KEY, parent INT, word VARCHAR(20), CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id), CONSTRAINT known CHECK (id > 0))`,
      `CREATE TRIGGER noted BEFORE INSERT ON children FOR EACH ROW SET NEW.word = '${word}'`,
      `CREATE TRIGGER counted BEFORE INSERT ON parents FOR EACH ROW SET @seen = '${word}'`,
    ];
    await stage.reset(...tables('old'));
    const old = await stage.state();
    const { outgoing } = await stage.swapIn(await stage.copyOf(...tables('new')));
    expect(await stage.state()).toBe(old.replaceAll(`'old'`, `'new'`));
    await stage.swapIn(outgoing);
    expect(await stage.state()).toBe(old);
  });
});

describe('Odd content', () => {
  it('a view that is broken in the target neither hinders the swap nor its undoing, and is named', async () => {
    await stage.reset(...PLAIN('old'), 'CREATE VIEW orphan AS SELECT * FROM children', 'DROP TABLE children');
    const { outgoing } = await stage.swapIn(await stage.copyOf(...PLAIN('new')));
    const { warnings } = await stage.swapIn(outgoing);
    expect(warnings).toEqual(['Views that were broken before could not be made again: orphan.']);
    expect(await stage.sql('shop', 'SELECT word FROM parents')).toEqual([{ word: 'old' }, { word: 'old' }]);
  });

  it('an error puts back a broken view, too', async () => {
    await stage.reset(...PLAIN('old'), 'DROP TABLE children');
    const copy = await stage.copyOf(...NEW_SHOP);
    const before = await stage.sql('shop', 'SHOW FULL TABLES');
    const onStep = (step: string): Promise<void> =>
      step === 'arrive' ? Promise.reject(new Error('no')) : Promise.resolve();
    await expect(stage.swapIn(copy, { onStep })).rejects.toThrow('no');
    expect(await stage.sql('shop', 'SHOW FULL TABLES')).toEqual(before);
  });

  it('texts of another character set and made under another collation come back byte for byte', async () => {
    await stage.reset('CREATE TABLE t (id INT, `größe` INT)');
    const session = await client();
    // As an old client did: what it sends is Latin-1.
    await session.query(`SET character_set_client = latin1, collation_connection = latin1_german1_ci`);
    (session as unknown as { connection: { config: { charsetNumber: number } } }).connection.config.charsetNumber = 8;
    await session.query(`CREATE FUNCTION f() RETURNS VARCHAR(9) CHARSET latin1 DETERMINISTIC RETURN 'grün'`);
    await session.query(`CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET @farbe = 'grün'`);
    await session.query("CREATE VIEW v AS SELECT `größe` AS `fläche`, 'grün' AS farbe FROM t");
    await session.query(`CREATE EVENT e ON SCHEDULE AT '2031-01-01' ON COMPLETION PRESERVE DISABLE DO SET @a = 'grün'`);
    await session.end();
    await stage.sql(
      'shop',
      'ALTER DATABASE shop COLLATE utf8mb4_bin',
      `CREATE PROCEDURE p() SELECT 'ü🙂'`,
      'ALTER DATABASE shop COLLATE utf8mb4_general_ci',
    );
    const before = await stage.state();
    const viewed = await stage.sql('shop', 'SELECT * FROM v', `SHOW COLUMNS FROM v`);
    expect(before).toContain('"databaseCollation":"utf8mb4_bin"');

    const { outgoing } = await stage.swapIn(await stage.copyOf(...PLAIN('new')));
    await stage.swapIn(outgoing);
    expect(await stage.state()).toBe(before);
    expect(await stage.sql('shop', 'SHOW COLUMNS FROM v')).toEqual(viewed);
    expect(await stage.sql('shop', 'SELECT HEX(f()) AS f')).toEqual([{ f: '6772FC6E' }]);
  });

  it('an empty database is swapped for a full one and back', async () => {
    await stage.reset();
    const { outgoing } = await stage.swapIn(await stage.copyOf(...NEW_SHOP));
    expect(await stage.sql('shop', 'SELECT COUNT(*) AS n FROM only_new')).toEqual([{ n: 1 }]);
    await stage.swapIn(outgoing);
    expect(await stage.sql('shop', 'SHOW TABLES')).toEqual([]);
  });
});

describe('Staging and previous databases', () => {
  it('are found, measured and dropped by their names, and nothing else is ever dropped', async () => {
    await stage.reset(...PLAIN('old'));
    await stage.sql('mysql', 'CREATE DATABASE `shop__restore`', 'CREATE DATABASE `shop_x_before_y`');
    const copy = await stage.copyOf(...PLAIN('new'));
    const { swap } = stage.driver;
    expect(await swap.copies(stage.live)).toEqual([
      { name: copy, role: 'restore', id: copy.slice(copy.lastIndexOf('_') + 1), whole: true },
    ]);
    expect(await swap.copyBytes(stage.live, copy)).toBeGreaterThan(0);
    expect(await swap.copyBytes(stage.live, stage.name('before'))).toBeUndefined();
    for (const name of ['shop', 'shop__restore', 'mysql', '', 'shop_x_before_y']) {
      await expect(swap.dropCopy(stage.live, name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(swap.createStaging(stage.live, name)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    }
    await swap.dropCopy(stage.live, copy);
    await swap.dropCopy(stage.live, copy);
    expect(await swap.copies(stage.live)).toEqual([]);
    await stage.sql('mysql', 'DROP DATABASE `shop__restore`', 'DROP DATABASE `shop_x_before_y`');
  });

  it('are dropped though a session sits in them with an open transaction', async () => {
    await stage.reset();
    const copy = await stage.copyOf(...PLAIN('new'));
    const other = await client();
    other.on('error', () => undefined);
    await other.query(`USE ${copy}`);
    await other.query('START TRANSACTION');
    await other.query('SELECT * FROM parents');
    await stage.driver.swap.dropCopy(stage.live, copy);
    expect(await stage.driver.swap.copies(stage.live)).toEqual([]);
    await other.end().catch(() => undefined);
  });
});
