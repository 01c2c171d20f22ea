import { randomUUID } from 'node:crypto';
import type { StorageWriter } from '../artifact-storage.js';
import { LEASE_MS, LeaseJudge } from './storage-lease.js';

/** The common knowledge of the local storages of a process, as the folder of one may be in that of another. */
export class LocalWriting {
  /** The paths of artifacts that are being written here, which a sweep does not touch. */
  readonly begun = new Set<string>();
  readonly judge: LeaseJudge;
  readonly run: string;

  /** `writer` has no known earlier runs by default. `leaseMs` is how long a silent writer counts as alive. */
  constructor(
    writer: StorageWriter = { run: randomUUID(), pastRuns: new Set() },
    leaseMs = LEASE_MS,
    now?: () => number,
  ) {
    this.run = writer.run;
    this.judge = new LeaseJudge(writer, leaseMs, now);
  }
}
