import pg from 'pg';
import { DomainError } from '@app/domain';
import { ProcessFailure } from '@app/process';
import type { DumpSource } from '../../db-driver.js';
import { isServerError } from '../login/postgres-errors.js';

/** Names that were not found: of a relation, a function or operator, a type, a schema. */
const NOT_FOUND = new Set(['42P01', '42883', '42704', '3F000']);
const MOST_CAUSES = 6;
/** The schema that every database begins with. */
const USUAL_PATH = 'public';

/**
 * Whether this failure of a load says that something is not found by its name. A dump names all things with their schemas, but
 * what its functions say, and operators that are compared by IS DISTINCT FROM, are found by the search path alone.
 */
export function isNotFound(failure: unknown): boolean {
  return causeOf(failure, (error) => {
    if (error instanceof ProcessFailure) return /ERROR: .* does not exist/.test(error.stderr);
    return isServerError(error) && NOT_FOUND.has(error.code) && !/^(role|tablespace|extension) /.test(error.message);
  });
}

/** pg_restore ends at a materialized view that cannot be refreshed; our own reader goes on. */
export function isRefreshFailure(failure: unknown): boolean {
  return causeOf(failure, (error) => error instanceof ProcessFailure && /REFRESH MATERIALIZED VIEW/.test(error.stderr));
}

function causeOf(failure: unknown, is: (error: Error) => boolean): boolean {
  let error = failure;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1, error = error.cause) {
    if (is(error)) return true;
  }
  return false;
}

export interface Attempts<T> {
  /** `undefined`: as the dump says. */
  load: (searchPath: string | undefined) => Promise<T>;
  /** Takes away what a failed attempt has left. */
  clear: () => Promise<void>;
  mayRetry: () => boolean;
}

/** Loads once more with each search path of the source, where the dump's own empty one does not do (FAILURES 62). */
export async function tryingSearchPaths<T>(
  source: DumpSource,
  { load, clear, mayRetry }: Attempts<T>,
): Promise<{ value: T; searchPath?: string; warnings: string[] }> {
  try {
    return { value: await load(undefined), warnings: [] };
  } catch (failure) {
    if (!mayRetry() || !isNotFound(failure)) throw failure;
    let refusal: unknown;
    for (const path of pathsOf(source)) {
      await clear();
      try {
        const value = await load(path);
        return {
          value,
          searchPath: path,
          warnings: [
            `The dump could not be loaded without a search_path, as something in it is found only with one; it was loaded with that of the source: ${path}.`,
          ],
        };
      } catch (again) {
        if (!mayRetry()) throw again;
        // With this path all was found; what stands in the way now is what people are to be told.
        if (again instanceof DomainError && again.code !== 'RESTORE_FAILED') refusal ??= again;
      }
    }
    throw refusal ?? failure;
  }
}

export function pathsOf({ searchPaths = [] }: Pick<DumpSource, 'searchPaths'>): string[] {
  return [...new Set([...searchPaths, USUAL_PATH])];
}

const EMPTY_PATH = /^SELECT\s+pg_catalog\.set_config\('search_path',\s*'',\s*false\)\s*$/;

/** The command by which a dump empties the search path, with this one instead; other commands as they are. */
export function withSearchPath(command: Buffer, path: string | undefined): Buffer {
  if (path === undefined || command.length > 200 || !EMPTY_PATH.test(command.toString('latin1'))) return command;
  return setPath(path);
}

export function setPath(path: string): Buffer {
  return Buffer.from(`SELECT pg_catalog.set_config('search_path', ${pg.escapeLiteral(path)}, false)`);
}
