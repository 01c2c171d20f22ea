import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/domain';
import { quotedName } from './login/mysql-account.js';
import { serverRefusal } from './login/mysql-errors.js';
import type { MysqlSession } from './login/mysql-session.js';

const ENDS_WITHIN_MS = 15_000;
const POLL_MS = 20;
const NO_SUCH_THREAD = 1094;

/** With what each command begins that makes a database of this name. */
export function creationOf(name: string): string {
  return `CREATE DATABASE ${quotedName(name)}`;
}

/** See `DbDriver.endCreation`. Only our own sessions are seen without the privilege PROCESS, and it is one of them. */
export async function endCreation(session: MysqlSession, name: string): Promise<void> {
  const creation = creationOf(name);
  const deadline = performance.now() + ENDS_WITHIN_MS;
  for (;;) {
    const sessions = await session.rows<{ id: number | string; statement: string | null }>(
      `SELECT ID AS id, INFO AS statement FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()`,
    );
    const found = sessions.filter(({ statement }) => `${statement} `.startsWith(`${creation} `));
    if (found.length === 0) return;
    if (performance.now() >= deadline) {
      throw new DomainError('BUSY', `The session that creates "${name}" (id ${found[0]?.id}) does not end.`, {
        hint: 'Look at what the server is waiting for; it is tried again.',
      });
    }
    for (const { id } of found) await session.run('KILL ?', [Number(id)]).catch(unlessGone);
    await sleep(POLL_MS);
  }
}

function unlessGone(error: unknown): void {
  if (serverRefusal(error)?.errno !== NO_SUCH_THREAD) throw error;
}
