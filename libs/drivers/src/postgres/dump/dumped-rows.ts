import { addAbortSignal } from 'node:stream';
import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { RowCounts, ToolInfo } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { readArchive } from '../archive/postgres-archive.js';
import { DumpCompleteness } from './dump-text.js';
import { ScriptRowCounter } from './script-row-counter.js';

/** Rows by table, with the keys of `Census.rows`. `tool`: pg_restore, for archives. */
export async function dumpedRows(
  source: DumpSource,
  tool: ToolInfo | undefined,
  signal: AbortSignal,
): Promise<RowCounts> {
  try {
    return tool === undefined ? await rowsOfScript(source, signal) : await rowsOfArchive(source, tool, signal);
  } catch (error) {
    if (signal.aborted) throw cancelled('Counting the rows of the dump');
    throw error;
  }
}

async function rowsOfScript(source: DumpSource, signal: AbortSignal): Promise<RowCounts> {
  const completeness = new DumpCompleteness('plain');
  const rows = await count(source.open(), signal, (chunk) => completeness.update(chunk));
  try {
    completeness.finish();
  } catch (error) {
    throw new DomainError('BACKUP_DAMAGED', 'The dump is cut off: its end mark is missing.', { cause: error });
  }
  return rows;
}

async function rowsOfArchive(source: DumpSource, tool: ToolInfo, signal: AbortSignal): Promise<RowCounts> {
  const giveUp = new AbortController();
  const stop = AbortSignal.any([signal, giveUp.signal]);
  const archive = await readArchive(source, tool, ['--data-only', '--file=-'], stop);
  try {
    const rows = await count(archive.output, signal);
    await archive.completed;
    return rows;
  } catch (error) {
    if (archive.damage() !== undefined) throw archive.damage();
    // A script that stopped short is the consequence; why pg_restore stopped writing it is the reason.
    if (archive.output.readableEnded) await archive.completed;
    throw error;
  } finally {
    giveUp.abort();
    await archive.completed.catch(() => undefined);
  }
}

async function count(
  script: Readable,
  signal: AbortSignal,
  onChunk: (chunk: Buffer) => void = () => undefined,
): Promise<RowCounts> {
  const counter = new ScriptRowCounter();
  addAbortSignal(signal, script);
  try {
    for await (const chunk of script as AsyncIterable<Buffer>) {
      onChunk(chunk);
      counter.update(chunk);
    }
    return counter.finish();
  } finally {
    script.destroy();
  }
}
