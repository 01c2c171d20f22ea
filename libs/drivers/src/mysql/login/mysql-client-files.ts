import { writeSecretFile } from '@app/process';
import type { ConnectionParams, ToolInfo } from '@app/domain';
import { trustedCertificates } from '../../trusted-certificates.js';
import { optionFile } from './mysql-client-arguments.js';

export interface ClientFiles {
  optionFile: string;
  /** For the tool's environment. */
  env: Readonly<Record<string, string>>;
  /** Takes the password out of what the tool prints. */
  redact(text: string): string;
  remove(): Promise<void>;
}

/** Shorter ones would blacken half of an error message, and no tool prints a password anyway. */
const REDACTED_FROM_LENGTH = 4;

/** Writes the option file of one run of a client; to be removed when the client has ended. */
export async function writeClientFiles(
  runtimeDir: string,
  connection: ConnectionParams,
  tool: ToolInfo,
): Promise<ClientFiles> {
  const verify = connection.sslMode === 'verify-full';
  const authorities = verify ? await writeSecretFile(runtimeDir, trustedCertificates().join('\n')) : undefined;
  try {
    const options = await writeSecretFile(runtimeDir, optionFile(connection, tool, authorities?.path));
    const { password } = connection;
    return {
      optionFile: options.path,
      // Oracle's clients read ~/.mylogin.cnf even beside --defaults-file; what is named here does not exist.
      env: { MYSQL_TEST_LOGIN_FILE: `${options.path}.none` },
      redact: (text) => (password.length >= REDACTED_FROM_LENGTH ? text.replaceAll(password, '***') : text),
      remove: async () => {
        await options.remove();
        await authorities?.remove();
      },
    };
  } catch (error) {
    await authorities?.remove();
    throw error;
  }
}
