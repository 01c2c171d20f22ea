import { setImmediate as turn } from 'node:timers/promises';
import { WorkerFailure } from './worker-failure.js';
import { WorkerSessions } from './worker-sessions.js';
import type { WorkerSession, LoadingTable } from './worker-sessions.js';

interface Running {
  sql: string;
  end(error?: Error): void;
}

/** Worker sessions whose statements end when the test says so. */
function fixture(count = 3) {
  const running: Running[] = [];
  const worker = (): WorkerSession => ({
    run: (sql) =>
      new Promise((resolve, reject) => {
        const own: Running = {
          sql: sql.toString(),
          end: (error) => {
            running.splice(running.indexOf(own), 1);
            if (error === undefined) resolve();
            else reject(error);
          },
        };
        running.push(own);
      }),
    close: () => Promise.resolve(),
  });
  const workers = new WorkerSessions(Array.from({ length: count }, worker));
  const now = async (): Promise<string[]> => {
    await turn();
    return running.map(({ sql }) => sql).sort();
  };
  const end = (sql: string, error?: Error): void => running.find((one) => one.sql === sql)?.end(error);
  const insert = (name: string, sql: string): Promise<void> => workers.insert(name, Buffer.from(sql), 1);
  return { workers, now, end, insert };
}

const table = (name: string, more: Partial<LoadingTable> = {}): LoadingTable => ({
  ...{ name, line: 1, keys: `keys of ${name}`, ordered: false },
  ...more,
});
const refusal = (errno: number): Error =>
  Object.assign(new Error('words'), { errno, sqlMessage: 'words', sql: 'secret' });

describe('Worker sessions', () => {
  it('load rows of one table in parallel, after the first of them', async () => {
    const { workers, now, end, insert } = fixture();
    workers.open(table('a'));
    for (const sql of ['a1', 'a2', 'a3', 'a4']) await insert('a', sql);
    expect(await now()).toEqual(['a1']);
    end('a1');
    expect(await now()).toEqual(['a2', 'a3', 'a4']);
  });

  it('load rows of a table in which their order shows one after the other, in parallel with those of other tables', async () => {
    const { workers, now, end, insert } = fixture();
    workers.open(table('a', { ordered: true }));
    workers.open(table('b'));
    for (const sql of ['a1', 'a2']) await insert('a', sql);
    await insert('b', 'b1');
    end('a1');
    expect(await now()).toEqual(['a2', 'b1']);
    await insert('a', 'a3');
    expect(await now()).toEqual(['a2', 'b1']);
  });

  it('load all rows of a table before its keys', async () => {
    const { workers, now, end, insert } = fixture();
    workers.open(table('a'));
    for (const sql of ['a1', 'a2', 'a3']) await insert('a', sql);
    workers.close('a');
    let done = false;
    void workers.done('`A`').then(() => (done = true));
    end('a1');
    await now();
    end('a2');
    expect(await now()).toEqual(['a3']);
    end('a3');
    expect(await now()).toEqual(['keys of a']);
    expect(done).toBe(false);
    end('keys of a');
    await now();
    expect(done).toBe(true);
    await workers.allDone();
  });

  it('keep one session for rows while keys of other tables are built', async () => {
    const { workers, now, end, insert } = fixture(2);
    for (const name of ['a', 'b', 'c']) {
      workers.open(table(name));
      if (name !== 'c') workers.close(name);
    }
    for (const sql of ['c1', 'c2']) await insert('c', sql);
    expect(await now()).toEqual(['keys of a', 'keys of b']);
    end('keys of a');
    expect(await now()).toEqual(['c1', 'keys of b']);
    workers.open(table('d'));
    workers.close('d');
    end('c1');
    expect(await now()).toEqual(['c2', 'keys of b']);
    end('c2');
    expect(await now()).toEqual(['keys of b', 'keys of d']);
  });

  it('make the reader wait instead of holding rows without end', async () => {
    const { workers, now, end } = fixture(1);
    workers.open(table('a'));
    const rows = Buffer.alloc(4 * 1024 * 1024, 'a');
    await workers.insert('a', rows, 1);
    let taken = false;
    void workers.insert('a', rows, 2).then(() => (taken = true));
    await now();
    expect(taken).toBe(false);
    end(rows.toString());
    await now();
    expect(taken).toBe(true);
  });
});

describe('A worker session that fails', () => {
  it('ends all waiting with the words of the server and the line, and without the rows', async () => {
    const { workers, now, end, insert } = fixture();
    workers.open(table('a'));
    await workers.insert('a', Buffer.from('a1'), 7);
    workers.close('a');
    const waiting = [workers.allDone(), workers.done('a'), workers.emptied('a'), workers.failed];
    end('a1', refusal(1062));
    for (const one of waiting) {
      const failure: unknown = await one.catch((error: unknown) => error);
      expect(failure).toMatchObject({ errno: 1062, words: 'words', line: 7 });
      expect(JSON.stringify({ ...(failure as object) })).not.toContain('secret');
    }
    await expect(workers.allDone()).rejects.toBeInstanceOf(WorkerFailure);
    await expect(insert('a', 'a2')).rejects.toBeInstanceOf(WorkerFailure);
    expect(await now()).toEqual([]);
  });

  it('because of a lock tries again', async () => {
    const { workers, now, end, insert } = fixture(1);
    workers.open(table('a', { keys: undefined }));
    await insert('a', 'a1');
    workers.close('a');
    end('a1', refusal(1213));
    while ((await now()).length === 0);
    end('a1');
    await workers.allDone();
  });

  it('because its session broke says so in the words of the clients', async () => {
    const { workers, end, insert } = fixture(1);
    workers.open(table('a'));
    await insert('a', 'a1');
    end('a1', Object.assign(new Error('closed'), { fatal: true }));
    await expect(workers.failed).rejects.toMatchObject({
      errno: 2013,
      words: 'Lost connection to server during query',
    });
  });

  it('because there is no room to sort keys is told apart from one that has no room for rows', async () => {
    for (const keys of [true, false]) {
      const { workers, now, end, insert } = fixture(1);
      workers.open(table('a'));
      if (keys) workers.close('a');
      else await insert('a', 'a1');
      const [running = ''] = await now();
      end(running, refusal(1030));
      await expect(workers.failed).rejects.toMatchObject({ lacksRoomToSort: keys });
    }
  });
});
