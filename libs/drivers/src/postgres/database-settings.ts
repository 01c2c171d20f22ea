import type { DatabaseSettings } from '@app/domain';
import type { PostgresSession } from './login/postgres-session.js';

const PROVIDERS = new Map<unknown, string>([
  ['c', 'libc'],
  ['i', 'icu'],
  ['b', 'builtin'],
]);

/** Encoding and locale; of the session's own database, or of another. */
export async function databaseSettings(session: PostgresSession, database?: string): Promise<DatabaseSettings> {
  // The row comes as JSON, because the columns differ between versions.
  const { d } = await session.queryOne<{ d: Record<string, unknown> }>(
    `SELECT pg_catalog.to_jsonb(t) || pg_catalog.jsonb_build_object('encoding_name', pg_catalog.pg_encoding_to_char(t.encoding)) AS d
       FROM (SELECT * FROM pg_catalog.pg_database WHERE datname = coalesce($1, pg_catalog.current_database())) t`,
    [database],
  );
  const provider = PROVIDERS.get(d['datlocprovider']);
  const candidates: Record<string, unknown> = {
    encoding: d['encoding_name'],
    lc_collate: d['datcollate'],
    lc_ctype: d['datctype'],
    locale_provider: provider,
    // Called daticulocale in versions 15 and 16.
    locale: d['datlocale'] ?? d['daticulocale'],
    icu_rules: d['daticurules'],
    collation_version: d['datcollversion'],
  };
  return Object.fromEntries(
    Object.entries(candidates).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
