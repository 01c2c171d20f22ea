import type { JsonObject } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { quotedName } from '../login/mysql-account.js';
import { withSession } from '../login/mysql-session.js';
import { recoverSwap } from './swap-run.js';
import { NEW_SHOP, OLD_SHOP, SwapStage } from './testing/swap-stage.js';

jest.setTimeout(170_000);

/** Each move of several tables is broken off in its middle, too. */
const FEW = { atOnce: 1, batch: 2 };

let stage: SwapStage;
let dump: DumpSource;
let oldState: string;
let newState: string;
/** The steps of this swap, as it goes when nobody disturbs it. */
let steps: string[];

beforeAll(async () => {
  stage = await SwapStage.open({ 'event-scheduler': 'ON' });
  await stage.reset(...NEW_SHOP);
  newState = await stage.state();
  dump = await stage.dump();
  steps = [];
  await begin({ limits: FEW, onStep: (step) => Promise.resolve(void steps.push(step)) });
});
afterAll(() => stage?.close());

async function begin(options: Parameters<SwapStage['swapIn']>[1]): Promise<void> {
  await stage.reset(...OLD_SHOP);
  oldState = await stage.state();
  await stage.swapIn(await stage.loadStaged(dump), options);
}

/** As if the process had died: its session ends, and nothing of it ever runs again. */
async function die(): Promise<never> {
  const sessions = await stage.sql(
    'mysql',
    `SELECT ID AS id FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'`,
  );
  for (const { id } of sessions) await stage.sql('mysql', `KILL ${Number(id)}`);
  return new Promise(() => undefined);
}

/** Lets the swap die at its n-th step; true when it came to its end before that. Returns what the journal says. */
async function dieAt(where: { step?: number; journal?: number }): Promise<{ done: boolean; journal: JsonObject }> {
  let journal: JsonObject = {};
  let step = 0;
  let entry = 0;
  let died: () => void = () => undefined;
  const death = new Promise<boolean>((resolve) => {
    died = () => resolve(false);
  });
  const swapping = begin({
    limits: FEW,
    onStep: async () => {
      if (step++ !== where.step) return;
      const dying = die();
      setTimeout(died, 100);
      await dying;
    },
    journal: async (state) => {
      journal = state;
      if (entry++ !== where.journal) return;
      const dying = die();
      setTimeout(died, 100);
      await dying;
    },
  }).then(() => true);
  swapping.catch(() => undefined);
  return { done: await Promise.race([swapping, death]), journal };
}

const expectEnd = async (end: string): Promise<void> => {
  const state = await stage.state();
  expect(state).toBe(end === 'swapped' ? newState : oldState);
  // The other one is whole, too, and can be swapped in.
  const [copy = ''] = (await stage.schemas()).filter((name) => name !== 'shop');
  const { outgoing } = await stage.swapIn(copy);
  expect(await stage.state()).toBe(end === 'swapped' ? oldState : newState);
  expect(await stage.schemas()).toEqual(['shop', outgoing].sort());
};

it('A swap of everything has all its steps, and replaces everything', async () => {
  expect(await stage.state()).toBe(newState);
  expect(steps).toEqual(
    expect.arrayContaining([
      'prepare arrivals',
      'leave',
      'next tables',
      'send home',
      'replace routines',
      'create views',
    ]),
  );
  expect(steps.length).toBeGreaterThan(15);
});

it('A death at any step of a swap is recovered: the old or the new, never something between', async () => {
  const ends = new Set<string>();
  for (let step = 0; step < steps.length; step += 1) {
    const { done, journal } = await dieAt({ step });
    expect(done).toBe(false);
    // A lost catalog has no journal: every other time, do without.
    const end = await recoverSwap(stage.live, step % 2 === 0 ? journal : {});
    ends.add(end);
    // Where more are to leave, some have and some have not.
    const expected = step <= steps.indexOf('leave') ? 'unchanged' : 'swapped';
    expect({ step: steps[step], end }).toEqual({ step: steps[step], end: expected });
    expect(await recoverSwap(stage.live, journal)).toBe(end);
    await expectEnd(end);
  }
  expect([...ends].sort()).toEqual(['swapped', 'unchanged']);
});

it.each([0, 1])('A death as entry %i of the journal is written changes nothing', async (journal) => {
  const died = await dieAt({ journal });
  expect(await recoverSwap(stage.live, died.journal)).toBe('unchanged');
  expect(await recoverSwap(stage.live, {})).toBe('unchanged');
  await expectEnd('unchanged');
});

it('An error at any step before the new tables can be used puts everything back at once', async () => {
  const before = steps.slice(0, steps.indexOf('arrive') + 1);
  const kinds = before.map((step) => step.split(' ').slice(0, 2).join(' '));
  for (let step = 0; step < before.length; step += 1) {
    // One of each kind will do.
    if (kinds.indexOf(kinds[step] ?? '') !== step) continue;
    let at = 0;
    const onStep = (): Promise<void> => {
      at += 1;
      return at === step + 1 ? Promise.reject(new Error('the disk is on fire')) : Promise.resolve();
    };
    await expect(begin({ limits: FEW, onStep })).rejects.toThrow('the disk is on fire');
    expect({ step: steps[step], state: await stage.state() }).toEqual({ step: steps[step], state: oldState });
    expect((await stage.driver.swap.copies(stage.live)).map(({ role }) => role)).toEqual(['restore']);
  }
  await expectEnd('unchanged');
});

it('22: an error once clients can write into the new tables does not take them away: the swap goes on', async () => {
  const after = steps.slice(steps.indexOf('arrive') + 1);
  expect(after).toEqual(expect.arrayContaining(['create views', 'send home', 'create events']));
  for (const failing of new Set(after)) {
    let step = 0;
    const onStep = async (): Promise<void> => {
      if (step++ !== steps.indexOf(failing, steps.indexOf('arrive') + 1)) return;
      await stage.sql('shop', `INSERT INTO customers VALUES (77, 'acknowledged', 'x')`);
      throw new Error('the disk is on fire');
    };
    await begin({ limits: FEW, onStep });
    expect(await stage.sql('shop', 'SELECT name FROM customers WHERE id = 77')).toEqual([{ name: 'acknowledged' }]);
    await stage.sql('shop', 'DELETE FROM customers WHERE id = 77');
    await expectEnd('swapped');
  }
});

it('22: a session that reads an old table on its way out does not make the swap take the new ones away', async () => {
  const tables = (word: string): string[] => [
    'CREATE TABLE words (word VARCHAR(20))',
    'CREATE TABLE noted (word VARCHAR(20))',
    `INSERT INTO words VALUES ('${word}')`,
    `CREATE TRIGGER only_${word} BEFORE INSERT ON noted FOR EACH ROW SET NEW.word = '${word}'`,
  ];
  await stage.reset(...tables('old'));
  const copy = await stage.copyOf(...tables('new'));
  let release = (): void => undefined;
  let reading: Promise<unknown> = Promise.resolve();
  const read = async (): Promise<void> => {
    await stage.sql('shop', `INSERT INTO words VALUES ('acknowledged')`);
    const [old = {}] = await stage.sql('shop', String.raw`SHOW TABLES LIKE '\_\_swap\_%\_old\_%'`);
    const released = new Promise<void>((resolve) => (release = resolve));
    await new Promise<void>((reads) => {
      reading = withSession(stage.live, {}, async (session) => {
        await session.run('START TRANSACTION');
        await session.rows(`SELECT * FROM ${quotedName(String(Object.values(old)[0]))}`);
        reads();
        await released;
      });
    });
  };
  let journal: JsonObject = {};
  await stage.sql('mysql', 'SET GLOBAL lock_wait_timeout = 1');
  try {
    const swapping = stage.swapIn(copy, {
      onStep: (step) => (step === 'drop trigger only_old' ? read() : Promise.resolve()),
      journal: async (state) => void (journal = state),
    });
    await expect(swapping).rejects.toMatchObject({
      hint: 'The old content is complete, in the database and in those of the restore. The swap is finished when the service starts again.',
    });
  } finally {
    await stage.sql('mysql', 'SET GLOBAL lock_wait_timeout = DEFAULT');
    release();
    await reading;
  }
  expect(await recoverSwap(stage.live, journal)).toBe('swapped');
  expect(await stage.sql('shop', 'SELECT word FROM words')).toEqual([{ word: 'new' }, { word: 'acknowledged' }]);
});

it('22: new content that the server refuses twice goes back, and is not taken for swapped in when its staging database is dropped', async () => {
  await stage.reset(...OLD_SHOP);
  oldState = await stage.state();
  const copy = await stage.copyOf('CREATE TABLE doomed (id INT)', 'CREATE VIEW seen AS SELECT * FROM doomed');
  let journal: JsonObject = {};
  const swapping = stage.swapIn(copy, {
    onStep: async (step) => (step === 'create views' ? void (await stage.sql('shop', 'DROP TABLE doomed')) : undefined),
    journal: async (state) => void (journal = state),
  });
  await expect(swapping).rejects.toThrow(/doomed.*1146/);
  expect(await stage.state()).toBe(oldState);
  await stage.driver.swap.dropCopy(stage.live, copy);
  expect(await recoverSwap(stage.live, journal)).toBe('unchanged');
});

it('A death while a swap goes back is recovered as well', async () => {
  let journal: JsonObject = {};
  const onStep = (step: string): Promise<void> =>
    step === 'arrive' ? Promise.reject(new Error('no')) : Promise.resolve();
  const dead = begin({
    onStep,
    journal: async (state) => {
      journal = state;
      if (state['phase'] === 'back') await new Promise(() => undefined);
    },
  });
  dead.catch(() => undefined);
  while (journal['phase'] !== 'back') await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await recoverSwap(stage.live, journal)).toBe('unchanged');
  await expectEnd('unchanged');
});

it('A recovery that finds nothing to do is no error', async () => {
  await stage.reset(...OLD_SHOP);
  expect(await recoverSwap(stage.live, {})).toBe('unchanged');
  expect(await stage.state()).toBe(oldState);
});
