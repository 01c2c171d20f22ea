import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { CatalogRow } from '@app/catalog';

/**
 * The file format of a copy: JSON Lines. A header, the rows, and an end line with their number by table and the SHA-256
 * of all bytes before it, without which a copy is none.
 */
const FORMAT = 1;
const CHUNK_LENGTH = 64 * 1024;

export interface CopyHeader {
  catalogId: string;
  madeAt: Date;
}

/** The text of a copy, in pieces of some size. */
export async function* copyLines(header: CopyHeader, rows: AsyncIterable<CatalogRow>): AsyncGenerator<string> {
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
  yield text + lineOf({ end: true, counts, sha256: hash.update(text).digest('hex') });
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

/** Reads a copy through. Returns the number of rows by table; fails when it is cut off or altered. */
export async function checkCopy(path: string): Promise<Record<string, number>> {
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
  if (end['sha256'] !== hash.digest('hex')) throw new Error('it was altered: its hash differs');
  return counts;
}

/** The rows of a copy that {@link checkCopy} found whole. */
export async function* copyRows(path: string): AsyncGenerator<CatalogRow> {
  for await (const line of linesOf(path)) {
    const record = recordOf(line);
    if ('table' in record) yield rowOf(record);
  }
}

/** Split at line feeds and nothing else: JSON text may hold other line ends. A last line without one is cut off. */
async function* linesOf(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' }) as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
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
