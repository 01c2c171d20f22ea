import { addAbortSignal } from 'node:stream';
import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import type { DumpSource } from '../../../db-driver.js';
import { cancelled } from '../../../session/network-errors.js';
import { InsertRowCounter } from './insert-row-counter.js';
import { completenessCheck } from '../mysql-dump.js';

/** Rows by table, with the keys of `Census.rows`. */
export async function dumpedRows(source: DumpSource, signal: AbortSignal): Promise<RowCounts> {
  const counter = new InsertRowCounter();
  const completeness = completenessCheck();
  const script = addAbortSignal(signal, source.open());
  try {
    for await (const chunk of script as AsyncIterable<Buffer>) {
      completeness.update(chunk);
      counter.update(chunk);
    }
    try {
      completeness.finish();
    } catch (error) {
      throw new DomainError('BACKUP_DAMAGED', 'The dump is cut off: its end mark is missing.', { cause: error });
    }
    return counter.finish();
  } catch (error) {
    if (signal.aborted) throw cancelled('Counting the rows of the dump');
    throw error;
  } finally {
    script.destroy();
  }
}
