import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workload } from './workload.js';

/** The stock tools of an engine, logged in to the workload's server. */
export interface StockTools {
  env: Record<string, string>;
  /** A command with the options that log in. */
  of(tool: string, ...args: string[]): string;
}

/** Passwords go by files, here as well: what is measured is what an administrator should do. */
export async function stockTools(workload: Workload, folder: string): Promise<StockTools> {
  const { host, port, username, password } = workload.server;
  if (workload.engine === 'postgres') {
    const passwords = join(folder, 'pgpass');
    await writeFile(passwords, `*:*:*:*:${password}\n`, { mode: 0o600 });
    return {
      env: { PGPASSFILE: passwords, PGHOST: host, PGPORT: String(port), PGUSER: username },
      of: (tool, ...args) => [tool, ...args].join(' '),
    };
  }
  const options = join(folder, 'my.cnf');
  const login = `host=${host}\nport=${port}\nuser=${username}\npassword=${password}\n`;
  const groups = ['client', 'mydumper', 'myloader'].map((group) => `[${group}]\n${login}`);
  await writeFile(options, groups.join(''), { mode: 0o600 });
  return { env: {}, of: (tool, ...args) => [tool, `--defaults-file=${options}`, ...args].join(' ') };
}
