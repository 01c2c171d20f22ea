import { connect } from 'node:net';
import type { ConnectionParams } from '@app/domain';

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

export type Speaker = 'postgres' | 'other' | 'silent';

/**
 * Asks for TLS as every PostgreSQL client does. A PostgreSQL server of any version and setting answers with one byte, `S`
 * or `N`; MySQL greets unasked, others complain. Never rejects; `silent` may be anything.
 */
export function whoSpeaks(
  connection: Pick<ConnectionParams, 'host' | 'port'>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Speaker> {
  return new Promise((resolve) => {
    const socket = connection.host.startsWith('/')
      ? connect(`${connection.host}/.s.PGSQL.${connection.port}`)
      : connect(connection.port, connection.host);
    const finish = (speaker: Speaker): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', giveUp);
      socket.destroy();
      resolve(speaker);
    };
    const giveUp = (): void => finish('silent');
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener('abort', giveUp, { once: true });
    socket.once('connect', () => socket.write(SSL_REQUEST));
    socket.once('data', (data: Buffer) => {
      const answer = data.toString('latin1');
      finish(answer === 'S' || answer === 'N' || isErrorResponse(data) ? 'postgres' : 'other');
    });
    socket.once('end', giveUp);
    socket.on('error', giveUp);
  });
}

/** `E`, four bytes of length, and `S` for its first field, the severity: a server too busy to go on. */
function isErrorResponse(data: Buffer): boolean {
  return data.length > 6 && data[0] === 0x45 && data[5] === 0x53;
}

/**
 * Whether a PostgreSQL server can answer a login with these first bytes: a question for the password, an error, a notice, or a
 * word about the version of the protocol. pg waits for ever in some others, such as the greeting of a MySQL 5.0.
 */
export function mayAnswerLogin(first: Buffer): boolean {
  if (first.length <= 5) return 'RENv'.includes(first.toString('latin1', 0, 1));
  switch (first.toString('latin1', 0, 1)) {
    case 'R':
    case 'v':
      return first[1] === 0 && first[2] === 0 && first[5] === 0;
    case 'N':
    case 'E':
      return first[5] === 0x53;
    default:
      return false;
  }
}
