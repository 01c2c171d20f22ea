import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** What happens to the network from one moment on. */
export type NetworkFault =
  /** Every connection is reset, and each new one for so long. */
  | { kind: 'cut'; forMs: number }
  /** Nothing moves for so long, then all goes on. */
  | { kind: 'stall'; forMs: number }
  /** Nothing moves for so long, and what was connected until then is lost. */
  | { kind: 'black hole'; forMs: number }
  /** Each piece arrives so much later. */
  | { kind: 'delay'; ms: number }
  /** So many pieces in this direction arrive with one bit changed, so far from their end. */
  | { kind: 'corrupt'; direction: Direction; pieces: number; fromEnd: number };

export type Direction = 'from server' | 'to server';

/** Smaller pieces hold no rows, and may not be encrypted: the request for TLS has 8 bytes, its answer 1. */
const CORRUPTED_BYTES = 64;

interface Pair {
  near: Socket;
  far: Socket;
  /** Sends on what has waited. */
  readonly waiting: (() => void)[];
}

/**
 * Stands between the service and a database server and does to their connections what networks do. While it is silent,
 * neither end hears of the other, not even that it has gone; who connects then is accepted and hears nothing.
 */
export class FaultyProxy {
  private readonly server: Server;
  private readonly target: { host: string; port: number };
  private readonly pairs = new Set<Pair>();
  /** Connections that were made during the silence. */
  private readonly callers = new Set<Socket>();
  private fault: NetworkFault | undefined;
  private piecesToCorrupt = 0;
  private awaited: { sight: RegExp; fault: NetworkFault; seen: () => void } | undefined;

  private constructor(server: Server, target: { host: string; port: number }) {
    this.server = server;
    this.target = target;
    server.on('connection', (near: Socket) => this.accept(near));
  }

  static async start(target: { host: string; port: number }): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(createServer({ allowHalfOpen: true }), target);
    await once(proxy.server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  begin(fault: NetworkFault): void {
    this.fault = fault;
    this.piecesToCorrupt = fault.kind === 'corrupt' ? fault.pieces : 0;
    if (fault.kind === 'cut') this.resetAll();
  }

  /** Begins the fault as soon as something that matches `sight` was sent to the server, which still receives it. Resolves then. */
  beginAt(sight: RegExp, fault: NetworkFault): Promise<void> {
    return new Promise((seen) => {
      this.awaited = { sight, fault, seen };
    });
  }

  /** From now on the network is as it should be. */
  heal(): void {
    const { fault } = this;
    this.fault = undefined;
    this.awaited = undefined;
    if (fault?.kind === 'black hole') this.resetAll();
    for (const pair of this.pairs) {
      if (pair.near.destroyed || pair.far.destroyed) reset(pair);
      for (const send of pair.waiting.splice(0)) send();
    }
    for (const near of this.callers) if (!near.destroyed) this.join(near);
    this.callers.clear();
  }

  async close(): Promise<void> {
    this.resetAll();
    await new Promise((closed) => this.server.close(closed));
  }

  private get isSilent(): boolean {
    return this.fault?.kind === 'stall' || this.fault?.kind === 'black hole';
  }

  private accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.fault?.kind === 'cut') near.resetAndDestroy();
    else if (this.isSilent) this.callers.add(near);
    else this.join(near);
  }

  private join(near: Socket): void {
    const pair: Pair = {
      near,
      far: connect({ host: this.target.host, port: this.target.port, allowHalfOpen: true }),
      waiting: [],
    };
    this.pairs.add(pair);
    this.pass(pair, pair.near, pair.far, 'to server');
    this.pass(pair, pair.far, pair.near, 'from server');
  }

  private pass(pair: Pair, from: Socket, to: Socket, direction: Direction): void {
    const send = (piece: Buffer): void => {
      if (to.destroyed || to.write(this.corrupted(piece, direction))) from.resume();
      else to.once('drain', () => from.resume());
    };
    from.on('data', (piece: Buffer) => {
      from.pause();
      if (this.isSilent) pair.waiting.push(() => send(piece));
      else if (this.fault?.kind === 'delay') setTimeout(() => send(piece), this.fault.ms);
      else send(piece);
      if (direction === 'to server') this.look(piece);
    });
    from.on('end', () => {
      if (this.isSilent) pair.waiting.push(() => to.end());
      else to.end();
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (this.isSilent) return;
      to.destroy();
      this.pairs.delete(pair);
    });
  }

  private look(piece: Buffer): void {
    const { awaited } = this;
    if (awaited?.sight.test(piece.toString('latin1')) !== true) return;
    this.awaited = undefined;
    this.begin(awaited.fault);
    awaited.seen();
  }

  private corrupted(piece: Buffer, direction: Direction): Buffer {
    const { fault } = this;
    if (fault?.kind !== 'corrupt' || fault.direction !== direction || this.piecesToCorrupt === 0) return piece;
    if (piece.length < CORRUPTED_BYTES) return piece;
    this.piecesToCorrupt -= 1;
    const changed = Buffer.from(piece);
    const at = piece.length - fault.fromEnd;
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    return changed;
  }

  private resetAll(): void {
    for (const pair of this.pairs) reset(pair);
    this.pairs.clear();
    for (const near of this.callers) near.resetAndDestroy();
    this.callers.clear();
  }
}

function reset({ near, far, waiting }: Pair): void {
  waiting.length = 0;
  for (const socket of [near, far]) socket.resetAndDestroy();
}
