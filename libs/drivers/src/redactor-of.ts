import type { ConnectionParams } from '@app/domain';
import { redactor } from '@app/security';

/** Takes the secrets of a connection out of what its tools print. */
export function redactorOf({
  password,
  tls,
  username,
  database,
  host,
  port,
}: ConnectionParams): (text: string) => string {
  return redactor([password, ...(tls?.key === undefined ? [] : [tls.key])], [username, database, host, String(port)]);
}
