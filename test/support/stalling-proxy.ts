import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * Stands in front of a server and, once told to hold, lets each new connection send so many bytes in each direction and then
 * nothing more, until it is released: whatever moves much data hangs in the middle of it, for as long as one likes.
 */
export class StallingProxy {
  private readonly sockets = new Set<Socket>();
  private readonly waiting = new Set<Socket>();
  /** What each may still send. */
  private readonly left = new Map<Socket, number>();
  private limit = Infinity;

  private constructor(private readonly server: Server) {}

  static async start(target: { host: string; port: number }): Promise<StallingProxy> {
    const server = createServer();
    const proxy = new StallingProxy(server);
    server.on('connection', (near) => proxy.join(near, connect(target.port, target.host)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Connections that wait to send more. */
  get stalled(): number {
    return this.waiting.size;
  }

  /** Those that are open already go on. */
  hold(bytes: number): void {
    this.limit = bytes;
  }

  /** Those that wait may send so many more. */
  allow(bytes: number): void {
    for (const socket of this.waiting) {
      this.left.set(socket, bytes);
      socket.resume();
    }
    this.waiting.clear();
  }

  release(): void {
    this.limit = Infinity;
    for (const socket of this.waiting) socket.resume();
    this.waiting.clear();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private join(near: Socket, far: Socket): void {
    this.pass(near, far, this.limit);
    this.pass(far, near, this.limit);
  }

  private pass(from: Socket, to: Socket, limit: number): void {
    this.left.set(from, limit);
    this.sockets.add(from);
    from.on('data', (chunk: Buffer) => {
      if (!to.write(chunk)) from.pause();
      const left = (this.left.get(from) ?? 0) - chunk.length;
      this.left.set(from, left);
      if (left > 0 || this.limit === Infinity) return;
      from.pause();
      this.waiting.add(from);
    });
    to.on('drain', () => {
      if (!this.waiting.has(from)) from.resume();
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      to.destroy();
      this.sockets.delete(from);
      this.waiting.delete(from);
      this.left.delete(from);
    });
  }
}
