import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** Stands in front of a server. While silent, it keeps all connections open, takes new ones, and passes nothing on in either direction. */
export class SilentProxy implements AsyncDisposable {
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(private readonly server: Server) {}

  static async start(target: { host: string; port: number }): Promise<SilentProxy> {
    const server = createServer();
    const proxy = new SilentProxy(server);
    server.on('connection', (near) => proxy.join(near, connect(target.port, target.host)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  fallSilent(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** New connections are passed on again; those that were open when it fell silent are lost. */
  speak(): void {
    this.silent = false;
    for (const socket of this.sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.sockets.add(from);
      if (this.silent) from.pause();
      from.on('data', (chunk: Buffer) => {
        if (this.silent) return;
        if (!to.write(chunk)) from.pause();
      });
      to.on('drain', () => {
        if (!this.silent) from.resume();
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        to.destroy();
        this.sockets.delete(from);
      });
    }
  }
}
