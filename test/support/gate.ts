import { createConnection, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type Direction = 'from server' | 'to server';

/** What passes a held gate per connection: logins and what tools ask first do, dumps do not; a load comes over several. */
const PASSES_BYTES: Readonly<Record<Direction, number>> = { 'from server': 2 * 1024 * 1024, 'to server': 512 * 1024 };

export interface Gate {
  readonly port: number;
  /** From now on, whoever moves much in this direction stands still. */
  hold(direction: Direction): void;
  open(): void;
  /** Resolves as soon as somebody stands still. */
  standstill(): Promise<void>;
  /** Breaks every connection; new ones pass. */
  cut(): void;
  close(): Promise<void>;
}

/** Stands between the service and a database server, and makes work last as long as a test needs it to. */
export async function startGate(serverPort: number): Promise<Gate> {
  const sockets = new Set<Socket>();
  const waiting = new Set<Socket>();
  let held: Direction | undefined;
  let stopping = Promise.withResolvers<void>();

  const pass = (source: Socket, target: Socket, direction: Direction): void => {
    let moved = 0;
    source.on('data', (chunk) => {
      moved += chunk.length;
      const full = !target.write(chunk);
      const stopped = held === direction && moved > PASSES_BYTES[direction];
      if (stopped) {
        waiting.add(source);
        stopping.resolve();
      }
      if (stopped || full) source.pause();
    });
    target.on('drain', () => {
      if (!waiting.has(source)) source.resume();
    });
    source.on('end', () => target.end());
    source.on('error', () => target.destroy());
    source.on('close', () => {
      target.destroy();
      sockets.delete(source);
      waiting.delete(source);
    });
    sockets.add(source);
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = createConnection({ host: '127.0.0.1', port: serverPort, allowHalfOpen: true });
    pass(client, upstream, 'to server');
    pass(upstream, client, 'from server');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const open = (): void => {
    held = undefined;
    stopping = Promise.withResolvers();
    for (const source of waiting) source.resume();
    waiting.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    hold: (direction) => (held = direction),
    open,
    standstill: () => stopping.promise,
    cut() {
      open();
      for (const socket of sockets) socket.resetAndDestroy();
    },
    async close() {
      open();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
