import { DomainError } from '@app/domain';
import { gnuNameOf, paxExtensionOf, refusedMember } from './tar-extension.js';
import type { TarExtension } from './tar-extension.js';
import { damagedTar, paddedSize, TAR_BLOCK, tarHeaderOf } from './tar-header.js';
import type { TarHeader } from './tar-header.js';

/** A large object is a member, and databases have many; each costs a file. */
const MOST_MEMBERS = 500_000;
const EXTENSION_BYTES = 64 * 1024;
const REFUSED: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a device',
  '4': 'a device',
  '6': 'a named pipe',
  K: 'a link',
  S: 'a sparse file',
};

export interface TarMember {
  name: string;
  kind: 'file' | 'folder';
  size: number;
  /** To be read before the next member is asked for, or not at all. */
  content: AsyncIterable<Buffer>;
}

/**
 * The files and folders of a tar archive, which is read to its end. BACKUP_UNSAFE for everything else that one can hold,
 * BACKUP_DAMAGED for one that is cut off, altered, or has something behind its end mark.
 */
export async function* tarMembers(
  source: AsyncIterable<Buffer>,
  mostMembers: number = MOST_MEMBERS,
): AsyncGenerator<TarMember> {
  const bytes = new ByteReader(source);
  let extension: TarExtension = {};
  for (let count = 1; ; count += 1) {
    const header = tarHeaderOf(await bytes.exactly(TAR_BLOCK));
    if (header === undefined) return bytes.requireZeros();
    if (count > mostMembers) throw tooMany(mostMembers);
    const next = await extensionBy(header, bytes);
    if (next !== undefined) {
      extension = { ...extension, ...next };
      continue;
    }
    const { name = header.name, size = header.size } = extension;
    extension = {};
    const content = bytes.pieces(size);
    yield { name, kind: kindOf(header, name), size, content };
    for await (const piece of content) void piece;
    await bytes.skip(paddedSize(size) - size);
  }
}

async function extensionBy({ type, size }: TarHeader, bytes: ByteReader): Promise<TarExtension | undefined> {
  if (!['x', 'g', 'L', 'V'].includes(type)) return undefined;
  if (size > EXTENSION_BYTES) throw damagedTar('is altered');
  const content = (await bytes.exactly(paddedSize(size))).subarray(0, size);
  // The label of a volume is nobody's name.
  if (type === 'V') return {};
  if (type === 'L') return gnuNameOf(content);
  const extension = paxExtensionOf(content, type === 'g');
  return type === 'x' ? extension : {};
}

function kindOf({ type }: TarHeader, name: string): 'file' | 'folder' {
  if (type === '5') return 'folder';
  if (type === '0' || type === '\0' || type === '7') return name.endsWith('/') ? 'folder' : 'file';
  throw refusedMember(REFUSED[type] ?? 'something that is neither a file nor a folder', name);
}

function tooMany(most: number): DomainError {
  return new DomainError('BACKUP_UNSAFE', `The tar archive holds more than ${most} files.`, {
    hint: 'Nothing was changed. Make a script of it, and restore that: unpack it, then pg_restore -f dump.sql FOLDER.',
  });
}

class ByteReader {
  private readonly chunks: AsyncIterator<Buffer>;
  private rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.chunks = source[Symbol.asyncIterator]();
  }

  async exactly(length: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(length)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  async skip(length: number): Promise<void> {
    for await (const piece of this.pieces(length)) void piece;
  }

  async *pieces(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0;) {
      const chunk = await this.some();
      if (chunk === undefined) throw damagedTar('is cut off');
      const piece = chunk.subarray(0, left);
      this.rest = chunk.subarray(piece.length);
      left -= piece.length;
      yield piece;
    }
  }

  async requireZeros(): Promise<void> {
    for (let chunk = await this.some(); chunk !== undefined; chunk = await this.some()) {
      this.rest = Buffer.alloc(0);
      if (chunk.some((byte) => byte !== 0)) throw damagedTar('has something behind its end mark');
    }
  }

  private async some(): Promise<Buffer | undefined> {
    while (this.rest.length === 0) {
      const next = await this.chunks.next();
      if (next.done === true) return undefined;
      this.rest = next.value;
    }
    return this.rest;
  }
}
