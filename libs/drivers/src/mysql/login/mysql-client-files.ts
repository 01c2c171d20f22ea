import { redactorOf } from '../../redactor-of.js';
import { writeSecretFile } from '@app/process';
import type { ConnectionParams, ToolInfo } from '@app/domain';
import { tlsPolicy } from '../../tls/tls-policy.js';
import { optionFile } from './mysql-client-arguments.js';
import { checksAuthorityAlone, pinnedCertificate } from './mysql-pinned-certificate.js';
import { withSession } from './mysql-session.js';

export interface ClientFiles {
  optionFile: string;
  /** For the tool's environment. */
  env: Readonly<Record<string, string>>;
  /** Takes the password out of what the tool prints. */
  redact(text: string): string;
  remove(): Promise<void>;
}

/** Writes the option file of one run of a client, and the TLS material next to it; to be removed when the client has ended. */
export async function writeClientFiles(
  runtimeDir: string,
  connection: ConnectionParams,
  tool: ToolInfo,
  signal?: AbortSignal,
): Promise<ClientFiles> {
  const { verify, authorities, client } = tlsPolicy(connection);
  const fingerprint = checksAuthorityAlone(connection, tool)
    ? await withSession(connection, { database: null, signal }, async (session) =>
        pinnedCertificate(session, connection, tool),
      )
    : undefined;
  await using files = new AsyncDisposableStack();
  const write = async (text: string): Promise<string> => files.use(await writeSecretFile(runtimeDir, text)).path;
  const options = await write(
    optionFile(connection, tool, {
      ca: verify === 'nothing' ? undefined : await write(authorities.join('\n')),
      certificate: client === undefined ? undefined : await write(client.certificate),
      key: client === undefined ? undefined : await write(client.key),
      fingerprint,
    }),
  );
  const owned = files.move();
  return {
    optionFile: options,
    // Oracle's clients read ~/.mylogin.cnf even with --defaults-file; what is named here does not exist.
    env: { MYSQL_TEST_LOGIN_FILE: `${options}.none` },
    redact: redactorOf(connection),
    remove: () => owned.disposeAsync(),
  };
}
