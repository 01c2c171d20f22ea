import { createConnection } from 'mysql2/promise';
import { copyStep, dataTemplate } from './data-template.js';
import { findTools, installedServer, unprivilegedAccount } from './installed-server.js';
import type { Account, InstalledServer } from './installed-server.js';
import type { SandboxOptions, SandboxServer } from './sandbox-server.js';
import { startServer } from './supervised-server.js';
import { SECRET_FILE } from './supervisor-script.js';
import { unpackedServers } from './unpacked-servers.js';

const DIRECTORIES = ['/usr/sbin', '/usr/bin', '/usr/libexec', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/** Settings for speed instead of durability, as all of this is thrown away. */
const SETTINGS = {
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-doublewrite': '0',
  'loose-innodb-flush-method': 'nosync',
  'sync-binlog': '0',
  'sync-frm': '0',
  'innodb-buffer-pool-size': '128M',
  'max-allowed-packet': '1G',
  'character-set-server': 'utf8mb4',
  'collation-server': 'utf8mb4_general_ci',
  'event-scheduler': 'OFF',
};

const PROGRAMS = ['mariadb-install-db', 'mariadbd'] as const;

export function mariadbAccount(): Promise<Account> {
  return unprivilegedAccount('mysql');
}

/**
 * Finds at most one installed server, since its two programs are in different directories and several versions could not be told
 * apart, and the servers that are unpacked in `folder`.
 */
export async function installedMariadb(folder?: string): Promise<InstalledServer[]> {
  const [install = '', server = ''] = await findTools('MariaDB', PROGRAMS, DIRECTORIES).catch(() => []);
  const installed = await installedServer('MariaDB', [install, server]);
  const unpacked = await unpackedServers('MariaDB', PROGRAMS, folder);
  return [...(installed === undefined ? [] : [installed]), ...unpacked];
}

/**
 * Starts the installed MariaDB: utf8mb4, native passwords, administrators `root@127.0.0.1` and `root@localhost`, no
 * anonymous user, no `test` database, event scheduler off. Throws TOOL_MISSING or TOOL_UNUSABLE.
 */
export async function startMariadb(options: SandboxOptions = {}): Promise<SandboxServer> {
  const programs = options.installed?.programs ?? (await findTools('MariaDB', PROGRAMS, DIRECTORIES));
  const [install = '', mariadbd = ''] = programs;
  const account = await mariadbAccount();
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).map(([name, value]) => `--${name}=${value}`);
  const home = options.installed?.home;
  const commonTo = (directory: string): readonly string[] => [
    ...['--no-defaults', ...(home === undefined ? [] : [`--basedir=${home}`])],
    ...[`--datadir=${directory}/data`, `--tmpdir=${directory}`],
  ];
  const initialise = (directory: string): readonly string[] => [
    ...[install, ...commonTo(directory)],
    ...['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
  ];
  const template = await dataTemplate({ engine: 'mariadb', account, command: initialise }, options.signal);
  return startServer(
    {
      engine: 'mariadb',
      dbType: 'MySQL',
      product: 'MariaDB',
      username: 'root',
      account,
      secret: firstStatements,
      steps: ({ directory, port }) => {
        const zone = options.timeZone === undefined ? [] : ['env', `TZ=${options.timeZone}`];
        const elsewhere =
          home === undefined ? [] : [`--lc-messages-dir=${home}/share/mysql`, `--plugin-dir=${home}/lib/mysql/plugin`];
        const place = ['--bind-address=127.0.0.1', `--port=${port}`, `--socket=${directory}/mariadb.sock`];
        const files = [`--pid-file=${directory}/mariadb.pid`, `--init-file=${directory}/${SECRET_FILE}`];
        return [
          template === undefined
            ? { command: initialise(directory), stopSignal: 'TERM' }
            : copyStep(template, directory),
          {
            command: [
              ...zone,
              mariadbd,
              ...commonTo(directory),
              ...elsewhere,
              ...place,
              ...files,
              '--skip-name-resolve',
              ...settings,
            ],
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
      portWasTaken: (log) => log.includes('Address already in use'),
    },
    options,
  );
}

/** The server itself runs this before it listens, so that there is never a moment without a password. */
function firstStatements(password: string): string {
  const identified = `IDENTIFIED VIA mysql_native_password USING PASSWORD('${password}')`;
  const administrators = ['localhost', '127.0.0.1'];
  return [
    `DELETE FROM mysql.global_priv WHERE User NOT IN ('root', 'mariadb.sys') OR (User = 'root' AND Host NOT IN ('localhost', '127.0.0.1'));`,
    `FLUSH PRIVILEGES;`,
    ...administrators.map((host) => `CREATE OR REPLACE USER root@'${host}' ${identified};`),
    ...administrators.map((host) => `GRANT ALL PRIVILEGES ON *.* TO root@'${host}' WITH GRANT OPTION;`),
  ].join('\n');
}
