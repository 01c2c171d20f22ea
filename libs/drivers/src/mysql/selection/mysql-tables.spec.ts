import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ConnectionParams, JsonObject } from '@app/domain';
import type { DumpSource, LoadHooks, TableLoadResult } from '../../db-driver.js';
import { quotedName } from '../login/mysql-account.js';
import { withSession } from '../login/mysql-session.js';
import { SwapStage } from '../swap/testing/swap-stage.js';
import { swap as swapWithProbe } from '../swap/swap-run.js';
import { onlyTables } from './dump-sections.js';

jest.setTimeout(120_000);

const never = new AbortController().signal;
let stage: SwapStage;

beforeAll(async () => {
  stage = await SwapStage.open();
});
afterAll(() => stage?.close());

const SHOP = [
  'CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40))',
  `INSERT INTO customers VALUES (1, 'ann'), (2, 'bob')`,
  `CREATE TABLE orders (id INT PRIMARY KEY AUTO_INCREMENT, name VARCHAR(80), KEY by_name (name)) COMMENT 'who wants what'`,
  'CREATE TABLE `lines` (id INT PRIMARY KEY AUTO_INCREMENT, `order` INT, FOREIGN KEY (`order`) REFERENCES orders (id))',
  `CREATE TRIGGER loud BEFORE INSERT ON orders FOR EACH ROW
    -- Table structure for table \`customers\`
    SET NEW.name = UPPER(NEW.name)`,
  `INSERT INTO orders (name) SELECT CONCAT('-- Table structure for table \`x\`\\n', seq) FROM seq_1_to_500`,
  'INSERT INTO `lines` (`order`) SELECT id FROM orders',
  'CREATE TABLE `T.a``b le` (`I d` INT PRIMARY KEY AUTO_INCREMENT, note VARCHAR(20)) PARTITION BY HASH (`I d`) PARTITIONS 3',
  "INSERT INTO `T.a``b le` (note) VALUES ('größer'), (NULL), ('\\n-- x')",
  'CREATE TABLE settings (name VARCHAR(10) PRIMARY KEY, value VARCHAR(10))',
  `INSERT INTO settings VALUES ('a', '1')`,
  'CREATE TRIGGER trim BEFORE INSERT ON settings FOR EACH ROW SET NEW.value = TRIM(NEW.value)',
  'CREATE VIEW order_names AS SELECT name FROM orders',
  'CREATE PROCEDURE count_orders() SELECT COUNT(*) FROM orders',
  `CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO DELETE FROM orders WHERE id < 0`,
];

/** What a day of work, and a mistake, do to it after the backup. */
const SPOILT = [
  'DELETE FROM `lines` WHERE id > 3',
  'DELETE FROM orders WHERE id > 10',
  'ALTER TABLE orders ADD COLUMN extra INT, COMMENT = ""',
  'DROP TRIGGER loud',
  'CREATE TRIGGER quiet BEFORE INSERT ON orders FOR EACH ROW SET NEW.name = LOWER(NEW.name)',
  'DELETE FROM `T.a``b le`',
  `INSERT INTO settings VALUES ('b', '2')`,
  `INSERT INTO customers VALUES (3, 'new since')`,
  'CREATE OR REPLACE VIEW order_names AS SELECT id, name FROM orders',
];

interface Kept {
  incoming: string;
  outgoing: string;
  journals: JsonObject[];
}

const newCopy = (): Kept => ({ incoming: stage.name('restore'), outgoing: stage.name('before'), journals: [] });

async function load(
  source: DumpSource,
  names: readonly string[],
  copy: Kept,
  {
    connection = stage.live,
    hooks = {},
    into = 'staging',
  }: { connection?: ConnectionParams; hooks?: Partial<LoadHooks>; into?: 'staging' | 'target' } = {},
): Promise<TableLoadResult> {
  const plan = await stage.driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  const order = { plan, tables: names, into, incoming: copy.incoming };
  return stage.driver.tables.load(order, source, { signal: never, beforeCommit: () => Promise.resolve(), ...hooks });
}

const request = (copy: Kept) => ({
  ...copy,
  connection: stage.live,
  signal: never,
  journal: async (state: JsonObject) => void copy.journals.push(state),
});
const swap = (copy: Kept) => stage.driver.tables.swap(request(copy));

async function restore(source: DumpSource, names: readonly string[]): Promise<Kept> {
  const copy = newCopy();
  await load(source, names, copy);
  await swap(copy);
  return copy;
}

const count = async (table: string): Promise<unknown> =>
  (await stage.sql('shop', `SELECT COUNT(*) AS n FROM ${table}`))[0]?.['n'];

/** Tables and their triggers as they are, by name; and all the rest as one. */
async function parts(): Promise<{ tables: Record<string, unknown>; objects: unknown[] }> {
  return withSession(stage.live, {}, async (session) => {
    const names = (await session.rows<Record<string, string>>('SHOW FULL TABLES')).map((row) => Object.values(row));
    const tables: Record<string, unknown> = {};
    for (const [name = '', type] of names) {
      const quoted = quotedName(name);
      const created = await session.rows(`SHOW CREATE TABLE ${quoted}`);
      const rows = type === 'VIEW' ? [] : await session.rows(`SELECT * FROM ${quoted} ORDER BY 1`);
      const triggers = await session.rows(
        `SELECT TRIGGER_NAME, ACTION_STATEMENT, SQL_MODE, DEFINER, COLLATION_CONNECTION FROM information_schema.TRIGGERS
          WHERE TRIGGER_SCHEMA = 'shop' AND EVENT_OBJECT_TABLE = ?`,
        [name],
      );
      tables[name] = { created, rows, triggers };
    }
    const objects = await session.rows(
      `SELECT ROUTINE_NAME AS name, ROUTINE_DEFINITION AS text, CREATED AS made FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'
       UNION ALL SELECT EVENT_NAME, EVENT_DEFINITION, CREATED FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'`,
    );
    return { tables, objects };
  });
}

describe('Tables of a MySQL dump, restored alone', () => {
  beforeEach(() => stage.reset(...SHOP));

  it('are as they were, triggers included, and nothing else is another', async () => {
    const before = await parts();
    const bytes = zstdCompressSync(await buffer((await stage.dump()).open()));
    const source: DumpSource = {
      format: 'plain',
      own: true,
      open: () => Readable.from(pieces(zstdDecompressSync(bytes))),
    };
    await stage.sql('shop', ...SPOILT);
    const spoilt = await parts();
    const copy = newCopy();
    expect(await load(source, ['orders', 'lines', 'T.a`b le'], copy)).toEqual({
      tables: ['orders', 'lines', 'T.a`b le'],
      rows: { orders: 500, lines: 500, 'T.a`b le': 3 },
      warnings: [],
    });
    expect(await parts()).toEqual(spoilt);
    expect(await swap(copy)).toMatchObject({ sessionsEnded: 0, warnings: [] });
    const after = await parts();
    const { orders, lines, 'T.a`b le': odd, ...others } = after.tables;
    expect({ orders, lines, odd }).toEqual({
      ...{ orders: before.tables['orders'], lines: before.tables['lines'], odd: before.tables['T.a`b le'] },
    });
    expect(spoilt.tables).toMatchObject(others);
    expect(after.objects).toEqual(spoilt.objects);
    expect(await stage.schemas()).toEqual(['shop', copy.outgoing]);
    await stage.driver.tables.dropCopy(stage.live, copy.outgoing);
    expect(await stage.schemas()).toEqual(['shop']);
  });

  it('go on counting above what they hold', async () => {
    const source = await stage.dump();
    await stage.sql('shop', 'DELETE FROM `lines`', 'DELETE FROM orders', 'ALTER TABLE orders AUTO_INCREMENT = 1');
    await restore(source, ['lines', 'orders']);
    const [row] = await stage.sql('shop', `INSERT INTO orders (name) VALUES ('x') RETURNING id, name`);
    expect(row).toEqual({ id: expect.any(Number) as number, name: 'X' });
    expect(Number(row?.['id'])).toBeGreaterThan(500);
  });

  it('can be put back as they were before, and that undone in turn', async () => {
    const source = await stage.dump();
    await stage.sql('shop', ...SPOILT, 'DROP TABLE `T.a``b le`');
    const spoilt = await parts();
    const first = await restore(source, ['orders', 'lines', 'T.a`b le']);
    expect(await stage.driver.tables.copyBytes(stage.live, first.outgoing)).toBeGreaterThan(10_000);
    const restored = await parts();
    const undo = newCopy();
    await swap({ ...undo, incoming: first.outgoing });
    expect(await parts()).toEqual(spoilt);
    await swap({ ...newCopy(), incoming: undo.outgoing });
    expect(await parts()).toEqual(restored);
  });

  it('show everybody their old rows until they change places, and never an error', async () => {
    const source = await stage.dump();
    await stage.sql('shop', 'UPDATE `lines` SET `order` = NULL', 'ALTER TABLE `lines` DROP FOREIGN KEY `lines_ibfk_1`');
    // Without triggers all is one statement.
    const text = (await buffer(source.open()))
      .toString()
      .replace(/^ +CONSTRAINT `lines_ibfk_1`.*\n/m, '')
      .replace('KEY `order` (`order`),', 'KEY `order` (`order`)');
    const seen: string[] = [];
    let reading = true;
    const reader = (async () => {
      while (reading) {
        const [row] = await stage.sql('shop', 'SELECT CONCAT(COUNT(*), " ", COUNT(`order`)) AS state FROM `lines`');
        seen.push(String(row?.['state']));
      }
    })();
    const copy = newCopy();
    await load({ ...source, open: () => Readable.from([Buffer.from(text)]) }, ['lines'], copy);
    expect(new Set(seen)).toEqual(new Set(['500 0']));
    await swap(copy);
    await stage.sql('shop', 'SELECT 1');
    reading = false;
    await reader;
    expect(new Set([...seen, '500 500'])).toEqual(new Set(['500 0', '500 500']));
    expect(copy.journals.at(-1)).toMatchObject({ atomic: true, tables: ['lines'] });
  });

  it('come back when they are not there any more', async () => {
    const source = await stage.dump();
    const before = await parts();
    await stage.sql('shop', 'DROP TABLE settings');
    const copy = await restore(source, ['settings']);
    expect(await parts()).toEqual(before);
    await swap({ ...newCopy(), incoming: copy.outgoing });
    expect(Object.keys((await parts()).tables)).not.toContain('settings');
  });

  describe('are refused with nothing changed', () => {
    const refusal = async (names: readonly string[], ...spoil: string[]): Promise<unknown> => {
      const source = await stage.dump();
      await stage.sql('shop', ...spoil);
      const [before, schemas] = [await stage.state(), await stage.schemas()];
      const copy = newCopy();
      const error = await load(source, names, copy)
        .then(() => swap(copy))
        .catch((reason: unknown) => reason);
      await stage.driver.tables.dropCopy(stage.live, copy.incoming);
      expect(await stage.state()).toEqual(before);
      expect(await stage.schemas()).toEqual(schemas);
      return error;
    };
    const unsupported = (words: string) => ({ code: 'UNSUPPORTED', message: expect.stringContaining(words) as string });

    it('FAILURES 48: for foreign keys across the selection, by name, in either direction', async () => {
      const words = 'foreign key lines_ibfk_1 leads from lines to orders';
      expect(await refusal(['orders'])).toMatchObject(unsupported(words));
      expect(await refusal(['lines'])).toMatchObject(unsupported(`in the backup ${words}`));
      const since =
        'ALTER TABLE settings ADD COLUMN c INT, ADD CONSTRAINT since FOREIGN KEY (c) REFERENCES customers (id)';
      expect(await refusal(['settings'], since)).toMatchObject(
        unsupported('foreign key since leads from settings to customers'),
      );
    });

    it('FAILURES 48: for foreign keys from another database, by name', async () => {
      await stage.sql(
        'mysql',
        'DROP DATABASE IF EXISTS elsewhere',
        'CREATE DATABASE elsewhere',
        'CREATE TABLE elsewhere.t (id INT, CONSTRAINT far FOREIGN KEY (id) REFERENCES shop.customers (id))',
      );
      expect(await refusal(['customers'])).toMatchObject(
        unsupported('foreign key far leads from elsewhere.t to customers'),
      );
      await stage.sql('mysql', 'DROP DATABASE elsewhere');
    });

    it('for a view in their place, and for a trigger whose name another table’s has', async () => {
      expect(await refusal(['customers'], 'DROP TABLE customers', 'CREATE VIEW customers AS SELECT 1')).toMatchObject(
        unsupported('customers is a view there'),
      );
      const moved = ['DROP TRIGGER trim', 'CREATE TRIGGER trim BEFORE INSERT ON orders FOR EACH ROW SET NEW.id = 0'];
      expect(await refusal(['settings'], ...moved)).toMatchObject(unsupported('trigger trim is now one of orders'));
    });

    it('when the dump does not hold them, naming the nearest', async () => {
      const source = await stage.dump();
      const error = {
        code: 'INVALID_INPUT',
        fields: [
          { field: 'tables', message: expect.stringMatching(/^there is no "order", but orders, lines/) as string },
        ],
      };
      const { tables } = stage.driver;
      await expect(tables.find(['order'], source, {}, never)).rejects.toMatchObject(error);
      expect(await refusal(['lines', 'order'])).toMatchObject(error);
      // A view is none.
      await expect(tables.find(['order_names'], source, {}, never)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await tables.find(['`T.a``b le`', 'lines', 'lines'], source, {}, never)).toEqual(['T.a`b le', 'lines']);
    });

    it('when the dump has no comments that say what is what', async () => {
      const bytes = await buffer((await stage.dump()).open());
      const bare = bytes.toString().replaceAll(/^-- (Table|Dumping).*$/gm, '--');
      const source: DumpSource = { format: 'plain', own: false, open: () => Readable.from([Buffer.from(bare)]) };
      await expect(load(source, ['lines'], newCopy())).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    });

    it('when their rows do not fit, naming the line, or the caller says no', async () => {
      const source = await stage.dump();
      const [before, copy] = [await stage.state(), newCopy()];
      const text = (await buffer(source.open())).toString().replace(`('a','1')`, `('a','1','2')`);
      const line = text.slice(0, text.indexOf(`('a','1','2')`)).split('\n').length;
      const broken: DumpSource = { ...source, open: () => Readable.from([Buffer.from(text)]) };
      const failure = await load(broken, ['settings'], copy).catch((error: unknown) => error as Error);
      expect(failure).toMatchObject({
        code: 'RESTORE_FAILED',
        message: expect.stringContaining('Column count') as string,
      });
      // The client names the line on which the statement ends or begins.
      const named = Number(/at line (\d+)/.exec((failure as Error).message)?.[1]);
      expect(Math.abs(named - line)).toBeLessThanOrEqual(2);
      await stage.driver.tables.dropCopy(stage.live, copy.incoming);
      const hooks = { beforeCommit: () => Promise.reject(new Error('altered')) };
      await expect(load(source, ['settings'], copy, { hooks })).rejects.toThrow('altered');
      await stage.driver.tables.dropCopy(stage.live, copy.incoming);
      expect(await stage.state()).toEqual(before);
      expect(await stage.schemas()).toEqual(['shop']);
    });

    it('when the staging database is not one of tables', async () => {
      const incoming = await stage.copyOf('CREATE TABLE t (id INT)');
      await expect(swap({ ...newCopy(), incoming })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      expect(await count('orders')).toBe(500);
    });
  });

  it('are wholly the old or the new ones wherever we die, and nothing else is touched', async () => {
    const source = await stage.dump();
    const steps: string[] = [];
    await stage.sql('shop', ...SPOILT);
    const spoilt = await parts();
    const first = newCopy();
    await load(source, ['orders', 'lines'], first);
    await swapWithProbe(request(first), { onStep: async (step) => void steps.push(step) });
    const restored = await parts();
    await swap({ ...newCopy(), incoming: first.outgoing });
    expect(steps.length).toBeGreaterThan(5);
    for (const [index] of steps.entries()) {
      const copy = newCopy();
      await load(source, ['orders', 'lines'], copy);
      let at = 0;
      const dead = new Promise<never>(() => undefined);
      const died = new Promise<void>((resolve) => {
        const onStep = async (): Promise<void> => {
          if (at++ < index) return;
          resolve();
          await dead;
        };
        void swapWithProbe(request(copy), { onStep }).catch(() => undefined);
      });
      await died;
      // The session of the dead ends with it.
      await stage.sql('mysql', ...(await sessionsOf('shop')).map((id) => `KILL ${id}`));
      const end = await stage.driver.tables.recover(stage.live, copy.journals.at(-1) ?? {});
      expect(await parts()).toEqual(end === 'swapped' ? restored : spoilt);
      if (end === 'swapped') await swap({ ...newCopy(), incoming: copy.outgoing });
      else await stage.driver.tables.dropCopy(stage.live, copy.incoming);
      expect(await parts()).toEqual(spoilt);
    }
  });

  it('come into a new database alone, without foreign keys to what is not there', async () => {
    const source = await stage.dump();
    await stage.sql('mysql', 'DROP DATABASE IF EXISTS fresh', 'CREATE DATABASE fresh CHARACTER SET utf8mb4');
    const connection = stage.server.connection('fresh');
    expect(await load(source, ['lines', 'settings'], newCopy(), { connection, into: 'target' })).toMatchObject({
      warnings: ['Foreign key lines_ibfk_1 of lines was left out, as orders is not restored.'],
      rows: { lines: 500, settings: 1 },
    });
    expect((await stage.sql('fresh', 'SHOW TABLES')).flatMap((row) => Object.values(row))).toEqual([
      'lines',
      'settings',
    ]);
    await stage.sql('fresh', 'INSERT INTO `lines` (`order`) VALUES (77)');
    expect(await stage.schemas()).toEqual(['fresh', 'shop']);
    await stage.sql('mysql', 'DROP DATABASE fresh');
  });

  it('pass the filter wherever chunks end, on the lines of the dump', async () => {
    const source = await stage.dump();
    const bytes = await buffer(source.open());
    const wanted = new Set(['orders', 'T.a`b le']);
    const whole = (await buffer(onlyTables(source, wanted).open())).toString();
    for (const size of [1, 7, 1000]) {
      const cut: DumpSource = { ...source, open: () => Readable.from(pieces(bytes, size)) };
      expect((await buffer(onlyTables(cut, wanted).open())).toString()).toBe(whole);
    }
    const [lines, original] = [whole.split('\n'), bytes.toString().split('\n')];
    expect(lines).toHaveLength(original.length);
    for (const [index, line] of lines.entries()) if (line !== '') expect(line).toBe(original[index]);
    expect(whole).toContain('TRIGGER loud');
    expect(whole).not.toMatch(/CREATE TABLE `(lines|settings|customers)`|TRIGGER trim|CREATE.*VIEW|PROCEDURE|EVENT/);
  });
});

function* pieces(bytes: Buffer, size = 4_001): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function sessionsOf(database: string): Promise<number[]> {
  const rows = await stage.sql(
    'mysql',
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND (DB = '${database}' OR DB LIKE '${database}\\_\\_%')`,
  );
  return rows.map(({ id }) => Number(id));
}
