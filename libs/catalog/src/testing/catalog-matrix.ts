import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { silentLogger, systemClock } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { Client } from 'pg';
import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import type { CatalogOptions } from '../open-catalog.js';

/** Creates catalogs of one kind, for tests that must hold on both kinds. */
export interface CatalogPlace {
  /** Returns the options of {@link openCatalog} for a catalog that does not exist yet. */
  fresh(): Promise<CatalogOptions>;
  /** Runs SQL of a test in the catalog of these options, for statements that no repository has. */
  run(options: CatalogOptions, sql: string): Promise<Record<string, unknown>[]>;
  /** Ends the server, removes the files. */
  dispose(): Promise<void>;
}

export const CATALOG_KINDS = ['sqlite', 'postgres'] as const;
export type CatalogKind = (typeof CATALOG_KINDS)[number];

/** The kinds for `describe.each`, as every test of a repository runs on both. */
export const EVERY_CATALOG: readonly { kind: CatalogKind }[] = CATALOG_KINDS.map((kind) => ({ kind }));

export function catalogPlace(kind: CatalogKind): Promise<CatalogPlace> {
  return kind === 'sqlite' ? sqlitePlace() : postgresPlace();
}

/** Opens a new, empty catalog; `close` removes its database or file, too. */
export async function openTestCatalog(kind: CatalogKind): Promise<Catalog> {
  const place = await catalogPlace(kind);
  const catalog = await openCatalog(await place.fresh());
  const close = catalog.close.bind(catalog);
  catalog.close = async () => {
    await close();
    await place.dispose();
  };
  return catalog;
}

async function sqlitePlace(): Promise<CatalogPlace> {
  const folder = await mkdtemp(join(tmpdir(), 'catalog-'));
  return {
    fresh: () =>
      Promise.resolve({ file: join(folder, newName(), 'catalog.sqlite'), clock: systemClock, logger: silentLogger }),
    run: async ({ file = '' }, sql) => {
      await mkdir(dirname(file), { recursive: true });
      const database = new DatabaseSync(file, { timeout: 5_000 });
      try {
        return database.prepare(sql).all();
      } finally {
        database.close();
      }
    },
    dispose: () => rm(folder, { recursive: true }),
  };
}

async function postgresPlace(): Promise<CatalogPlace> {
  const server = await startPostgres();
  const inDatabase = async (url: string, sql: string): Promise<Record<string, unknown>[]> => {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    fresh: async () => {
      const name = newName();
      await inDatabase(urlOf(server, 'postgres'), `create database ${name}`);
      return { url: urlOf(server, name), clock: systemClock, logger: silentLogger };
    },
    run: ({ url = '' }, sql) => inDatabase(url, sql),
    dispose: () => server.stop(),
  };
}

export function urlOf({ username, password, host, port }: SandboxServer, database: string): string {
  return `postgres://${username}:${password}@${host}:${port}/${database}`;
}

function newName(): string {
  return `catalog_${randomBytes(6).toString('hex')}`;
}
