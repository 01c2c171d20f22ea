import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { DomainError } from '@app/domain';
import { SwapFixture, until } from '../../testing/swap-fixture.js';
import type { SwapCase } from '../../testing/swap-fixture.js';
import { copyName } from './copy-names.js';
import type { SwapStep } from './swap-execution.js';
import { swap } from './swap-run.js';
import { recoverSwap } from './swap-recovery.js';

jest.setTimeout(120_000);

let fixture: SwapFixture;
beforeAll(async () => {
  fixture = await SwapFixture.start();
});
afterAll(() => fixture[Symbol.asyncDispose]());

const STEPS: readonly SwapStep[] = ['journalled', 'locked', 'emptied', 'carried', 'half', 'renamed'];

/** FAILURES 49: as if nothing had been begun. */
async function expectUnchanged({ database, incoming, outgoing }: SwapCase, belongings: unknown): Promise<void> {
  expect(await fixture.word(database)).toBe('old');
  expect(await fixture.belongings(database)).toEqual(belongings);
  expect(await fixture.word(incoming)).toBe('new');
  expect(await fixture.names(outgoing)).toEqual([]);
}

async function changed(): Promise<{ swapCase: SwapCase; belongings: unknown }> {
  const swapCase = await fixture.swapCase();
  await fixture.sql(
    'postgres',
    `ALTER DATABASE ${swapCase.database} SET work_mem TO '7MB'; COMMENT ON DATABASE ${swapCase.database} IS 'mine'`,
  );
  return { swapCase, belongings: await fixture.belongings(swapCase.database) };
}

describe('a swap that fails', () => {
  it.each(STEPS)('FAILURES 49: leaves the target open and as it was, after the step "%s"', async (step) => {
    const { swapCase, belongings } = await changed();
    const failing = fixture.swap(swapCase, {
      onStep: (reached) => {
        if (reached === step) throw new DomainError('INTERNAL', 'broken on purpose');
      },
    });
    await expect(failing).rejects.toMatchObject({ message: 'broken on purpose' });
    await expectUnchanged(swapCase, belongings);
    await fixture.swap(swapCase);
    expect(await fixture.word(swapCase.database)).toBe('new');
  });

  it.each(STEPS)('FAILURES 49: does so although its own session was killed after the step "%s"', async (step) => {
    const { swapCase, belongings } = await changed();
    const failing = fixture.swap(swapCase, {
      onStep: async (reached) => {
        if (reached === step) await fixture.killSwapper();
      },
    });
    await expect(failing).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expectUnchanged(swapCase, belongings);
  });

  it.each(STEPS)('leaves it so when it is cancelled after the step "%s"', async (step) => {
    const { swapCase, belongings } = await changed();
    const giveUp = new AbortController();
    const onStep = (reached: SwapStep): void => {
      if (reached === step) giveUp.abort();
    };
    await expect(fixture.swap(swapCase, { onStep }, giveUp.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
    await expectUnchanged(swapCase, belongings);
  });

  it('does not begin without a journal, and not when it was cancelled before', async () => {
    const { swapCase, belongings } = await changed();
    const { connection, incoming, outgoing } = swapCase;
    const request = { connection, incoming, outgoing, signal: new AbortController().signal };
    const journal = (): Promise<void> => Promise.reject(new DomainError('CATALOG_FAILED', 'no room for the journal'));
    const locked = jest.fn();
    await expect(swap({ ...request, journal }, { onStep: locked })).rejects.toMatchObject({ code: 'CATALOG_FAILED' });
    await expect(
      swap({ ...request, signal: AbortSignal.abort(), journal: () => Promise.resolve() }, { onStep: locked }),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(locked).not.toHaveBeenCalled();
    await expectUnchanged(swapCase, belongings);
  });

  it('names who cannot be made to leave', async () => {
    const { swapCase, belongings } = await changed();
    // A prepared transaction is nobody's session, and appears after everything was checked.
    const onStep = async (step: SwapStep): Promise<void> => {
      if (step !== 'journalled') return;
      await fixture.sql(swapCase.database, `BEGIN; INSERT INTO t VALUES ('prepared'); PREPARE TRANSACTION 'late'`);
    };
    await expect(fixture.swap(swapCase, { onStep })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(`prepared transactions: 'late'`),
    });
    await fixture.sql(swapCase.database, `ROLLBACK PREPARED 'late'`);
    await expectUnchanged(swapCase, belongings);
  });

  it.each([
    ['before the lock-out', `ALTER DATABASE %s SET work_mem TO '9MB'; ALTER DATABASE %s CONNECTION LIMIT 5`],
    ['at the renaming', `COMMENT ON DATABASE %s IS 'theirs'`],
  ])('names who is altering the database itself, %s', async (_, alter) => {
    const { swapCase, belongings } = await changed();
    const other = await fixture.client('postgres');
    await other.query('BEGIN');
    await other.query(alter.replaceAll('%s', swapCase.database));
    const { rows } = await other.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await expect(fixture.swap(swapCase)).rejects.toMatchObject({
      code: 'BUSY',
      message: `Somebody is altering or copying database "${swapCase.database}". Nothing was changed.`,
      hint: expect.stringContaining(`pid ${rows[0]?.pid}`),
    });
    await other.query('ROLLBACK');
    await other.end();
    await expectUnchanged(swapCase, belongings);
  });

  it('overwrites nothing that has the name it was to use', async () => {
    const { swapCase, belongings } = await changed();
    await fixture.sql('postgres', `CREATE DATABASE "${swapCase.outgoing}"`);
    await expect(fixture.swap(swapCase)).rejects.toMatchObject({
      code: 'BUSY',
      message: expect.stringContaining(swapCase.outgoing),
    });
    await fixture.sql('postgres', `DROP DATABASE "${swapCase.outgoing}"`);
    const late = async (step: SwapStep): Promise<void> => {
      if (step === 'journalled') await fixture.sql('postgres', `CREATE DATABASE "${swapCase.outgoing}"`);
    };
    await expect(fixture.swap(swapCase, { onStep: late })).rejects.toMatchObject({ code: 'DATABASE_ERROR' });
    await fixture.sql('postgres', `DROP DATABASE "${swapCase.outgoing}"`);
    await expectUnchanged(swapCase, belongings);
  });

  it('never takes another database for a staging database, nor one that was put in its place meanwhile', async () => {
    const { swapCase, belongings } = await changed();
    await expect(fixture.swap({ ...swapCase, incoming: 'postgres' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(fixture.swap({ ...swapCase, outgoing: 'kept' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(fixture.swap({ ...swapCase, incoming: `${swapCase.database}__restore_none` })).rejects.toMatchObject({
      code: 'DATABASE_NOT_FOUND',
    });
    const replace = async (step: SwapStep): Promise<void> => {
      if (step === 'locked') await fixture.sql('postgres', `DROP DATABASE "${swapCase.incoming}"`);
      if (step === 'locked') await fixture.sql('postgres', `CREATE DATABASE "${swapCase.incoming}"`);
    };
    await expect(fixture.swap(swapCase, { onStep: replace })).rejects.toMatchObject({ code: 'BUSY' });
    expect(await fixture.word(swapCase.database)).toBe('old');
    expect(await fixture.belongings(swapCase.database)).toEqual(belongings);
  });
});

describe('a swap whose end nobody heard of', () => {
  /** Breaks the connection on which COMMIT is sent, once the server has it. */
  async function deafAtCommit(): Promise<{ port: number; close: () => void }> {
    const proxy = createServer((near) => {
      const far = connect(fixture.server.port, '127.0.0.1');
      near.on('error', () => far.destroy());
      far.on('error', () => near.destroy());
      near.on('close', () => far.end());
      near.on('data', (data: Buffer) => {
        if (!data.includes('COMMIT\0')) return void far.write(data);
        far.unpipe(near);
        far.resume();
        far.write(data, () => near.destroy());
      });
      far.pipe(near);
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    return { port: (proxy.address() as AddressInfo).port, close: () => proxy.close() };
  }

  it('is found out by looking: it was done', async () => {
    const { swapCase, belongings } = await changed();
    const proxy = await deafAtCommit();
    const result = await fixture.swap({ ...swapCase, connection: { ...swapCase.connection, port: proxy.port } });
    proxy.close();
    expect(result).toMatchObject({ warnings: [] });
    expect(await fixture.word(swapCase.database)).toBe('new');
    expect(await fixture.belongings(swapCase.database)).toEqual(belongings);
    expect(await fixture.names(swapCase.database)).toEqual([swapCase.database, swapCase.outgoing]);
  });

  it('is not called a failure for what fails after it', async () => {
    const { swapCase } = await changed();
    const onStep = (step: SwapStep): void => {
      if (step === 'committed') throw new Error('too late');
    };
    expect((await fixture.swap(swapCase, { onStep })).lockoutMs).toBeGreaterThan(0);
    expect(await fixture.word(swapCase.database)).toBe('new');
  });
});

describe('after a death in the middle', () => {
  /** Never comes back from this step; its session is still there, as that of a host that lost its power would be. */
  async function dieAt(swapCase: SwapCase, step: SwapStep): Promise<void> {
    let dead = false;
    void fixture
      .swap(swapCase, {
        onStep: (reached) => {
          if (reached !== step) return undefined;
          dead = true;
          return new Promise(() => undefined);
        },
      })
      .catch(() => undefined);
    await until(() => dead);
  }

  it.each(STEPS)(
    'settling brings it back to the old state after the step "%s", as often as one likes',
    async (step) => {
      const { swapCase, belongings } = await changed();
      await dieAt(swapCase, step);
      const journal = JSON.parse(JSON.stringify(swapCase.journal)) as SwapCase['journal'];
      expect(await recoverSwap(swapCase.connection, journal)).toBe('unchanged');
      await expectUnchanged(swapCase, belongings);
      expect(await recoverSwap(swapCase.connection, journal)).toBe('unchanged');
      await expectUnchanged(swapCase, belongings);
    },
  );

  it('settling leaves the new state where it was reached, and knows it', async () => {
    const { swapCase, belongings } = await changed();
    await dieAt(swapCase, 'committed');
    for (let times = 0; times < 2; times += 1) {
      expect(await recoverSwap(swapCase.connection, swapCase.journal)).toBe('swapped');
      expect(await fixture.word(swapCase.database)).toBe('new');
      expect(await fixture.belongings(swapCase.database)).toEqual(belongings);
    }
    await expect(fixture.client(swapCase.outgoing)).rejects.toMatchObject({ code: '55000' });
  });

  it('settling knows by what is on the server, when the journal is lost', async () => {
    const { swapCase, belongings } = await changed();
    const { incoming, outgoing } = swapCase;
    await dieAt(swapCase, 'locked');
    await fixture.killSwapper();
    expect(await recoverSwap(swapCase.connection, {})).toBe('unchanged');
    expect(await fixture.belongings(swapCase.database)).toEqual(belongings);
    await fixture.swap(swapCase);
    expect(await recoverSwap(swapCase.connection, { incoming, outgoing })).toBe('swapped');
  });

  it('an undo that died leaves the previous database closed and ready for another', async () => {
    const { swapCase } = await changed();
    await fixture.swap(swapCase);
    const undo = {
      ...swapCase,
      incoming: swapCase.outgoing,
      outgoing: copyName(swapCase.database, 'before', 'undo0001'),
    };
    await dieAt(undo, 'emptied');
    expect(await recoverSwap(undo.connection, undo.journal)).toBe('unchanged');
    expect(await fixture.word(swapCase.database)).toBe('new');
    await expect(fixture.client(undo.incoming)).rejects.toMatchObject({ code: '55000' });
    await fixture.swap(undo);
    expect(await fixture.word(swapCase.database)).toBe('old');
  });
});
