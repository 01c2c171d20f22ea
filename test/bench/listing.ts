import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog, ConnectionRecord, JobRecord } from '@app/catalog';
import type { JsonObject, Manifest } from '@app/domain';
import { startService } from '../support/service-process.js';
import type { ServiceProcess } from '../support/service-process.js';
import { addConnections, chunksOf, withCatalogs } from './catalogs.js';
import type { CatalogKind } from './catalogs.js';
import { median, rounded, timed } from './figures.js';
import type { BenchContext, BenchPart, Figures } from './part.js';
import { testSecretKey, testSigner } from '../../libs/artifact/src/testing/test-signer.js';

const FEW = 100;
const MANY = 10_000;
const PAIRS = 60;
const WARM_UP = 20;
const PAGE = 50;
const MINUTE_MS = 60_000;
/** Jobs of long ago are forgotten by a service that starts. */
const NEWEST = Date.now() - 60 * MINUTE_MS;

const CALLS = [
  { path: '/api/catalog/backups', things: 'backups' },
  { path: '/api/connections', things: 'connections' },
  { path: '/api/jobs', things: 'jobs' },
];

/** Two services, one with a hundred times as much, asked in turns. */
export const listing: BenchPart = {
  name: 'listing',
  title: `A page of ${PAGE} of ${FEW} and of ${MANY} (medians of ${PAIRS} pairs of calls)`,
  async run({ folder, tell }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    await withCatalogs(async (kind) => {
      const services: ServiceProcess[] = [];
      try {
        for (const count of [FEW, MANY]) {
          tell(`${kind.name}: a service with ${count} backups, connections and jobs`);
          services.push(await serviceWith(count, join(folder, `${kind.name}-${count}`), kind));
        }
        for (const { path, things } of CALLS) {
          for (const page of ['first', 'middle'] as const) {
            tell(`${kind.name}: ${path}, the ${page} page`);
            const [few = '', many = ''] = await Promise.all(
              services.map(async ({ url }) =>
                page === 'first' ? firstPage(url, path) : middlePage(url, path, things),
              ),
            );
            rows.push({ catalog: kind.name, call: path, page, ...(await compare(few, many, things)) });
          }
        }
      } finally {
        await Promise.all(services.map((service) => service.stop()));
      }
    });
    return rows;
  },
};

async function compare(few: string, many: string, things: string): Promise<Figures> {
  for (const url of [few, many]) {
    const { length } = await pageAt(url, things);
    if (length !== PAGE) throw new Error(`${url} has ${length} ${things} on its page`);
  }
  const times: { few: number; many: number }[] = [];
  for (let pair = 0; pair < WARM_UP + PAIRS; pair += 1) {
    // In turns, so that neither always comes second.
    const order = pair % 2 === 0 ? ([few, many] as const) : ([many, few] as const);
    const measured = new Map<string, number>();
    for (const url of order) measured.set(url, await timed(() => pageAt(url, things)));
    times.push({ few: measured.get(few) ?? Number.NaN, many: measured.get(many) ?? Number.NaN });
  }
  const pairs = times.slice(WARM_UP);
  return {
    [`of ${FEW}, ms`]: rounded(median(pairs.map(({ few }) => few)), 2),
    [`of ${MANY}, ms`]: rounded(median(pairs.map(({ many }) => many)), 2),
    ratio: rounded(median(pairs.map(({ few, many }) => many / few)), 2),
  };
}

async function pageAt(url: string, things: string): Promise<{ next: string | null; length: number }> {
  const answer = await fetch(url);
  const body = (await answer.json()) as Record<string, unknown> & { next: string | null };
  const list = body[things];
  if (!answer.ok || !Array.isArray(list)) throw new Error(`${url} answered ${JSON.stringify(body)}`);
  return { next: body.next, length: list.length };
}

function firstPage(url: string, path: string): string {
  return `${url}${path}?limit=${PAGE}`;
}

/** The one that begins half-way. */
async function middlePage(url: string, path: string, things: string): Promise<string> {
  const all = await walk(url, path, things);
  return all[Math.floor(all.length / 2)] ?? '';
}

async function walk(url: string, path: string, things: string): Promise<string[]> {
  const urls: string[] = [];
  let next: string | undefined = firstPage(url, path);
  while (next !== undefined) {
    urls.push(next);
    const { next: after } = await pageAt(next, things);
    next = after === null ? undefined : `${firstPage(url, path)}&after=${encodeURIComponent(after)}`;
  }
  return urls;
}

async function serviceWith(count: number, home: string, kind: CatalogKind): Promise<ServiceProcess> {
  await mkdir(join(home, 'backups'), { recursive: true });
  await mkdir(join(home, 'data'), { recursive: true });
  await writeFile(join(home, 'data/secret.key'), testSecretKey.toString('base64'), { mode: 0o600 });
  const catalog = await kind.open(home);
  try {
    const connections = await addConnections(catalog, count);
    for (const some of chunksOf(connections)) {
      await catalog.jobs.insert(some.map(jobOf));
      await writeBackups(join(home, 'backups'), some);
    }
    await check(catalog, count);
  } finally {
    await catalog.close();
  }
  const service = await startService({ LOG_LEVEL: 'error', ...(await kind.environment(home)) }, { home });
  // The first look at the folder reads every manifest; the next ones find it as it was.
  await pageAt(firstPage(service.url, '/api/catalog/backups'), 'backups');
  return service;
}

async function check(catalog: Catalog, count: number): Promise<void> {
  const last = await catalog.jobs.get(`job-of-connection-${count - 1}`);
  if (last === undefined) throw new Error(`the catalog did not take ${count} jobs`);
}

/** A minute apart, the first the newest. */
function timeOf({ createdAt }: ConnectionRecord): number {
  return NEWEST - createdAt * MINUTE_MS;
}

async function writeBackups(folder: string, connections: readonly ConnectionRecord[]): Promise<void> {
  for (const connection of connections) {
    const content = `-- ${connection.id}\n`;
    const manifest = manifestOf(connection, content);
    const path = join(folder, manifest.artifact);
    await writeFile(path, content);
    await writeFile(`${path}.manifest.json`, testSigner.textOf(manifest));
  }
}

function manifestOf(connection: ConnectionRecord, content: string): Manifest {
  const { id, dbType: db_type, database, host, port } = connection;
  const at = new Date(timeOf(connection)).toISOString();
  return {
    manifest_version: 1,
    id: `backup-of-${id}`,
    artifact: `${database}_${at.slice(0, 10).replaceAll('-', '')}_${at.slice(11, 19).replaceAll(':', '')}.sql`,
    kind: 'scheduled',
    ...{ db_type, database, host, port },
    server: { flavour: 'PostgreSQL', version: '15.18' },
    tool: { name: 'pg_dump', flavour: 'PostgreSQL', version: '15.18' },
    format: 'plain',
    compression: 'none',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    dump_size: content.length,
    started_at: at,
    completed_at: at,
    duration_ms: 0,
    database_settings: { encoding: 'UTF8' },
    objects: { tables: 1 },
    warnings: [],
    verification: { level: 'complete', at },
    connection_id: id,
  };
}

function jobOf(connection: ConnectionRecord): JobRecord {
  const at = timeOf(connection);
  return {
    id: `job-of-${connection.id}`,
    type: 'backup',
    state: 'succeeded',
    lockKey: connection.id,
    connectionId: connection.id,
    scheduleId: null,
    dueAt: null,
    uniqueKey: null,
    retryOf: null,
    priority: 0,
    abandonedByRestart: false,
    payload: { database: connection.database, kind: 'scheduled' },
    result: resultOf(connection, at),
    failure: null,
    progress: null,
    log: [`${new Date(at).toISOString()} published`],
    attempt: 1,
    maxAttempts: 1,
    runAfter: at,
    cancelRequestedAt: null,
    owner: 'bench',
    createdAt: at,
    startedAt: at,
    finishedAt: at,
  };
}

/** As a backup job of the service leaves it. */
function resultOf({ id, database, dbType }: ConnectionRecord, at: number): JsonObject {
  const filename = `${database}.sql`;
  const created = Math.floor(at / 1000);
  return {
    ...{ id: `backup-of-${id}`, filename, path: `./backups/${filename}`, location: './backups/.', size: 20, created },
    ...{ status: 'complete', kind: 'scheduled', database, dbType, format: 'plain', compression: 'none' },
    ...{ warnings: [], connectionId: id, pinned: false },
  };
}
