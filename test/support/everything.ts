import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { startProcess, writeSecretFile } from '@app/process';
import type { SandboxServer } from '@app/sandbox';
import { startTestServer } from './given-engine.js';
import { postgresQuery } from './postgres-snapshot.js';
import { runSql } from './run-sql.js';

/** A server with one database that has everything in it that the engine can hold; see `test/fixtures`. */
export interface EverythingServer {
  server: SandboxServer;
  database: ConnectionParams;
}

export function startPostgresWithEverything(): Promise<EverythingServer> {
  return filled(
    startTestServer('PostgreSQL', {
      settings: { max_locks_per_transaction: '256', wal_level: 'logical', max_wal_senders: '4' },
    }),
    async (server) => {
      const database = server.connection('everything');
      await postgresQuery(server.connection('postgres'), 'CREATE DATABASE everything TEMPLATE template0');
      await postgresQuery(database, await readFile(fixture('postgres-everything.sql'), 'utf8'));
      return database;
    },
  );
}

/** A server that could not be filled is stopped. */
async function filled(
  starting: Promise<SandboxServer>,
  fill: (server: SandboxServer) => Promise<ConnectionParams>,
): Promise<EverythingServer> {
  const server = await starting;
  try {
    return { server, database: await fill(server) };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Of the flavour that this project tests. */
export function startMysqlWithEverything(): Promise<EverythingServer> {
  return filled(startTestServer('MySQL'), fillMysql);
}

async function fillMysql(server: SandboxServer): Promise<ConnectionParams> {
  const isMariadb = server.engine === 'mariadb';
  const database = server.connection('ev-ery`thing ü');
  await runSql(server.connection('mysql'), [
    `CREATE USER keeper@'%' IDENTIFIED BY 'x'`,
    `GRANT ALL PRIVILEGES ON *.* TO keeper@'%'`,
    `CREATE USER 'o''brien'@localhost IDENTIFIED BY 'x'`,
    `GRANT ALL PRIVILEGES ON *.* TO 'o''brien'@localhost`,
    'CREATE ROLE keepers',
    `CREATE DATABASE \`ev-ery\`\`thing ü\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
  ]);
  await withMariadbOptions(server, async (optionFile) => {
    // With the client and without the driver: the fixture uses DELIMITER.
    const child = startProcess({
      command: isMariadb ? 'mariadb' : 'mysql',
      args: [
        `--defaults-file=${optionFile}`,
        '--default-character-set=utf8mb4',
        '--comments',
        '--binary-mode',
        `--database=${database.database}`,
      ],
      stdin: 'pipe',
    });
    child.stdout.resume();
    child.stdin?.end(await readFile(fixture(isMariadb ? 'mariadb-everything.sql' : 'mysql-everything.sql')));
    await child.completed;
  });
  return database;
}

/** For the client tools, called by hand. */
export async function withMariadbOptions(
  server: SandboxServer,
  use: (optionFile: string) => Promise<unknown>,
): Promise<void> {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'mariadb-options-'));
  const { username, password, port } = server;
  const options = await writeSecretFile(
    folder.path,
    `[client]\nuser=${username}\npassword=${password}\nhost=127.0.0.1\nport=${port}\nprotocol=tcp\n`,
  );
  await use(options.path);
}

function fixture(name: string): string {
  return join(__dirname, '..', 'fixtures', name);
}
