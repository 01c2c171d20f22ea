import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startEngine } from './support/core-harness.js';
import type { Engine } from './support/core-harness.js';
import { runSql } from './support/run-sql.js';

/** Easy to find, and hard to quote: what an option file, a password file or a URL would want escaped. */
const PASSWORD = `S3cr:et\\'"#;%40 =xyzzy`;
const NEEDLE = 'xyzzy';

const sides = [
  {
    name: 'PostgreSQL',
    start: () => startPostgres(),
    maintenance: 'postgres',
    setup: [
      `create role "backup" login superuser password '${PASSWORD.replaceAll("'", "''")}'`,
      'create database shop owner "backup"',
    ],
    fill: ['create table t as select i, repeat(md5(i::text), 20) as body from generate_series(1, 60000) i'],
    tools: /pg_dump|pg_restore/,
  },
  {
    name: 'MySQL',
    start: () => startMariadb(),
    maintenance: 'mysql',
    setup: [
      `create user 'backup'@'%' identified by '${PASSWORD.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`,
      `grant all on *.* to 'backup'@'%'`,
      'create database shop',
    ],
    fill: [
      'create table t (i int primary key, body text)',
      'insert into t select seq, repeat(md5(seq), 20) from seq_1_to_60000',
    ],
    tools: /mariadb|mysql/,
  },
];

describe.each(sides)('FAILURES 35: $name', (side) => {
  let server: SandboxServer;
  let engine: Engine;
  let shop: ConnectionParams;

  beforeAll(async () => {
    [server, engine] = await Promise.all([side.start(), startEngine()]);
    await runSql(server.connection(side.maintenance), side.setup);
    shop = { ...server.connection('shop'), username: 'backup', password: PASSWORD };
    await runSql(shop, side.fill);
  }, 120_000);
  afterAll(async () => {
    await engine.stop();
    await server.stop();
  });

  it('no password is in the process list, in an environment, or in a file that others can read', async () => {
    const watch = new ProcessWatch(engine.runtimeDir);
    const made = await watch.during(engine.backup(shop));
    expect(watch.commands.some((command) => side.tools.test(command))).toBe(true);
    await watch.during(engine.restore(shop, made.path));
    if (side.name === 'PostgreSQL') {
      const archive = await watch.during(engine.backup(shop, { format: 'custom' }));
      await watch.during(engine.restore(shop, archive.path));
    }
    expect(watch.exposures).toEqual([]);
    expect(watch.secretFileModes.length).toBeGreaterThan(0);
    expect(new Set(watch.secretFileModes)).toEqual(new Set(['600']));
    expect(await engine.leftovers()).toEqual([]);
  });

  it('no password is in the message of a tool that failed', async () => {
    const wrong = { ...shop, password: `${PASSWORD}wrong` };
    const failure = await engine.backup(wrong).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'WRONG_CREDENTIALS' });
    expect(JSON.stringify([failure, String(failure), (failure as Error).stack])).not.toContain(NEEDLE);
  });
});

/** Looks at every process of the machine again and again while something runs. */
class ProcessWatch {
  readonly commands: string[] = [];
  readonly exposures: string[] = [];
  readonly secretFileModes: string[] = [];

  constructor(private readonly runtimeDir: string) {}

  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = (): void => {
      ended = true;
    };
    work.then(end, end);
    while (!ended) {
      this.look();
      await delay(3);
    }
    return work;
  }

  private look(): void {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      // A process may have gone between the two calls.
      const command = read(`/proc/${pid}/cmdline`);
      const environment = read(`/proc/${pid}/environ`);
      if (command === undefined) continue;
      this.commands.push(command);
      if (`${command}${environment ?? ''}`.includes(NEEDLE)) this.exposures.push(command);
    }
    for (const name of list(this.runtimeDir)) {
      const mode = modeOf(join(this.runtimeDir, name));
      if (mode !== undefined) this.secretFileModes.push(mode);
    }
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function modeOf(path: string): string | undefined {
  try {
    return (statSync(path).mode & 0o777).toString(8);
  } catch {
    return undefined;
  }
}
