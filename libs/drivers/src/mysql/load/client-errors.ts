import { DomainError } from '@app/domain';
import type { ProcessFailure } from '@app/process';
import { LOGIN_PLUGIN_MISSING } from '../login/mysql-client-arguments.js';
import type { StatementFailure } from '../foreign/foreign-client.js';
import type { ForeignRights } from '../foreign/foreign-rights.js';
import type { WorkerFailure } from './parallel/worker-failure.js';

/** The meaning of the server's errors for the person who reads them, by their numbers. */
const HINTS: Readonly<Record<string, string>> = {
  1227: 'Objects are made in the name of another account: grant SET USER (MariaDB), SET_ANY_DEFINER (MySQL 8.2+) or SUPER.',
  1418: 'Set log_bin_trust_function_creators = 1 on the server.',
  1419: 'Set log_bin_trust_function_creators = 1 on the server.',
  1118: 'The table was made with innodb_strict_mode=OFF: run SET GLOBAL innodb_strict_mode = OFF for the time of the restore, or change the table in the source.',
  1153: 'Raise max_allowed_packet on the server.',
  2006: 'Raise max_allowed_packet on the server, or see its log for why it closed the connection.',
  2013: 'See the log of the server for why it closed the connection.',
  1317: 'Somebody ended the statement on the server, or it is ending: see the log of the server, and try again.',
  1927: 'Somebody ended the session on the server: see the log of the server, and try again.',
  2059: LOGIN_PLUGIN_MISSING,
  1205: 'Another session holds a table locked; try again when it has ended.',
  1273: 'The dump comes from a newer server or another product, whose collations this server does not know: restore into such a server, or replace the collation in the dump (utf8mb4_unicode_520_ci, for instance, sorts nearly as utf8mb4_0900_ai_ci and utf8mb4_uca1400_ai_ci do).',
  1044: 'Grant the user all privileges on the target database.',
  1142: 'Grant the user all privileges on the target database.',
};

/** `lineOf`: the line of the dump that the client means by a line of what it was given. */
export function clientError(failure: ProcessFailure, database: string, lineOf: (line: number) => number): DomainError {
  const [, number, line, words] = /ERROR (\d+) \([^)]*\)(?: at line (\d+))?: (.*)/.exec(failure.stderr) ?? [];
  if (number === undefined) {
    const what = words?.trim() ?? failure.message.trim();
    return new DomainError('RESTORE_FAILED', `Restoring "${database}" failed: ${what}`, { cause: failure });
  }
  const dumpLine = line === undefined ? undefined : lineOf(Number(line));
  return refused(database, { number, line: dumpLine, words: words?.trim() ?? '' }, failure);
}

export function workerError(failure: WorkerFailure, database: string): DomainError {
  return refused(database, { number: `${failure.errno}`, line: failure.line, words: failure.words }, failure);
}

/** Explains the failure of a statement of a foreign dump. Where rights are the reason, it says that. */
export function statementFailure(
  failure: StatementFailure,
  database: string,
  line: number,
  staged: boolean,
  rights: ForeignRights | undefined,
): DomainError {
  const { errno, words } = failure;
  return rights?.failure(failure, line, staged) ?? refused(database, { number: `${errno}`, line, words }, failure);
}

function refused(
  database: string,
  { number, line, words }: { number: string; line: number | undefined; words: string },
  cause: Error,
): DomainError {
  const where = line === undefined ? '' : ` at line ${line} of the dump`;
  const hint = HINTS[number];
  return new DomainError('RESTORE_FAILED', `Restoring "${database}" failed${where}: ${words} (${number}).`, {
    ...(hint === undefined ? {} : { hint }),
    cause,
  });
}
