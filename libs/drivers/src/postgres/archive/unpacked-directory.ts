import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, posix } from 'node:path';
import { DomainError, errorCodeOf, formatBytes, makeFolder, withMore } from '@app/domain';
import type { DumpSource, UnpackedDump } from '../../db-driver.js';
import { refusedMember } from '../../tar/tar-extension.js';
import { tarMembers } from '../../tar/tar-reader.js';
import type { TarMember } from '../../tar/tar-reader.js';
import { checkContents, checkLargeObjects } from './contents-check.js';
import { CONTENTS, isDumpFile, isListOfLargeObjects } from './directory-files.js';

/** Stays free where the catalog may lie, too. */
const SPARE_BYTES = 128 * 1024 * 1024;
/** How much may be written before the free space is looked at again. */
const STEP_BYTES = 32 * 1024 * 1024;
/** The room that a small file takes up. */
const FILE_BYTES = 4 * 1024;
const UNPACKED_SUFFIX = '.unpacked';
/** Of `tar` from the outside, and of pg_dump's own tar format unpacked and packed anew. */
const NAMES_SHOWN = 3;

/**
 * The folder of a foreign dump, written out of its tar into a folder of its own, as pg_restore reads it from there only. No
 * name of the archive becomes a path: of each member only the last part is used, and only where pg_dump writes such a file.
 */
export async function unpackDirectory(packed: DumpSource, parent: string, signal: AbortSignal): Promise<UnpackedDump> {
  await using undone = new AsyncDisposableStack();
  await makeFolder(parent);
  const folder = join(parent, `${process.pid}-${randomUUID()}${UNPACKED_SUFFIX}`);
  undone.defer(() => rm(folder, { recursive: true, force: true }));
  const files = new DumpFolder(folder, signal);
  const stream = packed.open();
  try {
    await mkdir(folder, { mode: 0o700 });
    for await (const member of tarMembers(stream as AsyncIterable<Buffer>)) await files.take(member);
  } catch (error) {
    throw errorCodeOf(error) === 'ENOSPC' || errorCodeOf(error) === 'EDQUOT' ? noSpace(0) : error;
  } finally {
    stream.destroy();
  }
  const warnings = await files.check();
  const owned = undone.move();
  return {
    source: { format: 'directory', own: false, folder, open: () => createReadStream(join(folder, CONTENTS)) },
    warnings,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

class DumpFolder {
  private readonly names = new Set<string>();
  private readonly others: string[] = [];
  private othersCount = 0;
  /** The folder of the archive in which the dump lies. */
  private origin: string | undefined;
  private sinceLook = STEP_BYTES;

  constructor(
    private readonly folder: string,
    private readonly signal: AbortSignal,
  ) {}

  async take({ name, kind, content }: TarMember): Promise<void> {
    this.signal.throwIfAborted();
    if (name.startsWith('/') || name.split('/').includes('..')) throw refusedMember('a path outside its folder', name);
    if (kind === 'folder') return;
    const file = basename(name);
    if (!isDumpFile(file)) return this.leaveOut(file);
    const origin = dirname(posix.normalize(name));
    this.origin ??= origin;
    if (origin !== this.origin) throw severalFolders([this.origin, origin]);
    if (this.names.has(file)) throw refusedMember('two files of one name', name);
    this.names.add(file);
    await this.write(file, content);
  }

  /** Resolves with warnings. */
  async check(): Promise<string[]> {
    if (!this.names.has(CONTENTS)) {
      throw new DomainError('BACKUP_INCOMPLETE', 'The tar archive holds files of a pg_dump folder, but no toc.dat.', {
        hint: 'Nothing was changed. pg_dump writes toc.dat last, so the dump did not end; or the archive lacks a part of the folder.',
      });
    }
    await checkContents(join(this.folder, CONTENTS), this.signal);
    for (const name of this.names) {
      if (isListOfLargeObjects(name)) await checkLargeObjects(join(this.folder, name), this.signal);
    }
    if (this.othersCount === 0) return [];
    const others = withMore(this.others, this.othersCount - this.others.length);
    return [`Left out of the foreign dump: files that are no part of it (${others}).`];
  }

  /** pg_dump's tar format holds a script of itself, which its folder format lacks; macOS adds files of its own. */
  private leaveOut(file: string): void {
    if (file === 'restore.sql' || file.startsWith('._')) return;
    this.othersCount += 1;
    if (this.others.length < NAMES_SHOWN) this.others.push(file);
  }

  private async write(name: string, content: AsyncIterable<Buffer>): Promise<void> {
    await using file = await open(join(this.folder, name), 'wx', 0o600);
    await this.requireSpace(FILE_BYTES);
    for await (const piece of content) {
      this.signal.throwIfAborted();
      await this.requireSpace(piece.length);
      await file.writeFile(piece);
    }
  }

  private async requireSpace(bytes: number): Promise<void> {
    this.sinceLook += bytes;
    if (this.sinceLook < STEP_BYTES) return;
    this.sinceLook = 0;
    const { bavail, bsize } = await statfs(this.folder);
    if (bavail * bsize < SPARE_BYTES + STEP_BYTES) throw noSpace(bavail * bsize);
  }
}

function noSpace(free: number): DomainError {
  return new DomainError(
    'NO_SPACE',
    `The tar archive could not be unpacked: only ${formatBytes(free)} are free in the folder of the service (DATA_DIR).`,
    {
      hint: 'Nothing was changed. Free some space there, or make a script of the dump, which needs none: unpack it elsewhere, then pg_restore -f dump.sql FOLDER.',
    },
  );
}

function severalFolders(origins: readonly string[]): DomainError {
  return new DomainError('UNSUPPORTED', `The tar archive holds several dumps: ${origins.join(', ')}.`, {
    hint: 'Nothing was changed. Pack the folder of one dump: tar -cf dump.tar FOLDER.',
  });
}
