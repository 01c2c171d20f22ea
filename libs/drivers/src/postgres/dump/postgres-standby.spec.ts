import { chmod, chown, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { ConnectionParams } from '@app/domain';
import { runProcess, startProcess } from '@app/process';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { programFolder } from '../../../../process/src/testing/program-folder.js';
import { PostgresSession } from '../login/postgres-session.js';
import { PostgresDriver } from '../postgres-driver.js';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const stop = new AbortController();
let primary: SandboxServer;
let folder: string;
let driver: PostgresDriver;
let standby: ConnectionParams;
let exited: Promise<unknown> = Promise.resolve();

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

beforeAll(async () => {
  primary = await startPostgres({ settings: { wal_level: 'replica', max_wal_senders: '4' } });
  folder = await mkdtemp(join(tmpdir(), 'standby-'));
  driver = new PostgresDriver({ runtimeDir: join(folder, 'run') });
  await using session = await PostgresSession.open(primary.connection('postgres'));
  await session.query('RESET search_path');
  await session.query(
    `CREATE TABLE kept AS SELECT generate_series(1, 1000) AS a; CREATE UNLOGGED TABLE gone AS SELECT 1 AS a`,
  );
  const [bin] = await session.query<{ path: string }>(`SELECT setting AS path FROM pg_config() WHERE name = 'BINDIR'`);
  // Only the account of the server may read its files, and run it.
  const { uid, gid } = await stat(join(primary.socketDirectory, 'data'));
  await chmod(folder, 0o711);
  const home = join(folder, 'home');
  await runProcess({ command: 'mkdir', args: ['-m', '700', home], timeoutMs: 5_000 });
  const passwords = join(home, 'pgpass');
  await writeFile(passwords, `*:*:*:*:${primary.password}\n`, { mode: 0o600 });
  await Promise.all([home, passwords].map((path) => chown(path, uid, gid)));
  const data = join(home, 'data');
  await runProcess({
    command: join(bin?.path ?? '', 'pg_basebackup'),
    args: [
      '--host=127.0.0.1',
      `--port=${primary.port}`,
      '--username=postgres',
      '--no-password',
      `--pgdata=${data}`,
      '--checkpoint=fast',
      '--no-sync',
    ],
    env: { PGPASSFILE: passwords },
    cwd: home,
    ...{ uid, gid },
    timeoutMs: 50_000,
  });
  // It has no primary: it stays where the copy ended, and in recovery.
  await writeFile(join(data, 'standby.signal'), '');
  const port = await freePort();
  const settings = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: home,
    max_wal_senders: 4,
    fsync: 'off',
  };
  const server = startProcess({
    command: join(bin?.path ?? '', 'postgres'),
    args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    cwd: home,
    ...{ uid, gid },
    signal: stop.signal,
  });
  server.stdout.resume();
  exited = server.completed.catch(() => undefined);
  standby = { ...primary.connection('postgres'), port };
  for (let ready = false; !ready;) {
    ready = await driver.probe(standby).then(
      () => true,
      () => new Promise<boolean>((resolve) => setTimeout(resolve, 50, false)),
    );
  }
});

afterAll(async () => {
  stop.abort();
  await exited;
  await primary?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe('The dump of a standby (FAILURES 14)', () => {
  it('says that it is one, and which tables it holds empty', async () => {
    const { warnings } = await driver.prepareDump({ connection: standby, format: 'plain', tools: {} });
    expect(warnings).toEqual([
      expect.stringContaining('The server is a standby'),
      expect.stringContaining('the backup holds public.gone empty'),
    ]);
  });

  it('is counted in its own snapshot all the same', async () => {
    const plan = await driver.prepareDump({ connection: standby, format: 'plain', tools: {}, census: 'content' });
    const running = await driver.startDump(plan, never);
    const text = (await buffer(running.output)).toString();
    await running.completed;
    expect(text).toContain('COPY public.kept');
    await expect(running.census).resolves.toMatchObject({ rows: { 'public.kept': 1000, 'public.gone': 0 } });
    await expect(driver.census(standby, never, 'content')).resolves.toEqual(await running.census);
  });

  it('that recovery cancels is explained', async () => {
    const tools = await programFolder('standby-tool-');
    const tool = join(tools, 'pg_dump');
    await writeFile(
      tool,
      '#!/bin/sh\necho "pg_dump: error: Dumping the contents of table failed: canceling statement due to conflict with recovery" >&2\nexit 1\n',
      { mode: 0o700 },
    );
    const plan = await driver.prepareDump({ connection: standby, format: 'plain', tools: {} });
    const running = await driver.startDump({ ...plan, tool: { ...plan.tool, path: tool } }, never);
    running.output.resume();
    await expect(running.completed).rejects.toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringContaining('conflict with recovery'),
      hint: expect.stringMatching(/standby.*max_standby_streaming_delay.*hot_standby_feedback.*primary/),
    });
    await rm(tools, { recursive: true });
  });
});
