import { DomainError } from '@app/domain';
import type { DumpFormat } from '@app/domain';
import type { CompletenessCheck } from '../../db-driver.js';
import { isPackedDirectory } from '../archive/directory-files.js';
import { CopyCounter } from './copy-counter.js';

const TAIL_BYTES = 512;
const ARCHIVE_MAGIC = 'PGDMP';
const TAR_BLOCK = 512;
const PG_DUMP_USER = 0o4000;
const PG_DUMP_GROUP = 0o2000;

/**
 * The last lines that pg_dump writes: the end mark between two bare comment lines, and from patched versions on an
 * `\unrestrict` with the key of the beginning. Nothing else may follow; a row of a table can hold the words, but not be
 * followed by just this.
 */
const PLAIN_END =
  /(?:^|\n)--\r?\n-- PostgreSQL database dump complete\r?\n--\r?\n\s*(?:\\unrestrict (?<key>\w+)\r?\n\s*)?$/;
const GUARD = /^\\restrict (\w+)\r?$/m;

/** Other comments, settings, the beginning of a transaction, psql's guard and its commands for its own output. */
const BEFORE_THE_HEADER =
  /^(--|\/\*.*\*\/\s*$|\\(restrict|set|encoding|echo|qecho|timing|pset) |\\timing\s*$|SET [^;]*;\s*$|(BEGIN|START TRANSACTION)( WORK| TRANSACTION)?;\s*$)/i;

/** Which kind of `pg_dump` output begins like this; undefined for everything else, `pg_dumpall`'s whole clusters included. */
export function recogniseDump(head: Buffer): DumpFormat | undefined {
  if (head.toString('latin1', 0, 5) === ARCHIVE_MAGIC) return 'custom';
  if (isTar(head)) return 'tar';
  if (isPackedDirectory(head)) return 'directory';
  for (const line of head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)) {
    if (line === '-- PostgreSQL database dump') return 'plain';
    if (line.trim() !== '' && !BEFORE_THE_HEADER.test(line)) return undefined;
    if (line.startsWith('-- PostgreSQL database cluster dump')) return undefined;
  }
  return undefined;
}

/** Recognises a tar archive of pg_dump by its first member, and by the user and group that pg_dump gives it: a folder that tar has packed may begin with the same name. */
function isTar(head: Buffer): boolean {
  return (
    head.toString('latin1', 257, 262) === 'ustar' &&
    head.toString('latin1', 0, 8) === 'toc.dat\0' &&
    Number.parseInt(head.toString('latin1', 108, 116), 8) === PG_DUMP_USER &&
    Number.parseInt(head.toString('latin1', 116, 124), 8) === PG_DUMP_GROUP
  );
}

/** See {@link PLAIN_END} for plain; archives are judged by their beginning and, tar, by the zero blocks at its end. */
export class DumpCompleteness implements CompletenessCheck {
  private head = Buffer.alloc(0);
  private tail = Buffer.alloc(0);
  private bytes = 0;
  private readonly counter: CopyCounter | undefined;

  constructor(private readonly format: DumpFormat) {
    if (format === 'plain') this.counter = new CopyCounter();
  }

  get tables(): number | undefined {
    return this.counter?.tables;
  }

  update(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.counter?.update(chunk);
    if (this.head.length < TAR_BLOCK) {
      this.head = Buffer.concat([this.head, chunk.subarray(0, TAR_BLOCK - this.head.length)]);
    }
    const keep = 2 * TAIL_BYTES;
    // Copied: a view would keep the whole chunk alive.
    this.tail =
      chunk.length >= keep
        ? Buffer.from(chunk.subarray(chunk.length - keep))
        : Buffer.concat([this.tail.subarray(Math.max(0, this.tail.length + chunk.length - keep)), chunk]);
  }

  finish(): void {
    if (this.bytes === 0) throw incomplete('is empty');
    if (this.format === 'plain') {
      const end = this.tail.subarray(Math.max(0, this.tail.length - TAIL_BYTES)).toString('latin1');
      const last = PLAIN_END.exec(end);
      const guard = GUARD.exec(this.head.toString('latin1'))?.[1];
      if (last === null || last.groups?.['key'] !== guard)
        throw incomplete('does not end with "PostgreSQL database dump complete"');
    } else if (this.format === 'custom') {
      if (this.head.toString('latin1', 0, 5) !== ARCHIVE_MAGIC) throw incomplete('is not a pg_dump archive');
    } else {
      const zeros = this.tail.length === 2 * TAIL_BYTES && this.tail.every((byte) => byte === 0);
      if (!isTar(this.head) || !zeros) throw incomplete('is not a whole tar archive of pg_dump');
    }
  }
}

function incomplete(how: string): DomainError {
  return new DomainError('DUMP_INCOMPLETE', `The dump ${how}: it was cut off.`);
}
