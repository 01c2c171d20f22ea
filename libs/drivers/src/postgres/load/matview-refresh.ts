import type { PostgresSession } from '../login/postgres-session.js';
import { isConnectionLoss, isServerError, serverWords } from '../login/postgres-errors.js';
import { setPath } from './search-path-retry.js';
import { isWordAt } from '../script/lexer.js';
import type { Command } from '../script/script-reader.js';
import { skeleton } from '../script/skeleton.js';
import { StatementBatch } from './wire/statement-batch.js';

const REFRESH = Buffer.from('refresh');

export function isRefresh({ text, standardStrings }: Command): boolean {
  if (text.length >= 1_000 || !isWordAt(text, 0, REFRESH.length, REFRESH)) return false;
  return skeleton(text, { standardStrings }).startsWith('REFRESH MATERIALIZED VIEW ');
}

/** With what is to be told of it. */
export type Refreshed = { isEmpty: true; warning: string } | { isEmpty: false; warning?: string };

/** The server, not the view, is at an end. */
const OF_THE_SERVER = /^(25|40|53|55P|57|58|XX)/;

/**
 * Refreshes a materialized view as the dump says, or with one of these search paths. One that cannot be refreshed stays empty,
 * which fails nothing: its rows come from others, and can be made whenever what it lacks is there. Resolves with what is to be told.
 */
export async function refresh(session: PostgresSession, command: Buffer, paths: readonly string[]): Promise<Refreshed> {
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
  if (failure === undefined) return { isEmpty: false };
  const name = /^REFRESH\s+MATERIALIZED\s+VIEW\s+(.*)$/is.exec(command.toString('utf8'))?.[1]?.trim();
  const { path: own } = await session.queryOne<{ path: string }>(
    `SELECT pg_catalog.current_setting('search_path') AS path`,
  );
  for (const path of paths) {
    const failed = await attempt(setPath(path), command, setPath(own));
    if (failed !== undefined) continue;
    const warning = `Materialized view ${name} could not be refreshed without a search_path; it was refreshed with that of the source: ${path}.`;
    return { isEmpty: false, warning };
  }
  return {
    isEmpty: true,
    warning: `Materialized view ${name} could not be refreshed and is empty: ${serverWords(failure)}.`,
  };
}
