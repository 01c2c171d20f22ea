import mysql from 'mysql2';
import type { Connection } from 'mysql2';

/** The longest that a packet of the protocol can be; longer ones continue in the next, up to one that is shorter. */
const PACKET_BYTES = 0xff_ff_ff;
const HEADER_BYTES = 4;

/** The parts of the library's connection. */
interface Wire {
  sequenceId: number;
  _bumpSequenceId(packets: number): void;
  write(bytes: Buffer): void;
  writePacket(packet: { buffer: Buffer }): void;
}
interface Query {
  start(packet: unknown, wire: Wire): unknown;
}

/** Typed otherwise by the library, which leaves out the callback and the settings. */
const { createQuery } = mysql as unknown as {
  createQuery(sql: string, done: (error: Error | null) => void, _: undefined, config: object): Query;
};

/**
 * Runs a statement byte by byte as it is. The library takes text only, which it copies twice: memory that is given back
 * late, and grows with the pace of a load. So the library is given an empty statement, and the bytes go behind it on the wire.
 * They must not change before the promise settles.
 */
export function runRaw(client: Connection, sql: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const query = createQuery('', (error) => (error ? reject(error) : resolve()), undefined, client.config);
    const { start } = query;
    query.start = (packet, wire) => {
      const { writePacket } = wire;
      wire.writePacket = (empty) => send(wire, empty.buffer.subarray(HEADER_BYTES), sql);
      try {
        return start.call(query, packet, wire);
      } finally {
        wire.writePacket = writePacket;
      }
    };
    client.query(query as never);
  });
}

/** `command`: what stands before the statement in its first packet. */
function send(wire: Wire, command: Buffer, sql: Buffer): void {
  let at = 0;
  let room = PACKET_BYTES - command.length;
  let before = command;
  for (;;) {
    const piece = sql.subarray(at, at + room);
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUIntLE(before.length + piece.length, 0, 3);
    header[3] = wire.sequenceId;
    wire._bumpSequenceId(1);
    wire.write(Buffer.concat([header, before]));
    if (piece.length > 0) wire.write(piece);
    if (piece.length < room) return;
    at += piece.length;
    room = PACKET_BYTES;
    before = Buffer.alloc(0);
  }
}
