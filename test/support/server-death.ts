import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive, startProcess } from '@app/process';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from './run-sql.js';

/**
 * Kills a server and has it come back, as after a crash; resolves when it answers again. Every session breaks. A
 * PostgreSQL server comes back by itself when one of its processes is killed; a MariaDB server is started again by us.
 */
export async function killServer(server: SandboxServer): Promise<void> {
  if (server.engine === 'postgres') await crashPostgres(server);
  else await crashMariadb(server);
}

async function crashPostgres(server: SandboxServer): Promise<void> {
  const admin = server.connection('postgres');
  const [victim] = await runSql(admin, [
    `select pid from pg_stat_activity where backend_type in ('background writer', 'checkpointer') limit 1`,
  ]);
  process.kill(Number(victim?.['pid']), 'SIGKILL');
  while (isProcessAlive(Number(victim?.['pid']))) await delay(5);
  await untilItAnswers(server);
}

/**
 * The shell that owns the server and its folder would tidy up when it sees the server gone. So it is stopped meanwhile,
 * until the new server has gone as well.
 */
async function crashMariadb(server: SandboxServer): Promise<void> {
  const pid = processIn(server.socketDirectory, /mariadbd$/);
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const numberOf = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const [command = '', ...args] = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').filter(Boolean);
  const owner = numberOf('PPid');
  process.kill(owner, 'SIGSTOP');
  process.kill(pid, 'SIGKILL');
  const again = startProcess({
    command,
    // What made the accounts was removed once they were there.
    args: args.filter((argument) => !argument.startsWith('--init-file=')),
    cwd: server.socketDirectory,
    uid: numberOf('Uid'),
    gid: numberOf('Gid'),
  });
  again.stdout.resume();
  const stop = server.stop.bind(server);
  // The folder goes with the first owner.
  Object.assign(server, {
    stop: async () => {
      process.kill(again.pid ?? 0, 'SIGKILL');
      await again.completed.catch(() => undefined);
      process.kill(owner, 'SIGCONT');
      await stop();
    },
  });
  await untilItAnswers(server);
}

function processIn(folder: string, program: RegExp): number {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const words = read(`/proc/${pid}/cmdline`).split('\0');
    if (program.test(words[0] ?? '') && words.some((word) => word.includes(folder))) return Number(pid);
  }
  throw new Error(`no server has its files in ${folder}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function untilItAnswers(server: SandboxServer): Promise<void> {
  const admin = server.connection(server.engine === 'postgres' ? 'postgres' : 'mysql');
  for (;;) {
    try {
      await runSql(admin, ['select 1']);
      return;
    } catch {
      await delay(20);
    }
  }
}
