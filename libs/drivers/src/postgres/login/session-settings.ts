/** Values by the names of the server's settings. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * What each session of ours starts with, whatever the server, the database or the role have set: everything that changes how
 * values are written and read, what a statement means, how long it may take, and with whose rights it runs (FAILURES 59).
 * They are startup options, which outrank what ALTER DATABASE and ALTER ROLE have set, and to which RESET returns.
 * `search_path`: as a new database has it, since a dump without one of its own expects that.
 */
export const SESSION_SETTINGS: SessionSettings = {
  // Values
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  lc_monetary: 'C',
  lc_numeric: 'C',
  lc_time: 'C',
  extra_float_digits: '3',
  bytea_output: 'hex',
  array_nulls: 'on',
  xmloption: 'content',
  xmlbinary: 'base64',
  // Meaning
  standard_conforming_strings: 'on',
  backslash_quote: 'safe_encoding',
  escape_string_warning: 'on',
  transform_null_equals: 'off',
  quote_all_identifiers: 'off',
  check_function_bodies: 'on',
  search_path: '"$user", public',
  default_tablespace: '',
  temp_tablespaces: '',
  gin_fuzzy_search_limit: '0',
  // Time
  statement_timeout: '0',
  lock_timeout: '10s',
  // Rights, and what a transaction is
  role: 'none',
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  exit_on_error: 'off',
};

/** The same for settings that not every server knows, each with the first version (`server_version_num`) that does. */
const SINCE: Readonly<Record<string, readonly [version: number, value: string]>> = {
  row_security: [90_500, 'off'],
  idle_in_transaction_session_timeout: [90_600, '0'],
  default_table_access_method: [120_000, 'heap'],
  idle_session_timeout: [140_000, '0'],
  transaction_timeout: [170_000, '0'],
  restrict_nonsystem_relation_kind: [170_000, ''],
};

/** Only a superuser may set these; for the session of anybody else they stay as the server has them. */
const OF_SUPERUSERS: SessionSettings = {
  session_replication_role: 'origin',
  zero_damaged_pages: 'off',
  ignore_checksum_failure: 'off',
  allow_system_table_mods: 'off',
  lc_messages: 'C',
};

/**
 * What functions of a database may depend on: a generated column may hold the day of an instant, or words as a text search
 * configuration makes them. These settings do not change how a dump of ours is read, so that it is loaded with those of its
 * source (see `source-settings.ts`).
 */
export const OF_THE_SOURCE: readonly string[] = [
  ...['TimeZone', 'timezone_abbreviations', 'DateStyle', 'IntervalStyle', 'default_text_search_config', 'lc_time'],
  ...['lc_numeric', 'bytea_output', 'extra_float_digits', 'xmlbinary'],
];

export function settingsWithout(names: readonly string[]): SessionSettings {
  return Object.fromEntries(Object.entries(SESSION_SETTINGS).filter(([name]) => !names.includes(name)));
}

/**
 * For sessions that load a dump. What somebody else has dumped may depend on the time zone of its source, and holds amounts of
 * money in the format of its `lc_monetary`. The dump tells neither, so that those of the target's server are used.
 */
export function loadSettings(own: boolean): SessionSettings {
  return settingsWithout(own ? OF_THE_SOURCE : ['TimeZone', 'lc_monetary']);
}

/** For the startup parameter `options`, in which a backslash takes the meaning of a space. */
export function startupOptions(settings: SessionSettings): string {
  return Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replaceAll(/[\\ ]/g, String.raw`\$&`)}`)
    .join(' ');
}

/** For a tool that logs in by itself to a server whose version is known. */
export function programOptions(settings: SessionSettings, versionParts: readonly number[]): string {
  const [major = 0, minor = 0] = versionParts;
  const version = major >= 10 ? major * 10_000 : major * 10_000 + minor * 100;
  const known = Object.entries(SINCE).filter(([, [since]]) => version >= since);
  return startupOptions({ ...settings, ...Object.fromEntries(known.map(([name, [, value]]) => [name, value])) });
}

const list = (settings: SessionSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `('${name}', '${value}')`)
    .join(', ');

/**
 * Sets what could not be given at the start, where the server knows it and lets us. A commit must be on disk before it is
 * reported, but `local` and stronger values are the server's own choice.
 */
export const SET_THE_REST = `
  SELECT pg_catalog.count(pg_catalog.set_config(s.name, w.value, false))
    FROM pg_catalog.pg_settings s JOIN (VALUES ${list(Object.fromEntries(Object.entries(SINCE).map(([name, [, value]]) => [name, value])))},
      ${list(OF_SUPERUSERS)}, ('synchronous_commit', 'local')) AS w (name, value)
      ON w.name OPERATOR(pg_catalog.=) s.name
   WHERE s.setting OPERATOR(pg_catalog.<>) w.value AND (s.name OPERATOR(pg_catalog.<>) 'synchronous_commit' OR s.setting OPERATOR(pg_catalog.=) 'off')
     AND (s.context OPERATOR(pg_catalog.=) 'user' OR pg_catalog.current_setting('is_superuser') OPERATOR(pg_catalog.=) 'on')`;
