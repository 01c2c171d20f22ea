import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createReadStream } from 'node:fs';
import { DomainError } from '@app/domain';
import { isDumpFile } from './directory-files.js';

const BUFFER_BYTES = 64 * 1024;
const INT_BYTES = 4;
const NAME_BYTES = 1_024;
const OLDEST_MINOR = 12;
const NEWEST_MINOR = 16;
/** The versions of the format from which on the header names its compression in a byte, and entries name an access method, and a kind of relation. */
const COMPRESSION_BYTE = 15;
const ACCESS_METHOD = 14;
const RELATION_KIND = 16;

/**
 * Whether the table of contents names only files of a dump. `pg_restore` opens what stands there, `../../secret.key` too,
 * and gives its content out as rows. BACKUP_UNSAFE, BACKUP_DAMAGED; UNSUPPORTED for formats of which that cannot be told.
 */
export async function checkContents(path: string, signal: AbortSignal): Promise<void> {
  await using file = await open(path);
  const reader = new ContentsReader(file);
  const minor = await readHeader(reader);
  const entries = await reader.int();
  for (let entry = 0; entry < entries; entry += 1) {
    if (entry % 1_000 === 0) signal.throwIfAborted();
    await readEntry(reader, minor);
  }
}

/** The same for a list of large objects: `16400 blob_16400.dat`. */
export async function checkLargeObjects(path: string, signal: AbortSignal): Promise<void> {
  const lines = createInterface({ input: createReadStream(path, { signal }), crlfDelay: Infinity });
  for await (const line of lines) {
    const [, name = ''] = /^\d{1,10} (\S+)$/.exec(line) ?? [];
    if (!isDumpFile(name)) throw unsafe(line);
  }
}

/** `ReadHead` of pg_backup_archiver.c; resolves with the version of the format. */
async function readHeader(reader: ContentsReader): Promise<number> {
  const head = await reader.bytes(11);
  const [major, minor = 0, , intBytes] = head.subarray(5);
  if (head.toString('latin1', 0, 5) !== 'PGDMP') throw damaged('it is no table of contents of pg_dump');
  if (major !== 1 || minor < OLDEST_MINOR || minor > NEWEST_MINOR || intBytes !== INT_BYTES) {
    throw new DomainError(
      'UNSUPPORTED',
      `The dump has the format ${major}.${minor} of pg_dump, which is not known here.`,
      {
        hint: 'Make a script of it, and restore that: unpack it, then pg_restore -f dump.sql FOLDER.',
      },
    );
  }
  if (minor >= COMPRESSION_BYTE) await reader.bytes(1);
  else await reader.int();
  // When it was made; the database, its server's version and that of pg_dump.
  for (let field = 0; field < 7; field += 1) await reader.int();
  for (let field = 0; field < 3; field += 1) await reader.skipText();
  return minor;
}

/** `ReadToc` of pg_backup_archiver.c, for one entry, and `_ReadExtraToc` of pg_backup_directory.c. */
async function readEntry(reader: ContentsReader, minor: number): Promise<void> {
  // Its number, and whether it has data; table and OID in the catalog, name, kind; section.
  for (let field = 0; field < 2; field += 1) await reader.int();
  for (let field = 0; field < 4; field += 1) await reader.skipText();
  await reader.int();
  // Definition, DROP, COPY, schema, tablespace.
  for (let field = 0; field < 5; field += 1) await reader.skipText();
  if (minor >= ACCESS_METHOD) await reader.skipText();
  if (minor >= RELATION_KIND) await reader.int();
  // Owner, and whether it has OIDs; then what it depends on, up to an absent text.
  for (let field = 0; field < 2; field += 1) await reader.skipText();
  while (await reader.skipText());
  const name = await reader.text();
  if (name !== '' && !isDumpFile(name)) throw unsafe(name);
}

class ContentsReader {
  private buffer = Buffer.alloc(0);

  constructor(private readonly file: FileHandle) {}

  async bytes(length: number): Promise<Buffer> {
    while (this.buffer.length < length) {
      const { buffer, bytesRead } = await this.file.read(Buffer.alloc(BUFFER_BYTES), 0, BUFFER_BYTES);
      if (bytesRead === 0) throw damaged('it is cut off');
      this.buffer = Buffer.concat([this.buffer, buffer.subarray(0, bytesRead)]);
    }
    const taken = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(length);
    return taken;
  }

  /** A byte for the sign, and four of which the lowest comes first. */
  async int(): Promise<number> {
    const bytes = await this.bytes(1 + INT_BYTES);
    const value = bytes.readUInt32LE(1);
    if (value > 0x7fffffff) throw damaged('it is altered');
    return bytes[0] === 0 ? value : -value;
  }

  /** Whether there is one at all. */
  async skipText(): Promise<boolean> {
    const length = await this.int();
    for (let left = Math.max(length, 0); left > 0;) {
      left -= (await this.bytes(Math.min(left, Math.max(1, Math.min(this.buffer.length, left))))).length;
    }
    return length >= 0;
  }

  async text(): Promise<string> {
    const length = await this.int();
    if (length > NAME_BYTES) throw damaged('it is altered');
    return (await this.bytes(Math.max(length, 0))).toString('latin1');
  }
}

function unsafe(name: string): DomainError {
  return new DomainError(
    'BACKUP_UNSAFE',
    `The table of contents of the dump names a file that pg_dump does not write: ${JSON.stringify(name.slice(0, 200))}.`,
    { hint: 'Nothing was changed. Files outside the dump could be read that way: make the dump anew with pg_dump.' },
  );
}

function damaged(why: string): DomainError {
  return new DomainError('BACKUP_DAMAGED', `The table of contents of the dump (toc.dat) cannot be read: ${why}.`, {
    hint: 'The file is cut off or altered: use another backup.',
  });
}
