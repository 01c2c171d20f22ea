import { randomUUID } from 'node:crypto';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ServerInfo, SslMode } from '@app/domain';
import { writeSecretFile } from '@app/process';
import { APPLICATION_NAME } from './postgres-session.js';
import { programOptions } from './session-settings.js';
import type { SessionSettings } from './session-settings.js';
import { tlsPolicy } from '../../tls/tls-policy.js';
import type { TlsPolicy } from '../../tls/tls-policy.js';

const CONNECT_TIMEOUT_S = 10;
/** The settings are those of our own sessions: a peer that is gone is noticed within a minute, not within two hours. */
const KEEPALIVES = 'keepalives=1 keepalives_idle=10 keepalives_interval=5 keepalives_count=6';

export interface LibpqAccess extends AsyncDisposable {
  /** Host, port, user and database as arguments; no secret among them. */
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  /** The `application_name` of this one tool's sessions. */
  application: string;
}

/** The settings with which a tool's session starts. */
export interface LibpqSession {
  settings: SessionSettings;
  server: Pick<ServerInfo, 'versionParts'>;
  /** Default: the tool's own choice. */
  encoding?: string | undefined;
}

/**
 * All that a PostgreSQL tool needs to log in like us. The password and the TLS material are in files that we alone can
 * read (FAILURES 35); dispose of them when the tool has exited.
 */
export async function libpqAccess(
  connection: ConnectionParams,
  runtimeDir: string,
  { settings, server, encoding }: LibpqSession,
): Promise<LibpqAccess> {
  const { host, port, username, password, database } = connection;
  if (/[\r\n\0]/.test(password)) {
    throw new DomainError('UNSUPPORTED', 'A password with a line break cannot be handed to the PostgreSQL tools.', {
      hint: 'Give the database user another password.',
    });
  }
  const policy = tlsPolicy(connection);
  await using files = new AsyncDisposableStack();
  const write = async (text: string): Promise<string> => files.use(await writeSecretFile(runtimeDir, text)).path;
  const passwords = await write(`*:*:*:*:${escapePassword(password)}\n`);
  // In place of libpq's defaults, which are files in ~/.postgresql: we do not look there either.
  const nothing = `${passwords}.none`;
  const { verify, authorities, client } = policy;
  const application = `${APPLICATION_NAME} ${randomUUID().slice(0, 8)}`;
  const env: Record<string, string> = {
    PGAPPNAME: application,
    PGSSLMODE: sslModeOf(policy),
    PGSSLROOTCERT: verify === 'nothing' ? nothing : await write(authorities.join('\n')),
    PGSSLCERT: client === undefined ? nothing : await write(client.certificate),
    PGSSLKEY: client === undefined ? nothing : await write(client.key),
    PGSSLCRL: nothing,
    PGGSSENCMODE: 'disable',
    PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_S),
    PGPASSFILE: passwords,
    PGOPTIONS: programOptions(settings, server.versionParts),
    ...(encoding === undefined ? {} : { PGCLIENTENCODING: encoding }),
  };
  const owned = files.move();
  return {
    args: [
      `--host=${host}`,
      `--port=${port}`,
      `--username=${username}`,
      `--dbname=${KEEPALIVES} dbname=${quoteConninfo(database)}`,
    ],
    env,
    application,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function sslModeOf({ encrypt, verify }: TlsPolicy): SslMode {
  if (encrypt === 'never') return 'disable';
  if (encrypt === 'if_offered') return 'prefer';
  return ({ nothing: 'require', authority: 'verify-ca', name: 'verify-full' } as const)[verify];
}

/** In a password file a colon ends the field. */
function escapePassword(password: string): string {
  return password.replaceAll(/[\\:]/g, String.raw`\$&`);
}

/** A database called `host=evil` or `postgres://…` would itself be read as connection parameters. */
export function quoteConninfo(value: string): string {
  return `'${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
