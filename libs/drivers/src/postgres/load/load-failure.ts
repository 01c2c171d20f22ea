import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { lockHolders } from '../login/lock-holders.js';
import { isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { CommandFailure } from './dump-loader.js';
import { partsOnly, restoreError, shorten } from './restore-errors.js';
import type { DumpPlace } from './restore-errors.js';

export function isLockTrouble(error: unknown): boolean {
  return isServerError(error) && (error.code === '55P03' || error.code === '40P01');
}

/**
 * Why a load failed, for people; after the rollback. The session may be gone by now; where there were several, their
 * connection is given. `database`: what was not changed; undefined where that is not what was loaded into. `isConfined`: it was
 * loaded by an account without rights on the server.
 */
export async function explain(
  error: unknown,
  session: PostgresSession | ConnectionParams,
  source: DumpSource,
  database: string | undefined,
  isConfined = false,
): Promise<DomainError> {
  const command = error instanceof CommandFailure ? error : undefined;
  const cause = command === undefined ? error : command.cause;
  if (isLockTrouble(cause)) {
    const holders = await holdersOf(session).catch(() => 'they could not be listed');
    return new DomainError(
      'BUSY',
      `"${connectionOf(session).database}" is in use: a lock on it was not to be had. Nothing was changed.`,
      {
        hint: `Let these sessions finish, or end them: ${holders}.`,
        cause,
      },
    );
  }
  const line = command === undefined || source.format !== 'plain' ? undefined : await lineAt(source, command.offset);
  const place: DumpPlace | undefined = command === undefined ? undefined : { line, command: shorten(command.command) };
  if (cause instanceof DomainError && cause.code === 'BACKUP_UNSAFE' && line !== undefined) {
    const hint = cause.hint === undefined ? {} : { hint: cause.hint };
    return new DomainError(cause.code, `${cause.message.replace(/\.$/, '')}, at line ${line}.`, { ...hint, cause });
  }
  const told = restoreError(cause, database, place);
  const hint = source.own ? undefined : (partsOnly(cause) ?? (isConfined && mayNot(cause) ? CONFINED : undefined));
  return hint === undefined ? told : new DomainError(told.code, told.message, { cause: told.cause, hint });
}

const CONFINED =
  'A foreign dump is loaded by an account that owns its database and has no other rights on the server. Take this command out of the dump, and run it by hand where it is meant.';

function mayNot(cause: unknown): boolean {
  return isServerError(cause) && cause.code === '42501';
}

async function holdersOf(session: PostgresSession | ConnectionParams): Promise<string> {
  if (session instanceof PostgresSession) return lockHolders(session, false);
  await using another = await PostgresSession.open(session);
  return await lockHolders(another, false);
}

function connectionOf(session: PostgresSession | ConnectionParams): ConnectionParams {
  return session instanceof PostgresSession ? session.connection : session;
}

/** Counted only when it is needed: counting while loading would cost more than finding the rows does. */
async function lineAt(source: DumpSource, offset: number): Promise<number | undefined> {
  let line = 1;
  let seen = 0;
  const stream = source.open();
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      const limit = Math.min(chunk.length, offset - seen);
      for (let at = chunk.indexOf(10); at !== -1 && at < limit; at = chunk.indexOf(10, at + 1)) line += 1;
      seen += chunk.length;
      if (seen >= offset) return line;
    }
    return line;
  } catch {
    return undefined;
  } finally {
    stream.destroy();
  }
}
