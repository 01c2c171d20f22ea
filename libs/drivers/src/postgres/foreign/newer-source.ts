import { DomainError } from '@app/domain';
import type { DumpFormat, ServerInfo } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { headOf } from '../../dump-head.js';
import { isServerError } from '../login/postgres-errors.js';

/** SQLSTATEs of statements that the server does not know, or that name a setting, type, function or column it does not know. */
const UNKNOWN = new Set(['42601', '42704', '42883', '42703', '22023', '0A000', '42P17']);
/** The same in the words of pg_restore. */
const UNKNOWN_WORDS =
  /ERROR: +(syntax error|unrecognized |.* does not exist|.*not supported|invalid value for parameter)/;
/** These are missing for another reason than the version of the server. */
const OF_THE_TARGET = /\b(role|tablespace|extension|schema) "/;
const MOST_CAUSES = 6;
const TAR_BLOCK = 512;

interface Origin {
  /** The version of the server that was dumped. */
  from: string;
  /** The version of pg_dump. */
  by: string | undefined;
}

/** The same error. Its hint says so where the dump comes from a newer server than the one that refused a statement of it. */
export async function withNewerSource(error: unknown, server: ServerInfo, source: DumpSource): Promise<unknown> {
  if (!(error instanceof DomainError) || error.code !== 'RESTORE_FAILED' || !isUnknown(error)) return error;
  const origin = originOf(await headOf(source), source.format);
  if (origin === undefined) return error;
  const { from, by } = origin;
  const newest = Math.max(majorOf(from), by === undefined ? 0 : majorOf(by));
  if (newest <= (server.versionParts[0] ?? 0)) return error;
  const madeBy = by === undefined || majorOf(by) <= majorOf(from) ? '' : `, made by pg_dump ${by}`;
  const hint =
    `The dump comes from PostgreSQL ${from}${madeBy}, and this server is ${server.version}, which does not know all that a newer one has. ` +
    `Restore into a server of version ${newest} or newer, or take what is new out of the source.`;
  return new DomainError(error.code, error.message, {
    cause: error.cause,
    hint: error.hint === undefined ? hint : `${hint} ${error.hint}`,
  });
}

function isUnknown(failure: DomainError): boolean {
  if (OF_THE_TARGET.test(failure.message)) return false;
  let error: unknown = failure;
  for (let depth = 0; depth < MOST_CAUSES && error instanceof Error; depth += 1, error = error.cause) {
    if (isServerError(error)) return UNKNOWN.has(error.code);
  }
  return UNKNOWN_WORDS.test(failure.message);
}

/** Reads it from the comments of a script, or from the header of an archive. */
export function originOf(head: Buffer, format: DumpFormat): Origin | undefined {
  if (format === 'plain') {
    const text = head.toString('latin1');
    const from = /^-- Dumped from database version (\d+[\w.]*)/m.exec(text)?.[1];
    const by = /^-- Dumped by pg_dump version (\d+[\w.]*)/m.exec(text)?.[1];
    return from === undefined ? undefined : { from, by };
  }
  // The first file of a tar archive is the header.
  const [, from, by] = textsOf(format === 'tar' ? head.subarray(TAR_BLOCK) : head);
  const version = (text: string | undefined): string | undefined => /^\d+[\w.]*/.exec(text ?? '')?.[0];
  const known = version(from);
  return known === undefined ? undefined : { from: known, by: version(by) };
}

/** The texts that an archive begins with: database, version of the server, version of pg_dump (`ReadHead` of pg_backup_archiver.c). */
function textsOf(head: Buffer): string[] {
  if (head.toString('latin1', 0, 5) !== 'PGDMP' || head.length < 11) return [];
  const minor = head[6] ?? 0;
  const intBytes = 1 + (head[8] ?? 4);
  // Magic, three numbers of the version, two sizes, the format; how it is compressed; seven numbers of the time.
  let at = 11 + (minor >= 15 ? 1 : intBytes) + 7 * intBytes;
  const texts: string[] = [];
  while (texts.length < 3 && at + intBytes <= head.length) {
    const length = head.readUIntLE(at + 1, Math.min(intBytes - 1, 6));
    const negative = head[at] !== 0;
    at += intBytes;
    if (negative || at + length > head.length) break;
    texts.push(head.toString('utf8', at, at + length));
    at += length;
  }
  return texts;
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}
