import type { Client } from 'pg';

/**
 * A database in SQL_ASCII holds names and texts as whatever bytes somebody has sent. Those that are UTF-8 are read as such; any
 * other byte is read as a character of its own, U+F700 and the byte, and becomes that byte again in what is sent. So names keep
 * their bytes wherever they go by way of us.
 */
const BASE = 0xf700;
const ESCAPED = /[\uf780-\uf7ff]/;
const UTF8 =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;

/** Returns these bytes as a text. */
export function textOfBytes(bytes: Buffer): string {
  const latin1 = bytes.toString('latin1');
  if (!/[\x80-\xff]/.test(latin1)) return latin1;
  return latin1.replaceAll(UTF8, (sequence) => {
    const text = sequence.length === 1 ? '' : Buffer.from(sequence, 'latin1').toString('utf8');
    // A text that looks like one of ours is kept byte by byte, so that it is not taken for one.
    if (text !== '' && !ESCAPED.test(text)) return text;
    return [...Buffer.from(sequence, 'latin1')].map((byte) => String.fromCharCode(BASE + byte)).join('');
  });
}

/** The bytes that a text stands for. */
export function bytesOfText(text: string): Buffer {
  if (!ESCAPED.test(text)) return Buffer.from(text);
  const pieces = text.split(/([\uf780-\uf7ff])/);
  return Buffer.concat(
    pieces.map((piece, index) => (index % 2 === 1 ? Buffer.of(piece.charCodeAt(0) - BASE) : Buffer.from(piece))),
  );
}

interface Wire {
  stream: NodeJS.EventEmitter;
  _send(frame: Buffer): boolean;
}

/** Makes a session read and write texts like this. To be called between two queries. */
export function keepRawBytes(client: Client): void {
  const wire = client.connection as unknown as Wire;
  const [parse] = wire.stream.listeners('data') as ((chunk: Buffer) => void)[];
  if (parse === undefined) throw new Error('Nobody reads what the server says.');
  wire.stream.removeListener('data', parse);
  let open: Buffer[] = [];
  let length = 0;
  wire.stream.on('data', (chunk: Buffer) => {
    open.push(chunk);
    length += chunk.length;
    const head = open.length === 1 ? chunk : headOf(open);
    // Joined once, however many chunks a long frame takes.
    if (head.length < HEAD_BYTES || length < frameLength(head, 0)) return;
    const { frames, rest } = framesOf(Buffer.concat(open, length));
    open = rest.length === 0 ? [] : [rest];
    length = rest.length;
    if (frames.length > 0) parse(Buffer.concat(frames.map(incoming)));
  });
  const send = wire._send.bind(wire);
  wire._send = (frame) => send(outgoing(frame));
}

/** A frame: one byte that says what it is, four of length, and the content. */
const HEAD_BYTES = 5;

function frameLength(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at + 1);
  if (length < 4) throw new Error('a message is shorter than its own length');
  return 1 + length;
}

/** Returns as much of the first frame's head as there is. */
function headOf(chunks: Buffer[]): Buffer {
  const [first = Buffer.alloc(0), ...others] = chunks;
  return first.length >= HEAD_BYTES
    ? first
    : Buffer.concat([first, ...others.map((chunk) => chunk.subarray(0, HEAD_BYTES))]);
}

function framesOf(bytes: Buffer): { frames: Buffer[]; rest: Buffer } {
  const frames: Buffer[] = [];
  let at = 0;
  while (at + HEAD_BYTES <= bytes.length) {
    const end = at + frameLength(bytes, at);
    if (end > bytes.length) break;
    frames.push(bytes.subarray(at, end));
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}

function frame(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head[0] = type;
  head.writeUInt32BE(content.length + 4, 1);
  return Buffer.concat([head, content]);
}

const DATA_ROW = 0x44;
const ERROR = 0x45;
const NOTICE = 0x4e;
const BIND = 0x42;
const PARSE = 0x50;
const QUERY = 0x51;

function incoming(bytes: Buffer): Buffer {
  const type = bytes[0] ?? 0;
  const content = bytes.subarray(5);
  if (type === ERROR || type === NOTICE) return frame(type, Buffer.from(textOfBytes(content)));
  return type === DATA_ROW
    ? frame(
        type,
        withValues(content, 0, (value) => Buffer.from(textOfBytes(value))),
      )
    : bytes;
}

function outgoing(bytes: Buffer): Buffer {
  const type = bytes[0] ?? 0;
  const content = bytes.subarray(5);
  const raw = (value: Buffer): Buffer => bytesOfText(value.toString('utf8'));
  if (!content.some((byte) => byte === 0xef)) return bytes;
  if (type === QUERY) return frame(type, raw(content));
  if (type === PARSE) {
    // Name and text, each with a zero behind it; then numbers.
    const end = content.indexOf(0, content.indexOf(0) + 1) + 1;
    return frame(type, Buffer.concat([raw(content.subarray(0, end)), content.subarray(end)]));
  }
  if (type !== BIND) return bytes;
  const names = content.indexOf(0, content.indexOf(0) + 1) + 1;
  const formats = names + 2 + 2 * content.readUInt16BE(names);
  return frame(type, withValues(content, formats, raw));
}

/** A count of two bytes at `from`, and so many values, each behind its length; -1 is NULL. All around stays. */
function withValues(content: Buffer, from: number, change: (value: Buffer) => Buffer): Buffer {
  const parts = [content.subarray(0, from + 2)];
  let at = from + 2;
  for (let left = content.readUInt16BE(from); left > 0; left -= 1) {
    const length = content.readInt32BE(at);
    const value = content.subarray(at + 4, at + 4 + Math.max(length, 0));
    const changed = length === -1 ? value : change(value);
    const head = Buffer.alloc(4);
    head.writeInt32BE(length === -1 ? -1 : changed.length);
    parts.push(head, changed);
    at += 4 + value.length;
  }
  return Buffer.concat([...parts, content.subarray(at)]);
}
