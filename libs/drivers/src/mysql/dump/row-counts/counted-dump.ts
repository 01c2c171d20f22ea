import { Transform, pipeline } from 'node:stream';
import type { Readable } from 'node:stream';
import { messageOf } from '@app/domain';
import type { RowCounts } from '@app/domain';
import { InsertRowCounter } from './insert-row-counter.js';

export interface CountedDump {
  output: Readable;
  rows: Promise<RowCounts>;
  /** Why it could not be counted. */
  failure(): unknown;
}

/**
 * Passes the dump on and counts its rows as they pass. `giveUp` is called when that cannot be done, `tableSeen` when it has
 * come to a table.
 */
export function countInPassing(dump: Readable, giveUp: () => void, tableSeen: () => void): CountedDump {
  const counter = new InsertRowCounter();
  const { promise, resolve, reject } = Promise.withResolvers<RowCounts>();
  promise.catch(() => undefined);
  let failure: unknown;
  const output = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      try {
        counter.update(chunk);
        if (counter.sawTable) tableSeen();
        done(null, chunk);
      } catch (error) {
        failure = error;
        done(asError(error));
        giveUp();
      }
    },
    flush: (done) => {
      try {
        const rows = counter.finish();
        // Short dumps are understood at their end.
        if (counter.sawTable) tableSeen();
        resolve(rows);
        done();
      } catch (error) {
        // Cut off: why, the tool tells.
        done(asError(error));
      }
    },
  });
  // `rows` tells how the output ended; without a listener an early end would crash us.
  output.on('error', () => undefined);
  pipeline(dump, output, (error) => {
    if (error) reject(error);
  });
  return { output, rows: promise, failure: () => failure };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
