import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DomainError } from '@app/domain';
import { assertTrustedProgram, ProcessFailure, runProcess } from '@app/process';
import type { DumpPlan } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { libpqAccess } from '../login/libpq-environment.js';
import { SESSION_SETTINGS } from '../login/session-settings.js';

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Returns what `pg_dumpall --globals-only` of the same client writes. Fails with TOOL_MISSING or DUMP_FAILED where it is not installed or not allowed. */
export async function dumpGlobals(
  plan: DumpPlan,
  runtimeDir: string,
  { passwords }: { passwords: boolean },
  signal: AbortSignal,
): Promise<string> {
  const path = join(dirname(plan.tool.path), process.platform === 'win32' ? 'pg_dumpall.exe' : 'pg_dumpall');
  if (!existsSync(path)) {
    throw new DomainError('TOOL_MISSING', `There is no pg_dumpall in the folder of ${plan.tool.path}.`);
  }
  assertTrustedProgram(path);
  const { connection, server } = plan;
  await using access = await libpqAccess(connection, runtimeDir, { settings: SESSION_SETTINGS, server });
  try {
    const { stdout } = await runProcess({
      command: path,
      args: [
        ...['--globals-only', '--encoding=UTF8', '--no-password'],
        ...(passwords ? [] : ['--no-role-passwords']),
        ...access.args,
      ],
      env: access.env,
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: MAX_BYTES + 1,
      signal,
      redact: (text) => (connection.password === '' ? text : text.replaceAll(connection.password, '********')),
    });
    if (Buffer.byteLength(stdout) > MAX_BYTES) throw new DomainError('DUMP_FAILED', 'The roles are more than 16 MB.');
    if (!stdout.includes('PostgreSQL database cluster dump complete')) {
      throw new DomainError('DUMP_INCOMPLETE', 'What pg_dumpall wrote has no end.');
    }
    return stdout;
  } catch (error) {
    if (signal.aborted) throw cancelled('The dump of the roles');
    if (!(error instanceof ProcessFailure)) throw error;
    // The reason comes first; the query that failed follows it.
    const [words = error.message] = error.stderr.trim().split('\n');
    throw new DomainError('DUMP_FAILED', `pg_dumpall failed: ${words.replace(/^pg_dumpall: (error: )?/, '')}`, {
      cause: error,
    });
  }
}
