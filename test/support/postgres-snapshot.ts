import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import { PostgresDriver } from '@app/drivers';
import { runProcess, writeSecretFile } from '@app/process';

export interface PostgresSnapshot {
  /** `pg_dump --schema-only`, without the lines that differ from dump to dump. */
  schema: string;
  /** `count hash` of each table, materialised view, sequence and large object by its name. */
  rows: Record<string, string>;
}

/**
 * All that two databases must have in common to hold the same: compare two of these with `toEqual`. `without`: a pattern of
 * schemas that are none of it, ending in `*`.
 */
export async function postgresSnapshot(connection: ConnectionParams, without?: string): Promise<PostgresSnapshot> {
  const rows = Object.entries(await postgresRows(connection));
  const left = without === undefined ? '' : without.slice(0, -1);
  return {
    schema: await schemaOf(connection, without),
    rows: Object.fromEntries(rows.filter(([name]) => left === '' || !name.startsWith(left))),
  };
}

/** Runs SQL, several commands if need be, and returns the rows of the last. */
export async function postgresQuery<Row extends pg.QueryResultRow>(
  connection: ConnectionParams,
  sql: string,
): Promise<Row[]> {
  const { host, port, database, username, password } = connection;
  const client = new pg.Client({ host, port, database, user: username, password, ssl: false });
  await client.connect();
  try {
    // The types of `pg` leave out that several commands have several results.
    const results = (await client.query<Row>(sql)) as pg.QueryResult<Row> | pg.QueryResult<Row>[];
    const last = Array.isArray(results) ? results.at(-1) : results;
    return last?.rows ?? [];
  } finally {
    await client.end();
  }
}

/** Searched once a test file, as a search runs each tool of each version. */
let pgDump: Promise<string> | undefined;

async function findPgDump(runtimeDir: string): Promise<string> {
  const tools = await new PostgresDriver({ runtimeDir }).tools.detect({});
  const path = tools.find((tool) => tool.key === 'pg_dump_path')?.best?.path;
  if (path === undefined) throw new Error('pg_dump is not installed');
  return path;
}

async function schemaOf(connection: ConnectionParams, without: string | undefined): Promise<string> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'backup-snapshot-'));
  const runtimeDir = folder.path;
  pgDump ??= findPgDump(runtimeDir);
  await using passwordFile = await writeSecretFile(runtimeDir, `*:*:*:*:${connection.password}\n`);
  const { host, port, username, database } = connection;
  const { stdout } = await runProcess({
    command: await pgDump,
    args: [
      '--schema-only',
      ...(without === undefined ? [] : [`--exclude-schema=${without}`]),
      '-w',
      `-h${host}`,
      `-p${port}`,
      `-U${username}`,
      `-ddbname='${database.replaceAll(/[\\']/g, '\\$&')}'`,
    ],
    env: { PGPASSFILE: passwordFile.path },
    timeoutMs: 60_000,
    maxOutputBytes: 64 * 1024 * 1024,
  });
  return stdout
    .split('\n')
    .filter((line) => !/^(\\(un)?restrict |-- Dumped (from|by) )/.test(line))
    .join('\n');
}

/** `count hash` of each table, materialised view, sequence and large object by its name. */
export async function postgresRows(connection: ConnectionParams): Promise<Record<string, string>> {
  const tables = await postgresQuery<{ name: string; query: string }>(
    connection,
    `SELECT format('%I.%I', n.nspname, c.relname) AS name,
            CASE c.relkind WHEN 'S' THEN format('SELECT last_value || '' '' || is_called AS digest FROM %I.%I', n.nspname, c.relname)
            ELSE format('SELECT count(*) || '' '' || md5(coalesce(string_agg(h, '''' ORDER BY h), '''')) AS digest
              FROM (SELECT md5(t::text) AS h FROM ONLY %I.%I AS t) r', n.nspname, c.relname) END AS query
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm', 'S') AND (c.relkind <> 'm' OR c.relispopulated)
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' ORDER BY 1`,
  );
  const rows: Record<string, string> = {};
  const digests = tables.map(({ name, query }) => `SELECT ${pg.escapeLiteral(name)} AS name, digest FROM (${query}) d`);
  const all =
    tables.length === 0
      ? []
      : await postgresQuery<{ name: string; digest: string }>(connection, digests.join('\nUNION ALL '));
  for (const { name, digest } of all) rows[name] = digest;
  const objects = await postgresQuery<{ name: string; digest: string }>(
    connection,
    `SELECT 'large object ' || oid AS name, length(lo_get(oid)) || ' ' || md5(lo_get(oid)) || ' ' || lomowner::regrole
        || ' ' || coalesce(lomacl::text, '') AS digest FROM pg_largeobject_metadata ORDER BY oid`,
  );
  for (const object of objects) rows[object.name] = object.digest;
  return rows;
}
