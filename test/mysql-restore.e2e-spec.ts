import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams, ToolPaths } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { DumpSource } from '@app/drivers';
import { installedMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startTestServer, testedServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** Restores of MySQL and MariaDB that must come out whole on each version, with the clients of both families. */

jest.setTimeout(180_000);

const never = new AbortController().signal;
let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;
/** Of the tested version, and of MariaDB where that is another. */
let clients: Record<string, ToolPaths>;
let number = 0;

beforeAll(async () => {
  server = await startTestServer('MySQL', { settings: { 'log-bin': 'binlog', 'server-id': '1' } });
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-restore-'));
  driver = new MysqlDriver({ runtimeDir, lockTimeoutMs: 5_000 });
  clients = { own: {} };
  if (testedServer()?.flavour === 'MySQL') {
    const [mariadb] = await installedMariadb();
    const program = (name: string): string => join(mariadb?.home ?? '/usr', 'bin', name);
    clients['mariadb'] = { mysqldump_path: program('mariadb-dump'), mysql_path: program('mariadb') };
  }
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const root = (database: string): ConnectionParams => server.connection(database);

async function made(database: string, ...statements: string[]): Promise<void> {
  await runSql(root('mysql'), [
    `DROP DATABASE IF EXISTS \`${database}\``,
    `CREATE DATABASE \`${database}\` CHARACTER SET utf8mb4`,
  ]);
  await runSql(root(database), statements);
}

async function dumped(database: string, tools: ToolPaths = {}): Promise<Buffer> {
  const plan = await driver.prepareDump({ connection: root(database), format: 'plain', tools });
  const running = await driver.startDump(plan, never);
  const bytes = await buffer(running.output);
  await running.completed;
  return bytes;
}

const ours = (bytes: Buffer): DumpSource => ({ format: 'plain', own: true, open: () => Readable.from([bytes]) });
const foreign = (text: string): DumpSource => ({
  ...{ format: 'plain', own: false },
  open: driver.tidyForeign(
    { format: 'plain', own: false, open: () => Readable.from([Buffer.from(text)]) },
    { acceptIncomplete: false },
  ).open,
});

/** Into a staging database of `shop`; its name. */
async function staged(source: DumpSource, tools: ToolPaths = {}, connection = root('shop')): Promise<string> {
  const copy = driver.swap.copyName('shop', 'restore', `${(number += 1)}`);
  await driver.swap.createStaging(connection, copy);
  const request = {
    connection: { ...connection, database: copy },
    format: 'plain',
    tools,
    skipOwnership: false,
  } as const;
  const plan = await driver.prepareLoad({ ...request, staged: true });
  try {
    await driver.load(plan, source, { signal: never, beforeCommit: async () => undefined });
  } catch (error) {
    await driver.swap.dropCopy(connection, copy);
    throw error;
  }
  return copy;
}

const triggers = async (): Promise<unknown[]> =>
  (
    await runSql(root('mysql'), [
      `SELECT CONCAT(TRIGGER_SCHEMA, '.', TRIGGER_NAME, ' on ', EVENT_OBJECT_TABLE) AS t FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA LIKE 'shop%' ORDER BY 1`,
    ])
  ).map(({ t }) => t);

describe('8: a trigger that names its database', () => {
  const TABLES = ['CREATE TABLE orders (id INT PRIMARY KEY, n INT)', 'CREATE TABLE noted (id INT)'];
  const TYPED: Record<string, string> = {
    'in lower case': 'create trigger shop.audit before insert on shop.orders for each row set @a = 1',
    'with blanks around the dot':
      'CREATE TRIGGER shop . audit BEFORE INSERT ON shop\n . `orders` FOR EACH ROW SET @a = 1',
    'on several lines': 'CREATE\nTRIGGER\n  `shop`.`audit`\nBEFORE INSERT\nON\n`shop`.orders\nFOR EACH ROW\nSET @a = 1',
    'with comments':
      'CREATE /* x */ TRIGGER /* trigger a.b on c.d */ shop.audit BEFORE INSERT ON # on e.f\n shop.orders FOR EACH ROW SET @a = 1',
    'with IF NOT EXISTS':
      'create trigger if not exists shop.audit before insert on shop.orders for each row set @a = 1',
    'with the word trigger in it':
      "CREATE TRIGGER shop.audit BEFORE INSERT ON shop.orders FOR EACH ROW SET @a = 'trigger x.y on shop.orders for'",
  };

  const withTrigger = (bytes: Buffer, statement: string): string => {
    const text = bytes.toString('latin1');
    const edited = text.replace(/\/\*!50003 CREATE\*\/ .*?;;/s, () => statement);
    expect(edited).not.toBe(text);
    return edited;
  };

  it.each(Object.keys(TYPED))('comes into the staging database and not into the live one, typed %s', async (how) => {
    await made('shop', ...TABLES, TYPED[how] ?? '');
    // Functions and triggers with comments in their heads are not made with more rights than those of the dump.
    const trusted = how.includes('comment') ? 1 : 0;
    await runSql(root('mysql'), [`SET GLOBAL log_bin_trust_function_creators = ${trusted}`]);
    for (const tools of Object.values(clients)) {
      const bytes = await dumped('shop', tools);
      await runSql(root('shop'), ['DROP TRIGGER audit']);
      const body = (TYPED[how] ?? '').replace(/^create\s/i, '');
      for (const source of [
        ours(bytes),
        // As people take definers out: sed 's/DEFINER=[^*]*\*/\*/'
        foreign(withTrigger(bytes, `/*!50003 CREATE*/ /*!50017 */ /*!50003 ${body} */;;`)),
        foreign(withTrigger(bytes, `/*!50003 CREATE*/  /*!50003 ${body} */;;`)),
        foreign(withTrigger(bytes, `CREATE ${body};;`)),
      ]) {
        const copy = await staged(source, tools);
        expect(await triggers()).toEqual([`${copy}.audit on orders`]);
        await driver.swap.dropCopy(root('shop'), copy);
      }
      await runSql(root('shop'), [TYPED[how] ?? '']);
    }
  });

  it('comes into the staging database where the text is all that is judged', async () => {
    await made('shop', ...TABLES, TYPED['in lower case'] ?? '');
    const typed = 'create trigger shop.audit before insert on shop.orders for each row set @a = 1';
    const text = withTrigger(await dumped('shop'), `/*!50003 CREATE*/ /*!50017 */ /*!50003 ${typed.slice(7)} */;;`);
    await runSql(root('shop'), ['DROP TRIGGER audit']);
    await runSql(root('mysql'), [
      `DROP USER IF EXISTS mighty@'%'`,
      `CREATE USER mighty@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL ON *.* TO mighty@'%'`,
      `REVOKE CREATE USER ON *.* FROM mighty@'%'`,
    ]);
    const copy = await staged(foreign(text), {}, { ...root('shop'), username: 'mighty', password: 'pw' });
    expect(await triggers()).toEqual([`${copy}.audit on orders`]);
    await driver.swap.dropCopy(root('shop'), copy);
  });

  it('of another database is refused, and changes nothing there', async () => {
    await made('shop', ...TABLES, TYPED['in lower case'] ?? '');
    await made('shop_other', ...TABLES);
    const typed = 'trigger shop_other.audit before insert on shop_other.orders for each row set @a = 1';
    const text = withTrigger(await dumped('shop'), `/*!50003 CREATE*/ /*!50017 */ /*!50003 ${typed} */;;`);
    await expect(staged(foreign(text))).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
    });
    expect(await triggers()).toEqual(['shop.audit on orders']);
  });
});

describe('22: tables that move', () => {
  const tables = (word: string): string[] => [
    'CREATE TABLE parents (id INT PRIMARY KEY)',
    `CREATE TABLE children (id INT PRIMARY KEY, parent INT, word VARCHAR(20),
       CONSTRAINT of_parent FOREIGN KEY (parent) REFERENCES parents (id), CONSTRAINT known CHECK (id > 0))`,
    'CREATE TABLE plain (id INT PRIMARY KEY, word VARCHAR(20))',
    'INSERT INTO parents VALUES (1)',
    `INSERT INTO children VALUES (1, 1, '${word}')`,
    `CREATE TRIGGER noted BEFORE INSERT ON children FOR EACH ROW SET NEW.word = '${word}'`,
    `CREATE TRIGGER counted BEFORE INSERT ON parents FOR EACH ROW SET @seen = '${word}'`,
    `CREATE TRIGGER only_${word} BEFORE INSERT ON plain FOR EACH ROW SET NEW.word = '${word}'`,
  ];
  const all = async (): Promise<unknown> => [
    await driver.census(root('shop'), never, 'content'),
    await triggers(),
    await runSql(root('mysql'), [
      `SELECT CONSTRAINT_TYPE AS t, CONSTRAINT_NAME AS n FROM information_schema.TABLE_CONSTRAINTS
        WHERE TABLE_SCHEMA = 'shop' ORDER BY 1, 2`,
    ]),
  ];
  const prepared = async () =>
    driver.prepareLoad({ connection: root('shop'), format: 'plain', tools: {}, skipOwnership: false });

  beforeEach(async () => {
    await runSql(root('mysql'), ['SET GLOBAL log_bin_trust_function_creators = 1']);
  });

  it('are swapped there and back, with constraints and triggers of the same names on both sides; it is told how many have', async () => {
    await made('shop', ...tables('fresh'));
    const [bytes, fresh] = [await dumped('shop'), await all()];
    await made('shop', ...tables('stale'));
    const stale = await all();
    const told: [number, number][] = [];
    const swap = (incoming: string, outgoing: string) =>
      driver.swap.swap({
        ...{ connection: root('shop'), incoming, outgoing, signal: never, journal: async () => undefined },
        onMoved: (moved, total) => void told.push([moved, total]),
      });
    const [first, second] = [1, 2].map((id) => driver.swap.copyName('shop', 'before', `moves${id}`)) as [
      string,
      string,
    ];
    await swap(await staged(ours(bytes)), first);
    expect(await all()).toEqual(fresh);
    expect(told[0]).toEqual([0, 6]);
    expect(told.at(-1)).toEqual([6, 6]);
    expect(told.map(([moved]) => moved)).toEqual(told.map(([moved]) => moved).toSorted((a, b) => a - b));
    await swap(first, second);
    expect(await all()).toEqual(stale);
    await driver.swap.dropCopy(root('shop'), second);
  });

  it('are dropped by one statement and moved in by few in a restore in place, which tells how many have', async () => {
    await made('shop', ...tables('fresh'));
    const [bytes, fresh] = [await dumped('shop'), await all()];
    await made('shop', ...tables('stale'));
    const told: [number, number][] = [];
    await runSql(root('mysql'), [
      `SET GLOBAL log_output = 'TABLE'`,
      'TRUNCATE mysql.general_log',
      'SET GLOBAL general_log = ON',
    ]);
    const hooks = { signal: never, beforeCommit: async () => undefined, beforeReplacing: async () => undefined };
    const onMoved = (moved: number, total: number): void => void told.push([moved, total]);
    try {
      await driver.load(await prepared(), ours(bytes), { ...hooks, onMoved });
    } finally {
      await runSql(root('mysql'), ['SET GLOBAL general_log = OFF']);
    }
    expect(await all()).toEqual(fresh);
    expect(told[0]).toEqual([0, 3]);
    expect(told.at(-1)).toEqual([3, 3]);
    const statements = await runSql(root('mysql'), [
      `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log
        WHERE command_type = 'Query' AND argument REGEXP '^(RENAME|DROP) TABLE.*\`shop\`' ORDER BY event_time`,
    ]);
    // Nothing is left that blocks: all that waits for a trigger waits at once.
    const [dropping, ...renaming] = statements.map(({ text }) => String(text).replace(/^(\w+) .*/s, '$1'));
    expect({ dropping, renaming }).toEqual({ dropping: 'DROP', renaming: ['RENAME', 'RENAME', 'RENAME'] });
    expect(String(statements[0]?.['text'])).toMatch(/children.*parents.*plain/);
  });

  it('are counted by a dry run, with what each may cost', async () => {
    await made('shop', ...tables('stale'));
    const { moves } = await driver.swap.examine(await prepared());
    expect(moves).toMatchObject({ tables: 3, triggers: 3 });
    for (const [least, most] of [moves?.perTable, moves?.perTrigger] as [number, number][]) {
      expect(least).toBeGreaterThan(0);
      expect(most).toBeGreaterThan(least);
    }
  });
});

describe('11: a restore in place', () => {
  const SHOP = [
    'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(20))',
    'CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, customer INT, CONSTRAINT of_customer FOREIGN KEY (customer) REFERENCES customers (id))',
    'CREATE TABLE noted (id INT PRIMARY KEY AUTO_INCREMENT, word VARCHAR(20))',
    `INSERT INTO customers VALUES (1, 'ann'), (2, 'bob')`,
    'INSERT INTO orders (customer) VALUES (1), (2), (2)',
    `CREATE TRIGGER note AFTER INSERT ON orders FOR EACH ROW INSERT INTO noted (word) VALUES ('order')`,
    'CREATE VIEW named AS SELECT o.id, c.name FROM orders o JOIN customers c ON c.id = o.customer',
    'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 7',
    'CREATE PROCEDURE p() SELECT f()',
    `CREATE EVENT tidy ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01' DO DELETE FROM noted WHERE id < 0`,
  ];
  const inPlace = async (source: DumpSource, connection = root('shop')) => {
    const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
    const replacing = jest.fn<Promise<void>, []>(() => Promise.resolve());
    const hooks = { signal: never, beforeCommit: async () => undefined, beforeReplacing: replacing };
    return { replacing, loading: driver.load(plan, source, hooks) };
  };
  const shown = async (): Promise<unknown> => [
    await driver.census(root('shop'), never, 'content'),
    await runSql(root('shop'), ['SELECT * FROM named ORDER BY id']),
    await runSql(root('mysql'), [
      `SELECT EVENT_NAME AS n, STATUS AS s, ON_COMPLETION AS c FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'`,
    ]),
  ];
  const staging = async (): Promise<unknown[]> =>
    runSql(root('mysql'), [`SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'shop\\_\\_%'`]);

  beforeEach(async () => {
    await runSql(root('mysql'), ['SET GLOBAL log_bin_trust_function_creators = 1', 'DROP DATABASE IF EXISTS clients']);
    await made('shop', ...SHOP);
  });

  /** Inserts all the while; how many the server has acknowledged, and the numbers of the errors. */
  function writing() {
    let going = true;
    const seen = { acknowledged: 0, errors: new Set<number>() };
    const done = (async () => {
      while (going) {
        try {
          await runSql(root('shop'), ['INSERT INTO orders (customer) VALUES (1)']);
          seen.acknowledged += 1;
        } catch (error) {
          seen.errors.add((error as { errno: number }).errno);
        }
      }
    })();
    return {
      seen,
      stop: async () => {
        going = false;
        await done;
      },
    };
  }

  it('of a dump that fails loses no write that was acknowledged', async () => {
    const bytes = await dumped('shop');
    const wrong = bytes.toString().replace(/\n-- Dump completed/, '\nSELECT * FROM nothing;\n-- Dump completed');
    const writer = writing();
    while (writer.seen.acknowledged < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    const { loading, replacing } = await inPlace(ours(Buffer.from(wrong)));
    await expect(loading).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      message: expect.stringMatching(/^Restoring "shop" failed/) as unknown,
    });
    await writer.stop();
    expect(replacing).not.toHaveBeenCalled();
    expect([...writer.seen.errors]).toEqual([]);
    expect(await runSql(root('shop'), ['SELECT COUNT(*) - 3 AS n FROM orders'])).toEqual([
      { n: writer.seen.acknowledged },
    ]);
    expect(await staging()).toEqual([]);
  });

  it('replaces everything, and lets nobody write into what is half loaded', async () => {
    const wanted = await shown();
    const bytes = await dumped('shop');
    await runSql(root('shop'), [
      'DROP TRIGGER note',
      'DROP VIEW named',
      'DROP PROCEDURE p',
      'CREATE TABLE more (id INT)',
      `CREATE TRIGGER other BEFORE INSERT ON more FOR EACH ROW SET @a = 1`,
      'CREATE VIEW more_named AS SELECT * FROM more',
      'DELETE FROM orders',
    ]);
    await runSql(root('mysql'), [
      'CREATE DATABASE clients',
      'CREATE TABLE clients.c (id INT PRIMARY KEY, CONSTRAINT to_shop FOREIGN KEY (id) REFERENCES shop.customers (id))',
      'INSERT INTO clients.c VALUES (1)',
    ]);
    const { loading, replacing } = await inPlace(ours(bytes));
    await loading;
    expect(replacing).toHaveBeenCalledTimes(1);
    expect(await shown()).toEqual(wanted);
    expect(await triggers()).toEqual(['shop.note on orders']);
    // The foreign key of the other database leads to the new table.
    await expect(runSql(root('clients'), ['INSERT INTO c VALUES (77)'])).rejects.toMatchObject({ errno: 1452 });
    await runSql(root('clients'), ['INSERT INTO c VALUES (2)']);
    expect(await staging()).toEqual([]);

    const writer = writing();
    while (writer.seen.acknowledged < 5) await new Promise((resolve) => setTimeout(resolve, 5));
    await (
      await inPlace(ours(bytes))
    ).loading;
    const { acknowledged } = writer.seen;
    while (writer.seen.acknowledged < acknowledged + 5) await new Promise((resolve) => setTimeout(resolve, 5));
    await writer.stop();
    // What was written into the new tables was written with their trigger and their foreign keys in place.
    const [counts] = await runSql(root('shop'), [
      'SELECT (SELECT COUNT(*) FROM orders) AS n, (SELECT COUNT(*) FROM noted) AS noted',
    ]);
    expect(counts?.['noted']).toBe(Number(counts?.['n']) - 3);
    // None of these was acknowledged: no table, a deadlock, a table dropped that the foreign key leads to.
    for (const errno of writer.seen.errors) expect([1146, 1213, 1452]).toContain(errno);
  });

  it('is loaded right into the target where its foreign keys lead to tables that are not there', async () => {
    await runSql(root('shop'), ['SET foreign_key_checks = 0', 'DROP TABLE customers', 'DROP VIEW named']);
    const bytes = await dumped('shop');
    const { loading, replacing } = await inPlace(ours(bytes));
    await loading;
    expect(replacing).toHaveBeenCalledTimes(1);
    expect(await runSql(root('shop'), ['SELECT COUNT(*) AS n FROM orders'])).toEqual([{ n: 3 }]);
    expect(
      await runSql(root('mysql'), [
        `SELECT UNIQUE_CONSTRAINT_SCHEMA AS s FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE CONSTRAINT_SCHEMA = 'shop'`,
      ]),
    ).toEqual([{ s: 'shop' }]);
    expect(await staging()).toEqual([]);
  });

  it('leaves the target alone where what the staging database refused would be refused there, too', async () => {
    await runSql(root('mysql'), ['DROP DATABASE IF EXISTS another', 'CREATE DATABASE another']);
    await runSql(root('another'), ['CREATE TABLE t (a INT)']);
    const bytes = (await dumped('shop')).toString('latin1');
    for (const last of ['SET GLOBAL max_connections = 77;', 'INSERT INTO another.t VALUES (1);']) {
      const { replacing, loading } = await inPlace(
        foreign(bytes.replace('-- Dump completed', `${last}\n-- Dump completed`)),
      );
      await expect(loading).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
      expect(replacing).not.toHaveBeenCalled();
    }
    const named = bytes.replace(
      '-- Dump completed',
      "INSERT INTO shop.noted (word) VALUES ('named');\n-- Dump completed",
    );
    const { replacing, loading } = await inPlace(foreign(named));
    await loading;
    expect(replacing).toHaveBeenCalledTimes(1);
    expect(await runSql(root('shop'), [`SELECT word FROM noted WHERE word = 'named'`])).toHaveLength(1);
    expect(await staging()).toEqual([]);
  });

  it('tells the name of the staging database before it makes it, another for each database with a long name', async () => {
    const told: string[] = [];
    const beginning = 'shop_of_a_company_with_a_name_of_forty_seven_ch';
    for (const database of [`${beginning}_1`, `${beginning}_2`]) {
      await runSql(root('mysql'), [`DROP DATABASE IF EXISTS ${database}`, `CREATE DATABASE ${database}`]);
      const request = { connection: root(database), format: 'plain', tools: {}, skipOwnership: false } as const;
      await driver.load(await driver.prepareLoad(request), ours(await dumped('shop')), {
        signal: never,
        beforeCommit: async () => undefined,
        beforeReplacing: async () => undefined,
        staging: {
          begins: async (name) => {
            const there = await runSql(root('mysql'), [`SHOW DATABASES LIKE '${name.replaceAll('_', '\\_')}'`]);
            expect(there).toEqual([]);
            told.push(name);
          },
          leaves: () => undefined,
        },
      });
      await runSql(root('mysql'), [`DROP DATABASE ${database}`]);
    }
    expect(new Set(told).size).toBe(2);
  });

  it('is loaded right into the target by an account that may make no other database', async () => {
    const wanted = await shown();
    const bytes = await dumped('shop');
    await runSql(root('mysql'), [
      `DROP USER IF EXISTS keeper@'%'`,
      `CREATE USER keeper@'%' IDENTIFIED BY 'pw'`,
      `GRANT ALL ON shop.* TO keeper@'%'`,
      ...(testedServer()?.flavour === 'MySQL'
        ? [`GRANT SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER, SYSTEM_USER, SYSTEM_VARIABLES_ADMIN ON *.* TO keeper@'%'`]
        : [`GRANT SET USER ON *.* TO keeper@'%'`]),
    ]);
    await runSql(root('shop'), ['DELETE FROM orders']);
    const { loading, replacing } = await inPlace(ours(bytes), { ...root('shop'), username: 'keeper', password: 'pw' });
    await loading;
    expect(replacing).toHaveBeenCalledTimes(1);
    expect(await shown()).toEqual(wanted);
  });
});

describe('16: backups that their own server refuses', () => {
  /** Both clients, ours and as a foreign dump. */
  async function comesBack(statements: readonly string[], { alsoForeign = true } = {}): Promise<void> {
    await runSql(root('mysql'), ['SET GLOBAL log_bin_trust_function_creators = 1']);
    await made('shop', ...statements);
    const wanted = await driver.census(root('shop'), never, 'content');
    const tables = await runSql(root('mysql'), [
      `SELECT TABLE_NAME AS n, CHECK_OPTION AS c FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop' ORDER BY 1`,
    ]);
    for (const tools of Object.values(clients)) {
      const bytes = await dumped('shop', tools);
      for (const source of [ours(bytes), ...(alsoForeign ? [foreign(bytes.toString())] : [])]) {
        const copy = await staged(source, tools);
        expect(await driver.census(root(copy), never, 'content')).toEqual(wanted);
        const views = `SELECT TABLE_NAME AS n, CHECK_OPTION AS c FROM information_schema.VIEWS WHERE TABLE_SCHEMA = '${copy}' ORDER BY 1`;
        expect(await runSql(root('mysql'), [views])).toEqual(tables);
        await driver.swap.dropCopy(root('shop'), copy);
      }
    }
  }

  it('tables made with innodb_strict_mode=OFF come back', async () => {
    const columns = Array.from({ length: 40 }, (_, at) => `c${at} VARCHAR(255)`).join(', ');
    const statements = [
      'SET SESSION innodb_strict_mode = 0',
      `CREATE TABLE wide (id INT PRIMARY KEY, ${columns}) ROW_FORMAT=COMPACT CHARSET=latin1`,
      `INSERT INTO wide (id, c0) VALUES (1, 'x')`,
      'CREATE TABLE packed (id INT PRIMARY KEY, a INT, KEY (a)) ROW_FORMAT=DYNAMIC KEY_BLOCK_SIZE=8',
      'INSERT INTO packed VALUES (1, 2)',
    ];
    // On MySQL an account that may do that may also keep things out of the binary log: no foreign dump gets it.
    await comesBack(statements, { alsoForeign: testedServer()?.flavour !== 'MySQL' });
  });

  it('views WITH CHECK OPTION on views whose names sort later come back', async () => {
    await comesBack([
      'CREATE TABLE t (id INT PRIMARY KEY, n INT)',
      'INSERT INTO t VALUES (1, 1), (2, 2)',
      'CREATE VIEW z AS SELECT id, n FROM t WHERE n > 0 WITH LOCAL CHECK OPTION',
      'CREATE VIEW k AS SELECT id, n FROM z',
      'CREATE VIEW m AS SELECT id, n FROM k WHERE n < 100 WITH CASCADED CHECK OPTION',
      'CREATE VIEW a AS SELECT id, n FROM m WHERE n < 50 WITH CHECK OPTION',
      `CREATE VIEW b AS SELECT id, ' WITH CASCADED CHECK OPTION */;' AS word FROM a`,
    ]);
  });
});
