import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { canonicalJson } from '@app/artifact';
import type { CatalogRow } from '@app/catalog';
import type { ForeignReason } from '@app/domain';
import type { SigningKeys } from '@app/security';

/**
 * The file format of a copy is JSON Lines: a header, the rows, and an end line. The end line has the number of rows in each
 * table, the SHA-256 of all bytes before it, and a signature of both. A file without it is no copy.
 */
const FORMAT = 1;
const CHUNK_LENGTH = 64 * 1024;
/** The limit of a line, which is far longer than any row. */
const MAX_LINE_LENGTH = 16 * 1024 * 1024;

export const CATALOG_COPY_PURPOSE = 'catalog copy';

export interface CopyHeader {
  catalogId: string;
  madeAt: Date;
}

export interface CheckedCopy {
  counts: Readonly<Record<string, number>>;
  sha256: string;
  /** Why it is not certain that this installation wrote it. Undefined when it did. */
  foreign: ForeignReason | undefined;
}

/** Writes the text of a copy in pieces. */
export async function* copyLines(
  header: CopyHeader,
  rows: AsyncIterable<CatalogRow>,
  keys: SigningKeys,
): AsyncGenerator<string> {
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  const { catalogId, madeAt } = header;
  let text = lineOf({ catalog_copy: FORMAT, catalog_id: catalogId, made_at: madeAt.toISOString() });
  for await (const { table, row } of rows) {
    counts[table] = (counts[table] ?? 0) + 1;
    text += lineOf({ table, row });
    if (text.length < CHUNK_LENGTH) continue;
    hash.update(text);
    yield text;
    text = '';
  }
  const end = { counts, sha256: hash.update(text).digest('hex') };
  yield text + lineOf({ end: true, ...end, signature: keys.sign(canonicalJson(end)) });
}

/** Fails when the file does not begin as a copy of a format that this code knows. */
export async function copyHeader(path: string): Promise<CopyHeader> {
  for await (const line of linesOf(path)) {
    const { catalog_copy, catalog_id, made_at } = recordOf(line);
    const madeAt = new Date(String(made_at));
    if (catalog_copy !== FORMAT) throw new Error('it is of another format');
    if (typeof catalog_id !== 'string' || Number.isNaN(madeAt.getTime())) throw new Error('its header is not whole');
    return { catalogId: catalog_id, madeAt };
  }
  throw new Error('it is empty');
}

/** Reads a copy to its end. Fails when it is cut off or altered. */
export async function checkCopy(path: string, keys: SigningKeys): Promise<CheckedCopy> {
  await copyHeader(path);
  const hash = createHash('sha256');
  const counts: Record<string, number> = {};
  let end: Record<string, unknown> | undefined;
  let first = true;
  for await (const line of linesOf(path)) {
    if (end !== undefined) throw new Error('it goes on after its end');
    const record = recordOf(line);
    if (record['end'] === true) {
      end = record;
      continue;
    }
    hash.update(`${line}\n`);
    if (!first) {
      const { table } = rowOf(record);
      counts[table] = (counts[table] ?? 0) + 1;
    }
    first = false;
  }
  if (end === undefined) throw new Error('it is cut off: its end is missing');
  const sha256 = hash.digest('hex');
  if (end['sha256'] !== sha256) throw new Error('it was altered: its hash differs');
  return { counts, sha256, foreign: faultOf(end['signature'], canonicalJson({ counts: end['counts'], sha256 }), keys) };
}

function faultOf(signature: unknown, text: string, keys: SigningKeys): ForeignReason | undefined {
  const { key_id, mac } = (signature ?? {}) as Record<string, unknown>;
  if (typeof key_id !== 'string' || typeof mac !== 'string') return 'unsigned';
  const check = keys.check(text, { key_id, mac });
  if (check === 'valid') return undefined;
  return check === 'altered' ? 'altered' : 'other_installation';
}

/** Reads the rows of a copy that {@link checkCopy} found whole. Fails at the end when they have changed since. */
export async function* copyRows(path: string, sha256: string): AsyncGenerator<CatalogRow> {
  const hash = createHash('sha256');
  for await (const line of linesOf(path)) {
    const record = recordOf(line);
    if (record['end'] === true) continue;
    hash.update(`${line}\n`);
    if ('table' in record) yield rowOf(record);
  }
  if (hash.digest('hex') !== sha256) throw new Error('it was altered while it was read');
}

/** Splits text only at line feeds, as JSON text may hold other line separators. A last line without a line feed is cut off. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > MAX_LINE_LENGTH) throw new Error('a line of it is too long');
    yield* lines;
  }
  if (rest !== '') throw new Error('it is cut off within a line');
}

function recordOf(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== 'object' || value === null) throw new Error('a line of it is no record');
  return value as Record<string, unknown>;
}

function rowOf({ table, row }: Record<string, unknown>): CatalogRow {
  if (typeof table !== 'string' || typeof row !== 'object' || row === null) throw new Error('a line of it is no row');
  return { table, row: row as CatalogRow['row'] };
}

function lineOf(value: object): string {
  return `${JSON.stringify(value)}\n`;
}
