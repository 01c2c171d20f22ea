import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import type { RestoreRequest } from '@app/core';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { isFull, startTestServer } from './support/given-engine.js';
import { CUSTOMERS, ORDERS, PUBLIC_SCRIPTS } from './support/public-scripts.js';
import type { PublicScript } from './support/public-scripts.js';
import { runSql } from './support/run-sql.js';

/** Scripts that people have, of samples and of other tools, on each server of MySQL and MariaDB by every strategy (ADR 42). */

jest.setTimeout(300_000);

let server: SandboxServer;
let engine: Engine;
let mariadb: boolean;

beforeAll(async () => {
  [server, engine] = await Promise.all([startTestServer('MySQL'), startEngine()]);
  mariadb = (await engine.drivers.get('MySQL').probe(server.connection('mysql'))).flavour === 'MariaDB';
  await runSql(server.connection('mysql'), [
    ...['CREATE DATABASE target', 'CREATE DATABASE shop', 'CREATE TABLE shop.customers (id int)'],
    // May do everything but make accounts, so that the text is what is judged.
    `CREATE USER mighty@'%' IDENTIFIED BY 'old'`,
    'GRANT ALL ON *.* TO mighty@`%`',
    'REVOKE CREATE USER ON *.* FROM mighty@`%`',
    ...(mariadb ? [] : ['REVOKE ROLE_ADMIN ON *.* FROM mighty@`%`']),
  ]);
  await engine.backup(server.connection('target'));
});
afterAll(async () => {
  await engine?.stop();
  await server?.stop();
});

let number = 0;
async function put(content: string | Buffer, ending = '.sql'): Promise<string> {
  const name = `script_${(number += 1)}${ending}`;
  await writeFile(join(engine.backupFolder, name), content);
  return `./backups/${name}`;
}

const STRATEGIES = ['by a swap', 'in place', 'into a new database', 'judged by its text'] as const;
type Strategy = (typeof STRATEGIES)[number];

async function restored(strategy: Strategy, text: string, more: Partial<RestoreRequest> = {}) {
  const database = strategy === 'into a new database' ? `new_${(number += 1)}` : 'target';
  const root = server.connection(database);
  const connection: ConnectionParams =
    strategy === 'judged by its text' ? { ...root, username: 'mighty', password: 'old' } : root;
  const request = {
    acceptIncomplete: true,
    ...(strategy === 'in place' ? { strategy: 'safety_backup' } : {}),
    ...(strategy === 'into a new database' ? { createDatabase: true } : {}),
    ...more,
  } as Partial<RestoreRequest>;
  const { warnings } = await engine.restore(connection, await put(text), request);
  return { warnings, database };
}

async function held(database: string): Promise<unknown> {
  const ask = (sql: string) => runSql(server.connection(database), [sql]);
  const [orders] = await ask('SELECT COUNT(*) AS n, COUNT(customer) AS c FROM orders');
  const [view] = await ask('SELECT COUNT(*) AS n, MAX(name) AS m FROM v');
  return {
    customers: await ask('SELECT id, name FROM customers ORDER BY id'),
    orders: [Number(orders?.['n']), Number(orders?.['c'])],
    view: [Number(view?.['n']), view?.['m']],
  };
}
const EVERYTHING = { customers: CUSTOMERS, orders: [ORDERS, ORDERS], view: [ORDERS, CUSTOMERS[0].name] };

/** Each script by another strategy on each server; by all of them with ENGINES=full. */
function strategiesOf(index: number): readonly Strategy[] {
  if (isFull) return STRATEGIES;
  const offset = { 'mariadb-11.8': 1, 'mysql-9.7': 2 }[globalThis.ENGINE ?? ''] ?? 0;
  return [0, 1].flatMap((step) => STRATEGIES[(index + offset + step) % STRATEGIES.length] ?? []);
}

describe('27: a script of', () => {
  const cases = PUBLIC_SCRIPTS.flatMap((script, index) =>
    strategiesOf(index).map((strategy): [string, Strategy, PublicScript] => [script.of, strategy, script]),
  );

  it.each(cases)('%s is restored %s, and what was left out is said', async (_of, strategy, script) => {
    const { warnings, database } = await restored(strategy, script.text, { acceptIncomplete: script.isWhole !== true });
    expect(await held(database)).toEqual(EVERYTHING);
    const leftOut = warnings.filter((warning) => warning.startsWith('Left out'));
    const expected = (script.leftOut ?? []).filter((one) => !leftOut.some((warning) => warning.includes(one)));
    expect({ missing: expected, leftOut }).toEqual({ missing: [], leftOut });
    // A database of the name that the script has is somebody else's.
    expect(await runSql(server.connection('shop'), ['SHOW TABLES'])).toHaveLength(1);
  });

  describe('which tables are chosen', () => {
    const scriptOf = (name: string): string => PUBLIC_SCRIPTS.find(({ of }) => of.includes(name))?.text ?? '';
    const target = () => server.connection('target');
    beforeEach(async () => {
      await runSql(server.connection('mysql'), ['DROP DATABASE target', 'CREATE DATABASE target']);
      await runSql(target(), ['CREATE TABLE customers (id int)', 'CREATE TABLE mine (id int)']);
    });

    it('phpMyAdmin gives a table with its rows and its keys, which stand elsewhere, and says in a dry run what is left out', async () => {
      const file = await put(scriptOf('phpMyAdmin'));
      const { warnings } = await engine.plan(target(), file, { acceptIncomplete: true });
      expect(warnings.join('\n')).toMatch(/Left out of the foreign dump: USE shop/);
      await engine.restore(target(), file, { acceptIncomplete: true, tables: ['customers'] });
      expect(await runSql(target(), ['SELECT id, name FROM customers ORDER BY id'])).toEqual(CUSTOMERS);
      expect(await runSql(target(), ['SHOW TABLES'])).toHaveLength(2);
      const [made] = await runSql(target(), ['SHOW CREATE TABLE customers']);
      expect(made?.['Create Table']).toMatch(/AUTO_INCREMENT,[^]*PRIMARY KEY \(`id`\)[^]* AUTO_INCREMENT=3 /);
    });

    it.each([
      ['northwind', 'northwind', (text: string) => text],
      [
        'phpMyAdmin, with a statement that stands in the part of another table,',
        'phpMyAdmin',
        (text: string) => text.replace('-- Constraints for table `orders`', '-- Table structure for table `v`'),
      ],
    ])('%s is refused, and the hint says what to do', async (_of, name, changed) => {
      const file = await put(changed(scriptOf(name)));
      const restoring = engine.restore(target(), file, { acceptIncomplete: true, tables: ['orders'] });
      await expect(restoring).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('does not say which of its parts is about which table') as string,
        hint: expect.stringContaining('into another database') as string,
      });
      expect(await runSql(target(), ['SHOW TABLES'])).toHaveLength(2);
    });
  });
});
