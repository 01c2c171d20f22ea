import { redactorOf } from '../../redactor-of.js';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ServerInfo, ToolInfo } from '@app/domain';
import { ProcessFailure, startTool } from '@app/process';
import { cancelled } from '../../session/network-errors.js';
import { libpqAccess } from '../login/libpq-environment.js';
import { LockWatch } from '../login/lock-watch.js';
import { SESSION_SETTINGS } from '../login/session-settings.js';

export interface SchemaDumpOptions {
  /** `database`: the table-extraction database. */
  connection: ConnectionParams;
  server: ServerInfo;
  /** The options of the table-extraction database. */
  encoding: string;
  /** pg_dump. */
  tool: ToolInfo;
  section: 'pre-data' | 'post-data';
  /** Only what is in these schemas, whose names are plain; empty: all that is in the database. */
  schemas: readonly string[];
  runtimeDir: string;
  lockTimeoutMs: number;
  signal: AbortSignal;
}

/** Passes to `work` what pg_dump says about objects without their rows. Rejects when pg_dump fails, or `work` does. */
export async function withSchemaDump(
  { connection, server, encoding, tool, section, schemas, runtimeDir, lockTimeoutMs, signal }: SchemaDumpOptions,
  work: (script: NodeJS.ReadableStream) => Promise<void>,
): Promise<void> {
  await using access = await libpqAccess(connection, runtimeDir, { settings: SESSION_SETTINGS, server, encoding });
  const what = 'Writing down what the tables are made of';
  const watched = { connection, application: access.application, lockTimeoutMs, sessions: 1, what };
  await using watch = await LockWatch.open(watched, signal);
  const giveUp = new AbortController();
  const child = startTool({
    command: tool.path,
    args: [
      ...['--format=plain', '--schema-only', `--section=${section}`, '--no-password'],
      ...['--no-publications', '--no-subscriptions', ...schemas.map((schema) => `--schema=${schema}`)],
      ...access.args,
    ],
    env: access.env,
    signal: AbortSignal.any([signal, giveUp.signal]),
    redact: redactorOf(connection),
  });
  child.completed.catch(() => undefined);
  let stuck: DomainError | undefined;
  void watch.stuck.then((error) => {
    stuck = error;
    giveUp.abort();
  });
  try {
    await work(child.stdout);
    await child.completed;
  } catch (error) {
    if (signal.aborted) throw cancelled(what);
    if (stuck !== undefined) throw stuck;
    if (!(error instanceof ProcessFailure)) throw error;
    throw new DomainError('RESTORE_FAILED', `pg_dump could not say what the tables are made of: ${error.lastWords}`, {
      cause: error,
    });
  } finally {
    giveUp.abort();
    await child.completed.catch(() => undefined);
  }
}
