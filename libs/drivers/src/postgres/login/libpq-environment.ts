import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { writeSecretFile } from '@app/process';
import { APPLICATION_NAME } from './postgres-session.js';
import { trustedCertificates } from '../../trusted-certificates.js';

const CONNECT_TIMEOUT_S = 10;

export interface LibpqAccess extends AsyncDisposable {
  /** Host, port, user and database as arguments; no secret among them. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/**
 * All that a PostgreSQL tool needs to log in like us. The password is in a file that we alone can read (FAILURES 35);
 * dispose of it when the tool has exited.
 */
export async function libpqAccess(connection: ConnectionParams, runtimeDir: string): Promise<LibpqAccess> {
  const { host, port, username, password, database, sslMode } = connection;
  if (/[\r\n\0]/.test(password)) {
    throw new DomainError('UNSUPPORTED', 'A password with a line break cannot be handed to the PostgreSQL tools.', {
      hint: 'Give the database user another password.',
    });
  }
  await using files = new AsyncDisposableStack();
  const env: Record<string, string> = {
    PGAPPNAME: APPLICATION_NAME,
    PGSSLMODE: host.startsWith('/') ? 'disable' : sslMode,
    PGGSSENCMODE: 'disable',
    PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_S),
    PGPASSFILE: files.use(await writeSecretFile(runtimeDir, `*:*:*:*:${escapePassword(password)}\n`)).path,
  };
  if (sslMode === 'verify-full') {
    const authorities = trustedCertificates().join('\n');
    env['PGSSLROOTCERT'] = files.use(await writeSecretFile(runtimeDir, authorities)).path;
  }
  const owned = files.move();
  return {
    args: [`--host=${host}`, `--port=${port}`, `--username=${username}`, `--dbname=dbname=${quoteConninfo(database)}`],
    env,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** In a password file a colon ends the field. */
function escapePassword(password: string): string {
  return password.replaceAll(/[\\:]/g, String.raw`\$&`);
}

/** A database called `host=evil` or `postgres://…` would itself be read as connection parameters. */
export function quoteConninfo(value: string): string {
  return `'${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
