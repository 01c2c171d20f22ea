import { delimiter, dirname, join } from 'node:path';
import type { DbType } from '@app/domain';
import { runProcess } from '@app/process';
import {
  enginesFolder,
  installedMariadb,
  installedMysql,
  installedPostgres,
  startMariadb,
  startMysql,
  startPostgres,
} from '@app/sandbox';
import type { InstalledServer, SandboxOptions, SandboxServer } from '@app/sandbox';

declare global {
  /** Set in the projects of the tests that run on another version; a name of `scripts/engines/table.json`. */
  var ENGINE: string | undefined;
}

/** `npm run test:engines`, where `npm test` runs a short form. */
export const isFull = process.env['ENGINES'] === 'full';

/** Slow machines included. */
const FETCHED_WITHIN_MS = 600_000;
const FETCHER = join(__dirname, '../../scripts/fetch-engine.mjs');

let given: InstalledServer | undefined;

if (globalThis.ENGINE !== undefined) {
  const name = globalThis.ENGINE;
  beforeAll(async () => {
    given = await fetchEngine(name);
    // Its own clients come first.
    const folders = given.programs.map((program) => dirname(program));
    process.env['PATH'] = [...new Set([...folders, join(given.home ?? '', 'bin')]), process.env['PATH']].join(
      delimiter,
    );
  }, FETCHED_WITHIN_MS);
}

/** Takes the engine that is there, and fetches a missing one. */
async function fetchEngine(name: string): Promise<InstalledServer> {
  const fetching = { command: process.execPath, args: [FETCHER, name], timeoutMs: FETCHED_WITHIN_MS };
  const { stdout, stderr } = await runProcess(fetching);
  const { home, version } = JSON.parse(stdout) as { home: string; version: string };
  process.stderr.write(`${stderr}[engine] ${name} is ${version}, in ${home}\n`);
  const folder = enginesFolder();
  const servers = await Promise.all([installedPostgres(folder), installedMariadb(folder), installedMysql(folder)]);
  const server = servers.flat().find((each) => each.home === join(home, 'usr'));
  if (server === undefined) throw new Error(`There is no server that can be run in ${home}.`);
  return server;
}

/** Whether this project tests servers of that type. */
export function isTested(dbType: DbType): boolean {
  const name = globalThis.ENGINE;
  return name === undefined || name.startsWith('postgresql') === (dbType === 'PostgreSQL');
}

/** A server of the version that this project tests; without one, the version that is installed. */
export function startTestServer(dbType: DbType, options: SandboxOptions = {}): Promise<SandboxServer> {
  const all = given === undefined ? options : { ...options, installed: given };
  if (dbType === 'PostgreSQL') return startPostgres(all);
  return given?.flavour === 'MySQL' ? startMysql(all) : startMariadb(all);
}

/** What this project tests; undefined: what is installed. */
export function testedServer(): InstalledServer | undefined {
  return given;
}
