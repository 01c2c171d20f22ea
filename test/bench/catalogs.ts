import { join } from 'node:path';
import { openCatalog } from '@app/catalog';
import type { Catalog, ConnectionRecord } from '@app/catalog';
import { silentLogger, systemClock } from '@app/domain';
import type { Clock } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import { runSql } from '../support/run-sql.js';

const AT_ONCE = 500;

/** Where new catalogs of one kind can be had. */
export interface CatalogKind {
  name: 'SQLite' | 'PostgreSQL';
  /** The environment of a service that works in `home`, which has its own catalog. */
  environment(home: string): Promise<Record<string, string>>;
  /** The same catalog. */
  open(home: string, clock?: Clock): Promise<Catalog>;
}

/** Both kinds, for as long as `work` takes. */
export async function withCatalogs(work: (kind: CatalogKind) => Promise<void>): Promise<void> {
  await work({
    name: 'SQLite',
    environment: () => Promise.resolve({}),
    open: (home, clock = systemClock) =>
      openCatalog({ file: join(home, 'data', 'catalog.sqlite'), clock, logger: silentLogger }),
  });
  await using server = await startPostgres();
  const urls = new Map<string, string>();
  const urlOf = async (home: string): Promise<string> => {
    const known = urls.get(home);
    if (known !== undefined) return known;
    const name = `catalog_${urls.size}`;
    await runSql(server.connection('postgres'), [`CREATE DATABASE ${name}`]);
    const { username, password, host, port } = server;
    const url = `postgres://${username}:${encodeURIComponent(password)}@${host}:${port}/${name}`;
    urls.set(home, url);
    return url;
  };
  await work({
    name: 'PostgreSQL',
    environment: async (home) => ({ CATALOG_URL: await urlOf(home) }),
    open: async (home, clock = systemClock) => openCatalog({ url: await urlOf(home), clock, logger: silentLogger }),
  });
}

/** Connections to so many databases of a server that is not there. */
export async function addConnections(catalog: Catalog, count: number): Promise<ConnectionRecord[]> {
  const records = Array.from({ length: count }, (_, at): ConnectionRecord => ({
    id: `connection-${at}`,
    label: null,
    dbType: 'PostgreSQL',
    host: 'db.example.com',
    port: 5432,
    database: `shop_${at}`,
    username: 'backup',
    sealedPassword: 'sealed',
    sslMode: 'prefer',
    tlsCa: null,
    tlsCertificate: null,
    sealedTlsKey: null,
    identity: null,
    retention: null,
    createdAt: at,
    updatedAt: at,
  }));
  for (const some of chunksOf(records)) {
    await catalog.transaction(async ({ connections }) => {
      for (const record of some) await connections.insert(record);
    });
  }
  return records;
}

/** As many at a time as one statement or transaction should take. */
export function chunksOf<T>(items: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(items.length / AT_ONCE) }, (_, at) =>
    items.slice(at * AT_ONCE, (at + 1) * AT_ONCE),
  );
}
