import { DomainError } from '@app/domain';
import { ProcessFailure, startProcess } from '@app/process';
import type { CompletenessCheck, RunningDump } from '../../db-driver.js';
import { dumpArguments } from '../login/mysql-client-arguments.js';
import { writeClientFiles } from '../login/mysql-client-files.js';
import { cancelled } from '../../network-errors.js';
import type { MysqlDumpPlan } from './mysql-preflight.js';
import { TableCounter } from './table-counter.js';

/** Starts the dump tool. Its option file lives as long as it does. */
export async function startDump(plan: MysqlDumpPlan, runtimeDir: string, signal: AbortSignal): Promise<RunningDump> {
  const { connection, tool, dumpHistory } = plan;
  const files = await writeClientFiles(runtimeDir, connection, tool, signal);
  const child = startProcess({
    command: tool.path,
    args: dumpArguments({ tool, optionFile: files.optionFile, database: connection.database, dumpHistory }),
    env: files.env,
    redact: files.redact,
    signal,
  });
  const completed = (async (): Promise<void> => {
    try {
      await child.completed;
    } catch (error) {
      throw dumpError(error, connection.database);
    } finally {
      await files.remove();
    }
  })();
  completed.catch(() => undefined);
  return { output: child.stdout, completed };
}

/** What the tool's last words mean, where they do not say it. */
const HINTS: readonly [RegExp, string][] = [
  [
    /\b(2013|2006)\b|Lost connection|gone away/i,
    'The server closed the connection. If the backup folder is slow, raise net_write_timeout on the server; else see its log.',
  ],
  [
    /\b1412\b|Table definition has changed/i,
    'A table was altered during the dump. Back up again when no migration runs.',
  ],
  [/\b1146\b|doesn't exist/i, 'A table was renamed or dropped during the dump. Back up again when no migration runs.'],
  [/\b1205\b|Lock wait timeout/i, 'Another session holds a table locked. Back up again when it has ended.'],
];

function dumpError(error: unknown, database: string): DomainError {
  if (!(error instanceof ProcessFailure)) throw error;
  if (error.reason === 'aborted') return cancelled(`The dump of "${database}"`);
  const hint = HINTS.find(([pattern]) => pattern.test(error.stderr))?.[1];
  return new DomainError('DUMP_FAILED', `The dump of "${database}" failed: ${error.message.trim()}`, {
    ...(hint === undefined ? {} : { hint }),
    cause: error,
  });
}

const END_MARKER = '-- Dump completed';
/** The marker, a date, and some room for what `--galera-info` and the like put after it. */
const TAIL_BYTES = 256;

/** Both families end with this comment, and with nothing but a date behind it (FAILURES 5). */
export function completenessCheck(): CompletenessCheck {
  let tail = Buffer.alloc(0);
  const counter = new TableCounter();
  return {
    get tables() {
      return counter.tables;
    },
    update: (chunk) => {
      counter.update(chunk);
      const end = chunk.subarray(-TAIL_BYTES);
      tail = end.length === TAIL_BYTES ? Buffer.from(end) : Buffer.concat([tail, end]).subarray(-TAIL_BYTES);
    },
    finish: () => {
      if (/(^|\n)-- Dump completed[^\n]*\r?\n?\s*$/.test(tail.toString('latin1'))) return;
      throw new DomainError('DUMP_INCOMPLETE', `The dump ends without "${END_MARKER}".`);
    },
  };
}

/** How far the first comment may be: a byte order mark and the sandbox line come before it. */
const HEADER_BYTES = 1024;

export function recogniseDump(head: Buffer): 'plain' | undefined {
  const text = head
    .subarray(0, HEADER_BYTES)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '');
  return /^(\/\*M?!999999\\- [^\n]*\n)?\s*-- (MySQL|MariaDB) dump \d/.test(text) ? 'plain' : undefined;
}
