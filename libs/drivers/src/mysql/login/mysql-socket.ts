import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { whoSpeaks } from '../../session/protocol-probe.js';
import { cancelled, connectTimeout, place } from '../../session/network-errors.js';

/** A MySQL server greets at once; a name server that it waits for may make that a second. */
const SILENCE_MS = 1_500;
const PROTOCOL_PROBE_TIMEOUT_MS = 1_500;
/** A peer that is gone is noticed some ten seconds later. */
const KEEPALIVE_AFTER_MS = 10_000;
/** Length, sequence number and protocol version of the first packet. */
const GREETING_BYTES = 5;

/**
 * Connects and waits until a MySQL or MariaDB server has greeted; the greeting stays to be read. So whatever speaks
 * another protocol is recognised here, and not by the client library, whose parser it could bring down.
 */
export async function connectSocket(
  connection: ConnectionParams,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const { host, port } = connection;
  const socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_AFTER_MS });
  try {
    await greeted(socket, connection, deadline, signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function greeted(
  socket: Socket,
  connection: ConnectionParams,
  deadline: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const timers: NodeJS.Timeout[] = [];
    const settle = (error?: Error): void => {
      timers.forEach((timer) => clearTimeout(timer));
      signal?.removeEventListener('abort', onAbort);
      socket.off('readable', onReadable).off('end', onEnd).off('error', settle);
      // Whoever takes the socket over listens for itself; until then an error must not go unheard.
      socket.on('error', () => undefined);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = (): void => settle(cancelled('The connection'));
    const onEnd = (): void =>
      settle(
        new DomainError('SERVER_REFUSED', `${place(connection)} hung up at once.`, {
          hint: 'Check that a MySQL or MariaDB server listens there, and its log.',
        }),
      );
    let head = Buffer.alloc(0);
    const onReadable = (): void => {
      const part = socket.read() as Buffer | null;
      if (part === null) return;
      head = Buffer.concat([head, part]);
      if (head.length < GREETING_BYTES) return;
      const error = isGreeting(head) ? undefined : wrongEngine(connection, 'is not a MySQL or MariaDB server');
      settle(error);
      // Only now that nobody listens: giving back makes the stream readable anew.
      if (error === undefined) socket.unshift(head);
    };
    const onSilence = async (): Promise<void> => {
      // A PostgreSQL server waits for the client to speak first.
      const speaker = await whoSpeaks(connection, PROTOCOL_PROBE_TIMEOUT_MS);
      if (speaker === 'postgres') settle(wrongEngine(connection, 'is a PostgreSQL server'));
    };
    timers.push(setTimeout(() => settle(connectTimeout(connection)), Math.max(1, deadline - performance.now())));
    socket.once('connect', () => timers.push(setTimeout(() => void onSilence(), SILENCE_MS)));
    socket.on('readable', onReadable).once('end', onEnd).once('error', settle);
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The first packet has sequence number 0 and is a greeting of protocol 10 or an error ("too many connections"). */
function isGreeting(head: Buffer): boolean {
  return head[3] === 0 && (head[4] === 10 || head[4] === 0xff) && head.readUIntLE(0, 3) < 65_536;
}

function wrongEngine(connection: ConnectionParams, what: string): DomainError {
  return new DomainError('WRONG_ENGINE', `What answers at ${place(connection)} ${what}.`, {
    hint: 'Check the port and the database type.',
  });
}
