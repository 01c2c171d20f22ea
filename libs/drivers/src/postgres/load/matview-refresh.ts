import type { PostgresSession } from '../login/postgres-session.js';
import { isConnectionLoss, isServerError, serverWords } from '../login/postgres-errors.js';
import { setPath } from './search-path-retry.js';
import { skeleton } from './skeleton.js';
import { StatementBatch } from './statement-batch.js';

export function isRefresh(command: Buffer): boolean {
  return command.length < 1_000 && skeleton(command).startsWith('REFRESH MATERIALIZED VIEW ');
}

/** The server, not the view, is at an end. */
const OF_THE_SERVER = /^(25|40|53|55P|57|58|XX)/;

/**
 * Refreshes a materialized view as the dump says, or with one of these search paths. One that cannot be refreshed stays empty,
 * which fails nothing: its rows come from others, and can be made whenever what it lacks is there. Resolves with a warning then.
 */
export async function refresh(
  session: PostgresSession,
  command: Buffer,
  paths: readonly string[],
): Promise<string | undefined> {
  const inTransaction = session.client.getTransactionStatus() === 'T';
  const run = async (...commands: readonly Buffer[]): Promise<void> =>
    session.client.query(new StatementBatch(commands)).done;
  const attempt = async (...commands: readonly Buffer[]): Promise<Error | undefined> => {
    if (inTransaction) await run(Buffer.from('SAVEPOINT refreshing'));
    try {
      await run(...commands);
      if (inTransaction) await run(Buffer.from('RELEASE refreshing'));
      return undefined;
    } catch (error) {
      const cause = error instanceof Error ? (error.cause ?? error) : error;
      if (!isServerError(cause) || isConnectionLoss(cause) || OF_THE_SERVER.test(cause.code)) throw error;
      if (inTransaction) await run(Buffer.from('ROLLBACK TO refreshing'));
      return cause;
    }
  };
  const failure = await attempt(command);
  if (failure === undefined) return undefined;
  const { path: own } = await session.queryOne<{ path: string }>(
    `SELECT pg_catalog.current_setting('search_path') AS path`,
  );
  for (const path of paths) {
    const failed = await attempt(setPath(path), command, setPath(own));
    if (failed === undefined) return undefined;
  }
  const name = /^REFRESH\s+MATERIALIZED\s+VIEW\s+(.*)$/is.exec(command.toString('utf8'))?.[1]?.trim();
  return `Materialized view ${name} could not be refreshed and is empty: ${serverWords(failure)}.`;
}
