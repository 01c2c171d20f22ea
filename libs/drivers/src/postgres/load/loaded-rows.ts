import type { LoadCheck, LoadedRows } from '../../db-driver.js';
import { tolerating } from '../dump/content-checksums.js';
import { FrozenDatabase } from '../dump/frozen-database.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { SESSION_SETTINGS } from '../login/session-settings.js';

/** Settings that change the text of a value. The session that loads may have others than the one that made the checksums. */
const OF_TEXTS = [
  ...['DateStyle', 'IntervalStyle', 'TimeZone', 'lc_monetary', 'lc_numeric', 'extra_float_digits', 'bytea_output'],
  ...['xmlbinary', 'quote_all_identifiers'],
];

/** Shows what a transaction has loaded into the whole database. Returns why it could not be, in whole sentences. */
export function checkDatabase(session: PostgresSession, check: LoadCheck, signal: AbortSignal): Promise<string[]> {
  return showLoaded(session, check, async () => (await FrozenDatabase.within(session)).census(check.depth, signal));
}

/** `read` runs in the transaction that is open, with the settings of all checksums. */
export async function showLoaded(
  session: PostgresSession,
  check: LoadCheck,
  read: () => Promise<LoadedRows>,
): Promise<string[]> {
  const seen = await tolerating(session, async () => {
    for (const name of OF_TEXTS) {
      await session.query('SELECT pg_catalog.set_config($1, $2, true)', [name, SESSION_SETTINGS[name]]);
    }
    // Every session of ours that makes checksums has this setting: a regclass has its schema in its text then.
    await session.query('SET LOCAL search_path = pg_catalog');
    return read();
  });
  if ('why' in seen) return [`What was loaded could not be compared with the backup: ${seen.why}.`];
  check.judge(seen.value);
  return [];
}
