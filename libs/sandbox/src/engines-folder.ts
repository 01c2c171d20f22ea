import { homedir } from 'node:os';
import { join } from 'node:path';

/** The cache folder of all accounts on the machine, as servers do not run as root and cannot enter root's home. */
const CACHE_OF_ROOT = '/var/cache';

/**
 * Returns the cache folder in which `scripts/fetch-engine.mjs` puts servers and clients of other versions, one folder each. It is
 * `ENGINES_DIR` where that is set.
 */
export function enginesFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  const own = environment['ENGINES_DIR'];
  if (own !== undefined && own !== '') return own;
  const set = environment['XDG_CACHE_HOME'];
  const fallback = process.getuid?.() === 0 ? CACHE_OF_ROOT : join(homedir(), '.cache');
  return join(set === undefined || set === '' ? fallback : set, 'database-backup-service', 'engines');
}
