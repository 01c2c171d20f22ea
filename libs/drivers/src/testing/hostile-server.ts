import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** An answer that never ends: of rows, of columns, of results; of a single part; `trickle`: that part, a byte at a time. */
type Endless = 'rows' | 'columns' | 'results' | 'part' | 'trickle';

/** The treatment of a question, or how far the server goes before it falls silent. */
export type Hostility =
  | 'silence at once'
  | 'silence in the handshake of TLS'
  | 'silence in the login'
  | 'silence after the login'
  | 'silence'
  | 'garbage'
  | Endless;

/** How an engine's protocol is spoken, as far as a login and a bad answer. */
export interface Protocol {
  greeting: Buffer | undefined;
  /** To the wish for TLS; undefined where a client goes on without an answer. */
  tls: Buffer | undefined;
  /** Returns the answer to these bytes; `question` for the ones that are to be answered badly. */
  answer(message: Buffer): Buffer | 'question' | undefined;
  wantsTls(message: Buffer): boolean;
  isLogin(message: Buffer): boolean;
  /** A beginning, and what then comes again and again. */
  endless: Record<Exclude<Endless, 'trickle'>, { head: Buffer; again: Buffer }>;
}

/** Lets everybody log in, and then behaves badly. Counts what it could send. */
export class HostileServer implements AsyncDisposable {
  sent = 0;
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly protocol: Protocol,
    private readonly hostility: Hostility,
  ) {}

  static async start(protocol: Protocol, hostility: Hostility): Promise<HostileServer> {
    const server = createServer();
    const hostile = new HostileServer(server, protocol, hostility);
    server.on('connection', (socket) => hostile.welcome(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return hostile;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private welcome(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    if (this.hostility === 'silence at once') return void socket.resume();
    if (this.protocol.greeting !== undefined) socket.write(this.protocol.greeting);
    socket.on('data', (message: Buffer) => {
      if (this.hostility === 'silence in the handshake of TLS' && this.protocol.wantsTls(message)) {
        if (this.protocol.tls !== undefined) socket.write(this.protocol.tls);
        return;
      }
      const answer = this.protocol.answer(message);
      if (answer === 'question') this.misbehave(socket);
      else if (answer !== undefined && !this.isSilentAt(message)) socket.write(answer);
    });
  }

  private isSilentAt(message: Buffer): boolean {
    if (this.hostility === 'silence in the login') return this.protocol.isLogin(message);
    // The one thing that is asked before a session is open.
    return this.hostility === 'silence after the login' && /SET SESSION|set_config/.test(message.toString('latin1'));
  }

  private misbehave(socket: Socket): void {
    if (this.hostility.startsWith('silence')) return;
    if (this.hostility === 'garbage') return void socket.write(Buffer.alloc(4096, 'D\0\0\0\x07\x01'));
    if (this.hostility === 'trickle') {
      const { head, again } = this.protocol.endless.part;
      const drops = [...head, ...again.subarray(0, 4096)];
      const timer = setInterval(() => socket.write(Buffer.of(drops.shift() ?? 0)), 100);
      socket.on('close', () => clearInterval(timer));
      return;
    }
    const { head, again } = this.protocol.endless[this.hostility as Exclude<Endless, 'trickle'>];
    const go = (): void => {
      while (!socket.destroyed) {
        this.sent += again.length;
        if (!socket.write(again)) return;
      }
    };
    socket.on('drain', go).write(head);
    go();
  }
}

function packet(sequence: number, ...parts: (Buffer | string | number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as Buffer)));
  const header = Buffer.alloc(4);
  header.writeUIntLE(body.length, 0, 3);
  header[3] = sequence % 256;
  return Buffer.concat([header, body]);
}

const COLUMN = [Buffer.from('\x03def\0\0\0\x01a\0'), [0x0c, 45, 0, 4, 0, 0, 0, 0xfd, 0, 0, 0, 0, 0]];
/** Sequence numbers begin anew after 256. */
const packets = (from: number, ...parts: (Buffer | string | number[])[]): Buffer =>
  Buffer.concat(Array.from({ length: 256 * 16 }, (_, index) => packet(from + index, ...parts)));

export const MYSQL_PROTOCOL: Protocol = {
  greeting: packet(
    0,
    [10],
    '8.0.36\0',
    [1, 0, 0, 0],
    'abcdefgh\0',
    [0x09, 0xaa, 45, 2, 0, 0x08, 0, 21],
    Buffer.alloc(10),
    'abcdefghijkl\0mysql_native_password\0',
  ),
  tls: undefined,
  wantsTls: (message) => message[3] === 1 && message.readUIntLE(0, 3) === 32,
  isLogin: (message) => message[3] !== 0,
  answer(message) {
    if (message[3] !== 0) return packet(2, [0, 0, 0, 2, 0, 0, 0]);
    if (message[4] !== 3) return undefined;
    return message.includes('SET SESSION') ? packet(1, [0, 0, 0, 2, 0, 0, 0]) : 'question';
  },
  endless: {
    rows: {
      head: Buffer.concat([packet(1, [1]), packet(2, ...COLUMN), packet(3, [0xfe, 0, 0, 2, 0])]),
      again: packets(4, [1, 0x78]),
    },
    columns: { head: packet(1, [0xfe, 0, 0, 0, 0, 0, 1, 0, 0]), again: packets(2, ...COLUMN) },
    // Each says that more follow.
    results: { head: packet(1, [0, 0, 0, 0x0a, 0, 0, 0]), again: packets(2, [0, 0, 0, 0x0a, 0, 0, 0]) },
    // Continued for as long as each is full.
    part: {
      head: Buffer.concat([packet(1, [1]), packet(2, ...COLUMN), packet(3, [0xfe, 0, 0, 2, 0])]),
      again: Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 4]), Buffer.alloc(0xff_ff_ff)]),
    },
  },
};

function message(code: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(code, 'latin1');
  head.writeUInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function description(columns: Record<string, number>): Buffer {
  const fields = Object.entries(columns).map(([name, type]) => {
    const field = Buffer.alloc(18);
    field.writeUInt32BE(type, 6);
    return Buffer.concat([Buffer.from(`${name}\0`), field]);
  });
  return message('T', Buffer.concat([Buffer.from([0, fields.length]), ...fields]));
}

function row(values: string[]): Buffer {
  const cells = values.map((value) => Buffer.concat([Buffer.from([0, 0, 0, value.length]), Buffer.from(value)]));
  return message('D', Buffer.concat([Buffer.from([0, values.length]), ...cells]));
}

const READY = message('Z', Buffer.from('I'));
const many = (part: Buffer): Buffer => Buffer.concat(Array.from({ length: 4096 }, () => part));

export const POSTGRES_PROTOCOL: Protocol = {
  greeting: undefined,
  tls: Buffer.from('S'),
  wantsTls: (text) => text.length === 8,
  isLogin: (text) => text.length > 8 && text[0] === 0,
  answer(text) {
    if (text.length === 8) return Buffer.from('N');
    if (text[0] === 0) return Buffer.concat([message('R', Buffer.alloc(4)), READY]);
    if (!text.includes('set_config')) return text[0] === 0x51 || text[0] === 0x50 ? 'question' : undefined;
    return Buffer.concat([
      description({ port: 25, longest: 23, raw: 16, encoding: 25, set: 25, rest: 25 }),
      row(['5432', '63', 'f', '', 'pg_catalog', '']),
      message('C', Buffer.from('SELECT 1\0')),
      READY,
    ]);
  },
  endless: {
    rows: { head: description({ a: 25 }), again: many(row(['x'])) },
    columns: { head: description({ a: 25 }), again: many(description({ a: 25, b: 25 })) },
    results: {
      head: description({ a: 25 }),
      again: many(Buffer.concat([row(['x']), message('C', Buffer.from('SELECT 1\0'))])),
    },
    part: { head: Buffer.from([0x44, 0x7f, 0xff, 0xff, 0xff]), again: Buffer.alloc(1024 * 1024) },
  },
};
