import { chmod, copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { runProcess, startProcess } from '@app/process';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from '../support/run-sql.js';

const FETCHER = join(__dirname, '../../scripts/fetch-regression.mjs');
const FETCHED_WITHIN_MS = 600_000;
const TEST_WITHIN_MS = 120_000;
/** Tests of one line of the schedule may run at the same time. */
const AT_ONCE = 3;
/** Libraries of the server's own package that the tests call. */
const LIBRARIES = ['autoinc.so', 'refint.so'];

interface RegressionTests {
  sql: string;
  schedule: string;
  library: string;
  home: string;
}

/**
 * PostgreSQL's own regression database, which holds some thousand objects of every kind: made by running the regression tests of the
 * server's version on it. What the tests print is not compared, and a test that fails leaves less behind.
 */
export async function makeRegressionDatabase(
  server: SandboxServer,
  major: number,
  serverPrograms: string,
): Promise<ConnectionParams> {
  const fetching = { command: process.execPath, args: [FETCHER, String(major)], timeoutMs: FETCHED_WITHIN_MS };
  const { stdout, stderr } = await runProcess(fetching);
  process.stderr.write(stderr);
  const tests = JSON.parse(stdout) as RegressionTests;
  const place = join(server.socketDirectory, 'regression');
  await mkdir(join(place, 'results'), { recursive: true });
  for (const folder of [place, join(place, 'results')]) await chmod(folder, 0o777);
  await copyFile(tests.library, join(place, 'regress.so'));
  for (const name of LIBRARIES) await copyFile(join(dirname(serverPrograms), 'lib', name), join(place, name));

  const maintenance = server.connection('postgres');
  await runSql(maintenance, [
    'CREATE DATABASE regression TEMPLATE template0',
    ...['lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time'].map(
      (name) => `ALTER DATABASE regression SET ${name} TO 'C'`,
    ),
    `ALTER DATABASE regression SET bytea_output TO 'hex'`,
    `ALTER DATABASE regression SET timezone_abbreviations TO 'Default'`,
  ]);
  const regression = server.connection('regression');
  const environment = {
    PGTZ: 'PST8PDT',
    PGDATESTYLE: 'Postgres, MDY',
    PGOPTIONS: '-c intervalstyle=postgres_verbose',
    PG_ABS_SRCDIR: tests.home,
    PG_ABS_BUILDDIR: place,
    PG_LIBDIR: place,
    PG_DLSUFFIX: '.so',
  };
  for (const names of groupsOf(await readFile(tests.schedule, 'utf8'))) {
    const waiting = [...names];
    const run = async (): Promise<void> => {
      for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
        const file = join(tests.sql, `${name}.sql`);
        const args = ['-X', '-q', '-v', 'HIDE_TABLEAM=on', '-v', 'HIDE_TOAST_COMPRESSION=on', '-f', file];
        await psql(regression, args, { env: environment, cwd: join(place, 'results') });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, run));
  }
  return regression;
}

/** The lines `test: a b c` of a schedule. */
function groupsOf(schedule: string): string[][] {
  return [...schedule.matchAll(/^test: (.*)$/gm)].map((match) => (match[1] ?? '').trim().split(/\s+/));
}

/** Obeys a script's every command, as the stock tools do; errors in it are none of ours. */
async function psql(
  connection: ConnectionParams,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string } = {},
): Promise<void> {
  await runProcess({
    command: 'psql',
    args: [...login(connection), ...args],
    env: { PGPASSWORD: connection.password, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    timeoutMs: TEST_WITHIN_MS,
    maxOutputBytes: 64 * 1024 * 1024,
  });
}

/** What the stock tools make of a database: `pg_dump | psql`, into one that is there. */
export async function copyWithStockTools(from: ConnectionParams, to: ConnectionParams): Promise<void> {
  const dump = startProcess({
    command: 'pg_dump',
    args: login(from),
    env: { PGPASSWORD: from.password },
  });
  const load = startProcess({
    command: 'psql',
    args: [...login(to), '-X', '-q', '-v', 'ON_ERROR_STOP=1'],
    env: { PGPASSWORD: to.password },
    stdin: 'pipe',
  });
  load.stdout.resume();
  if (load.stdin !== undefined) dump.stdout.pipe(load.stdin);
  await Promise.all([dump.completed, load.completed]);
}

function login({ host, port, username, database }: ConnectionParams): string[] {
  return ['-h', host, '-p', String(port), '-U', username, '-d', database];
}
