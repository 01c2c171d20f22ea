import type { JsonObject } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { quotedName } from '../login/mysql-account.js';
import { recoverSwap } from './swap-run.js';
import { NEW_SHOP, OLD_SHOP, SwapStage } from './testing/swap-stage.js';

/** An application makes a missing table anew while the swap has taken the tables away. */

jest.setTimeout(170_000);

let stage: SwapStage;
let dump: DumpSource;
let newState: string;
let oldState: string;

beforeAll(async () => {
  stage = await SwapStage.open({ 'event-scheduler': 'ON' });
  await stage.reset(...NEW_SHOP);
  newState = await stage.state();
  dump = await stage.dump();
});
afterAll(() => stage?.close());

/** Names of both sides and of one alone, of a sequence and of a view; with a trigger whose name the swap needs. */
const MADE_ANEW = [
  'CREATE TABLE IF NOT EXISTS orders (id INT PRIMARY KEY, mine INT)',
  'INSERT INTO orders VALUES (7, 7)',
  'CREATE TRIGGER IF NOT EXISTS noted BEFORE INSERT ON orders FOR EACH ROW SET @strange = 1',
  'CREATE TABLE IF NOT EXISTS only_new (id INT PRIMARY KEY, mine INT)',
  'CREATE TABLE IF NOT EXISTS only_old (id INT PRIMARY KEY, mine INT)',
  'CREATE TABLE IF NOT EXISTS numbers (id INT PRIMARY KEY, mine INT)',
  'CREATE TABLE IF NOT EXISTS named (id INT PRIMARY KEY, mine INT)',
  'CREATE TABLE IF NOT EXISTS unrelated (id INT PRIMARY KEY, mine INT)',
  'CREATE VIEW customers AS SELECT 1 AS mine',
];

async function begin(options: Parameters<SwapStage['swapIn']>[1]): ReturnType<SwapStage['swapIn']> {
  await stage.reset(...OLD_SHOP);
  oldState = await stage.state();
  return stage.swapIn(await stage.loadStaged(dump), options);
}

/** Makes them anew at this step, and lets `then` happen. */
function madeAnewAt(at: string, then: () => Promise<void> = () => Promise.resolve()) {
  let done = false;
  return async (step: string): Promise<void> => {
    if (done || step !== at) return;
    done = true;
    await stage.sql('shop', ...MADE_ANEW);
    await then();
  };
}

/** Takes out what was moved to another name, and returns what it was. */
async function takenOut(orders: readonly unknown[] = [{ id: 7, mine: 7 }]): Promise<string[]> {
  const rows = await stage.sql(
    'shop',
    `SELECT TABLE_NAME AS name, TABLE_TYPE AS type FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME LIKE '%\\_\\_stray\\_%'`,
  );
  for (const { name, type } of rows) {
    const [column] = await stage.sql('shop', `SHOW COLUMNS FROM ${quotedName(String(name))} LIKE 'mine'`);
    expect({ name, column }).toMatchObject({ column: { Field: 'mine' } });
    if (String(name).startsWith('orders')) {
      expect(await stage.sql('shop', `SELECT * FROM ${quotedName(String(name))}`)).toEqual(orders);
    }
    await stage.sql('shop', `DROP ${type === 'VIEW' ? 'VIEW' : 'TABLE'} ${quotedName(String(name))}`);
  }
  await stage.sql('shop', 'DROP TABLE IF EXISTS unrelated');
  return rows.map(({ name }) => String(name).replace(/__stray_.*/, '')).sort();
}

it.each(['drop events', 'replace routines', 'arrive'])(
  'What is made anew during the lock-out, before "%s", is moved to another name, which is told; everything arrives',
  async (step) => {
    const { warnings } = await begin({ onStep: madeAnewAt(step) });
    const taken = await takenOut();
    expect(taken).toEqual(expect.arrayContaining(['customers', 'named', 'only_new', 'orders']));
    await stage.sql('shop', 'DROP TABLE IF EXISTS only_old');
    for (const name of taken) {
      expect(warnings.join('\n')).toMatch(new RegExp(`"${name}".*"${name}__stray_\\d+"`));
    }
    // Before the last step the swap's own trigger is there.
    if (step !== 'arrive') expect(warnings.join('\n')).toContain('Triggers made meanwhile were dropped');
    expect(await stage.state()).toBe(newState);
  },
);

it('It is moved to another name, too, when an error puts everything back, and the error names it', async () => {
  const failing = madeAnewAt('arrive', () => Promise.reject(new Error('the disk is on fire')));
  const failure = await begin({ onStep: failing }).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  expect(failure?.message).toMatch(/the disk is on fire.*"orders".*"shop"."orders__stray_\d+"/s);
  const taken = await takenOut();
  expect(taken).toEqual(['customers', 'named', 'numbers', 'only_old', 'orders'].filter((name) => taken.includes(name)));
  expect(taken).toEqual(expect.arrayContaining(['customers', 'named', 'only_old', 'orders']));
  await stage.sql('shop', 'DROP TABLE IF EXISTS only_new');
  expect(await stage.state()).toBe(oldState);
});

it.each(['send home', 'arrive', 'create views'])(
  'It is moved to another name when a swap that died at "%s" is recovered, and the recovery names it',
  async (step) => {
    let journal: JsonObject = {};
    let died: () => void = () => undefined;
    const death = new Promise<void>((resolve) => {
      died = resolve;
    });
    const die = async (): Promise<never> => {
      const sessions = await stage.sql(
        'mysql',
        `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'`,
      );
      for (const { id } of sessions) await stage.sql('mysql', `KILL ${Number(id)}`);
      died();
      return new Promise(() => undefined);
    };
    // Once everything has arrived, nothing but the views can be made anew.
    let done = false;
    const dying = async (at: string): Promise<void> => {
      if (done || at !== step) return;
      done = true;
      await stage.sql('shop', ...(step === 'create views' ? ['CREATE VIEW named AS SELECT 1 AS mine'] : MADE_ANEW));
      await die();
    };
    begin({
      onStep: dying,
      journal: (state) => Promise.resolve(void (journal = state)),
    }).catch(() => undefined);
    await death;
    const told: string[] = [];
    expect(await recoverSwap(stage.live, journal, (warning) => void told.push(warning))).toBe('swapped');
    expect(told.join('\n')).toMatch(/"named".*"named__stray_\d+"/);
    expect(await takenOut()).toContain('named');
    await stage.sql('shop', 'DROP TABLE IF EXISTS only_old');
    expect(await stage.state()).toBe(newState);
  },
);

it('An application that tries to make its tables all the while keeps nothing from its place', async () => {
  let going = true;
  const application = async (): Promise<void> => {
    while (going) {
      for (const table of ['orders', 'customers', 'audit', 'only_new']) {
        await stage.sql('shop', `CREATE TABLE IF NOT EXISTS ${table} (id INT PRIMARY KEY, mine INT)`).catch(() => []);
      }
    }
  };
  const working: Promise<void>[] = [];
  // Not before: a database that is altered while the swap is prepared is refused.
  const journal = (state: JsonObject): Promise<void> => {
    if (state['phase'] === 'exchange') working.push(application(), application());
    return Promise.resolve();
  };
  try {
    const { warnings } = await begin({ journal });
    going = false;
    await Promise.all(working);
    const taken = await takenOut([]);
    expect(taken).toContain('only_new');
    for (const name of taken) expect(warnings.join('\n')).toContain(`"${name}__stray_`);
    expect(await stage.state()).toBe(newState);
  } finally {
    going = false;
    await Promise.all(working);
  }
});
