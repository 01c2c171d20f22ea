import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from './run-sql.js';

declare global {
  /** Set in the project of the tests that runs the service on a PostgreSQL catalog. */
  var CATALOG: 'postgres' | undefined;
}

let starting: Promise<SandboxServer> | undefined;

if (globalThis.CATALOG === 'postgres') {
  afterAll(async () => {
    await (await starting)?.stop();
    starting = undefined;
  }, 60_000);
}

/**
 * The sides, each an engine, that a test runs on. With the catalog on PostgreSQL that is one of them, as no statement of the catalog
 * depends on the engine of a backup (docs/adr, 47).
 */
export function sidesOnCatalog<Side>(sides: readonly Side[], onPostgres: (side: Side) => boolean): readonly Side[] {
  return globalThis.CATALOG === 'postgres' ? sides.filter(onPostgres) : sides;
}

/** Settings for a service that works in `home`: the same folder gets the same catalog again. */
export async function catalogEnvironment(home: string): Promise<Record<string, string>> {
  if (globalThis.CATALOG !== 'postgres') return {};
  const server = await (starting ??= startPostgres());
  const name = `catalog_${createHash('sha256').update(home).digest('hex').slice(0, 16)}`;
  const admin = server.connection('postgres');
  const known = await runSql(admin, [`SELECT 1 FROM pg_database WHERE datname = '${name}'`]);
  if (known.length === 0) await runSql(admin, [`CREATE DATABASE ${name}`]);
  const { username, password, host, port } = server;
  return { CATALOG_URL: `postgres://${username}:${encodeURIComponent(password)}@${host}:${port}/${name}` };
}

/** What is left when the machine with the catalog is gone: nothing of it. The service must not be running. */
export async function loseCatalog(home: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(join(home, `data/catalog.sqlite${suffix}`), { force: true });
  const url = (await catalogEnvironment(home))['CATALOG_URL'];
  if (url === undefined) return;
  const admin = (await (starting as Promise<SandboxServer>)).connection('postgres');
  await runSql(admin, [`DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`]);
}
