import { access } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { assertTrustedProgram } from '@app/process';
import { createConnection } from 'mysql2/promise';
import { copyStep, dataTemplate } from './data-template.js';
import { everyProgram, findTools, installedServer, unprivilegedAccount } from './installed-server.js';
import type { Account, InstalledServer } from './installed-server.js';
import type { SandboxOptions, SandboxServer } from './sandbox-server.js';
import { startServer } from './supervised-server.js';
import { SECRET_FILE } from './supervisor-script.js';
import { unpackedServers } from './unpacked-servers.js';

const DIRECTORIES = [
  ...['/usr/sbin', '/usr/libexec', '/usr/local/mysql/bin', '/usr/local/sbin', '/usr/local/libexec'],
  ...['/opt/mysql*/bin', '/opt/mysql/*/bin', '/opt/homebrew/bin', '/opt/homebrew/opt/mysql*/bin'],
];

/** Settings for speed instead of durability, as all of this is thrown away. */
const SETTINGS = {
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-doublewrite': '0',
  'innodb-flush-method': 'nosync',
  'sync-binlog': '0',
  'innodb-buffer-pool-size': '128M',
  'max-allowed-packet': '1G',
  'event-scheduler': 'OFF',
  mysqlx: 'OFF',
  // The default folder would have to exist.
  'secure-file-priv': 'NULL',
};

/** Settings that a data directory is initialised with. The others are of the server that uses it. */
const OF_DATA = /^(innodb|lower-case-table-names)/;

/** The same program creates the server and runs it. */
const PROGRAMS = ['mysqld', 'mysqld'] as const;

export function mysqlAccount(): Promise<Account> {
  return unprivilegedAccount('mysql');
}

/**
 * Finds all installed servers, also those beside the client programs of `toolFolders` and of PATH, and the servers that are
 * unpacked in `folder`. A program of MariaDB with the same name does not count.
 */
export async function installedMysql(folder?: string, toolFolders: readonly string[] = []): Promise<InstalledServer[]> {
  const inPath = (process.env['PATH'] ?? '').split(delimiter).filter((one) => isAbsolute(one));
  const candidates = [...toolFolders, ...inPath].flatMap((one) => [
    one,
    join(one, '../sbin'),
    join(one, '../libexec'),
    join(one, '../bin'),
  ]);
  const unpacked = await unpackedServers('MySQL', PROGRAMS, folder);
  const paths = await everyProgram('mysqld', [...DIRECTORIES, ...candidates]);
  const others = paths.filter((path) => isTrusted(path) && !unpacked.some(({ programs }) => programs.includes(path)));
  const found = await Promise.all(others.map(installedAt));
  return [...found.filter((server) => server !== undefined), ...unpacked];
}

async function installedAt(path: string): Promise<InstalledServer | undefined> {
  const server = await installedServer('MySQL', [path, path]);
  if (server === undefined) return undefined;
  // Files that are laid out as in Debian's packages but in another place need `home`, as the server does not find them.
  const home = dirname(dirname(path));
  const isMoved = home !== '/usr' && (await exists(join(home, 'share/mysql')));
  return isMoved ? { ...server, home } : server;
}

function isTrusted(path: string): boolean {
  try {
    assertTrustedProgram(path);
    return true;
  } catch {
    return false;
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Starts an Oracle MySQL with its defaults and its binary log: administrators `root@127.0.0.1` and `root@localhost`, event
 * scheduler off. Throws TOOL_MISSING or TOOL_UNUSABLE.
 */
export async function startMysql(options: SandboxOptions = {}): Promise<SandboxServer> {
  const { home, programs } = options.installed ?? { programs: await findTools('MySQL', ['mysqld'], DIRECTORIES) };
  const [mysqld = ''] = programs;
  const account = await mysqlAccount();
  const all = Object.entries({ ...SETTINGS, ...options.settings });
  const settings = all.map(([name, value]) => `--${name}=${value}`);
  const elsewhere =
    home === undefined
      ? []
      : [
          `--basedir=${home}`,
          `--lc-messages-dir=${home}/share/mysql`,
          `--plugin-dir=${home}/lib/mysql/plugin`,
          `--character-sets-dir=${home}/share/mysql/charsets`,
        ];
  const commonTo = (directory: string): readonly string[] => [
    ...[mysqld, '--no-defaults', ...elsewhere],
    ...[`--datadir=${directory}/data`, `--tmpdir=${directory}`],
  ];
  const initialise = (directory: string): readonly string[] => [
    ...commonTo(directory),
    '--initialize-insecure',
    ...all.filter(([name]) => OF_DATA.test(name)).map(([name, value]) => `--${name}=${value}`),
  ];
  const template = await dataTemplate({ engine: 'mysql', account, command: initialise }, options.signal);
  return startServer(
    {
      engine: 'mysql',
      dbType: 'MySQL',
      product: 'MySQL',
      username: 'root',
      account,
      secret: firstStatements,
      steps: ({ directory, port }) => {
        const zone = options.timeZone === undefined ? [] : ['env', `TZ=${options.timeZone}`];
        const place = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${directory}/mysql.sock`];
        const files = [`--pid-file=${directory}/mysql.pid`, `--init-file=${directory}/${SECRET_FILE}`];
        return [
          ...(template === undefined
            ? [{ command: initialise(directory), stopSignal: 'TERM' as const }]
            : // The server makes a `server_uuid` of its own where there is none.
              [copyStep(template, directory), { command: ['rm', '-f', 'data/auto.cnf'], stopSignal: 'TERM' as const }]),
          {
            command: [...zone, ...commonTo(directory), ...place, ...files, '--skip-name-resolve', ...settings],
            stopSignal: 'KILL',
          },
        ];
      },
      login: async (server) => {
        const { host, port, username, password } = server;
        const connection = await createConnection({ host, port, user: username, password });
        connection.on('error', () => undefined);
        await connection.end();
      },
      portWasTaken: (log) => log.includes('Address already in use') || log.includes('Do you already have another'),
    },
    options,
  );
}

/** The server itself runs this before it listens, so that there is never a moment without a password. */
function firstStatements(password: string): string {
  return [
    `ALTER USER root@'localhost' IDENTIFIED BY '${password}';`,
    `CREATE USER root@'127.0.0.1' IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;`,
    `GRANT PROXY ON ''@'' TO root@'127.0.0.1' WITH GRANT OPTION;`,
  ].join('\n');
}
