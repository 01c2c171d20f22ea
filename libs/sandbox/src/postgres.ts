import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { clusterNumberPatch } from './cluster-number.js';
import { copyStep, dataTemplate } from './data-template.js';
import { findPairs, findTools, installedServer, unprivilegedAccount } from './installed-server.js';
import type { Account, InstalledServer } from './installed-server.js';
import type { SandboxOptions, SandboxServer } from './sandbox-server.js';
import { startServer } from './supervised-server.js';
import { SECRET_FILE } from './supervisor-script.js';
import { unpackedServers } from './unpacked-servers.js';

const DIRECTORIES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/pgsql/bin',
];

/** Settings for speed instead of durability, as all of this is thrown away. */
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  shared_buffers: '128MB',
  // Each session would compile its first costly query for some tenths of a second, and most sessions ask but a few.
  jit: 'off',
};

const PROGRAMS = ['initdb', 'postgres'] as const;

export function postgresAccount(): Promise<Account> {
  return unprivilegedAccount('postgres');
}

/** Finds all installed versions, the newest first, and then the servers that are unpacked in `folder`. */
export async function installedPostgres(folder?: string): Promise<InstalledServer[]> {
  const pairs = await findPairs(PROGRAMS, DIRECTORIES);
  const servers = await Promise.all(pairs.map((programs) => installedServer('PostgreSQL', programs)));
  const unpacked = await unpackedServers('PostgreSQL', PROGRAMS, folder);
  return [...servers.filter((server) => server !== undefined), ...unpacked];
}

/**
 * Starts an installed PostgreSQL: UTF-8, SCRAM passwords, superuser `postgres`. Fails with TOOL_MISSING or
 * TOOL_UNUSABLE.
 */
export async function startPostgres(options: SandboxOptions = {}): Promise<SandboxServer> {
  const programs = options.installed?.programs ?? (await findTools('PostgreSQL', PROGRAMS, DIRECTORIES));
  const [initdb = '', postgres = ''] = programs;
  const account = await postgresAccount();
  const settings = Object.entries({ ...SETTINGS, ...options.settings });
  const initialise = (directory: string): readonly string[] => {
    const locale = ['--encoding=UTF8', '--locale=C.UTF-8'];
    const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${directory}/${SECRET_FILE}`];
    return [initdb, '-D', `${directory}/data`, '--no-sync', ...locale, ...access];
  };
  const template = await dataTemplate({ engine: 'postgres', account, command: initialise }, options.signal);
  const renumber = template && (await clusterNumberPatch(template.data));
  return startServer(
    {
      engine: 'postgres',
      dbType: 'PostgreSQL',
      product: 'PostgreSQL',
      username: 'postgres',
      account,
      secret: (password) => password,
      steps: ({ directory, port }) => {
        const place = [
          '-D',
          `${directory}/data`,
          '-p',
          String(port),
          '-c',
          'listen_addresses=127.0.0.1',
          '-c',
          `unix_socket_directories=${directory}`,
        ];
        return [
          ...(template === undefined || renumber === undefined
            ? [{ command: initialise(directory), stopSignal: 'TERM' as const }]
            : [copyStep(template, directory), renumber(directory)]),
          {
            command: [postgres, ...place, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
            // QUIT is an immediate shutdown. KILL would leave a shared memory segment behind.
            stopSignal: 'QUIT',
          },
        ];
      },
      login: async (server) => {
        const { host, port, username, password } = server;
        const client = new Client({
          host,
          port,
          user: username,
          password: template?.password ?? password,
          database: 'postgres',
          ssl: false,
        });
        client.on('error', () => undefined);
        try {
          await client.connect();
          await client.query(`ALTER ROLE ${username} PASSWORD '${cheapVerifier(password)}'`);
        } finally {
          await client.end().catch(() => undefined);
        }
      },
      portWasTaken: (log) => log.includes('Address already in use'),
    },
    options,
  );
}

/**
 * The same password, in the form in which the server keeps it, with one round of hashing. The usual 4,096 protect a password that
 * can be guessed, which this one cannot, and each login would spend most of its processor time on them.
 */
function cheapVerifier(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, 1, 32, 'sha256');
  const keyOf = (name: string): Buffer => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64');
  return `SCRAM-SHA-256$1:${salt.toString('base64')}$${storedKey}:${keyOf('Server Key').toString('base64')}`;
}
