import { hostname } from 'node:os';
import {
  ADOPT_JOB,
  BACKUP_JOB,
  CATALOG_COPY_JOB,
  EXPIRY_JOB,
  RECOVERY_JOB,
  RESTORE_JOB,
  RETENTION_JOB,
  SWEEP_JOB,
  UNDO_JOB,
  VERIFY_JOB,
  AdoptJob,
  BackupJob,
  CatalogCopyJob,
  ExpiryJob,
  RecoveryJob,
  RestoreJob,
  RetentionJob,
  scheduledJobRequests,
  SweepJob,
  UndoJob,
  VerifyJob,
} from '@app/core';
import { InProcessQueue, ScheduleDispatcher } from '@app/jobs';
import { redactor } from '@app/security';
import type { Inventory } from './build-inventory.js';
import type { Operations } from './build-operations.js';
import type { Foundation } from './foundation.js';

/** The queue with a handler for each type of job, and what makes jobs of schedules. Nothing runs yet. */
export function buildJobs(
  { config, clock, logger, lock, catalog, events }: Foundation,
  { connections, drivers, listing, verified, adoption, sweep, catalogCopies }: Inventory,
  { tools, undoMs, verification, retention, backups, restores, recovery, undo }: Operations,
) {
  const queue = new InProcessQueue({
    ...{ catalog, events, clock, logger },
    concurrency: config.jobConcurrency,
    // For others on the same catalog. Host and process are for people: nothing is decided by them.
    instance: { id: lock.run, host: hostname(), pid: process.pid },
    pastRuns: lock.pastRuns,
    alone: 'file' in config.catalog,
    redact: redactor(),
  });
  const restoreParts = {
    ...{ catalog, connections, drivers, restores, recovery, undo, verified, clock, logger },
    ...{ undoMs, tools },
  };
  queue.register(BACKUP_JOB, new BackupJob(connections, drivers, backups, recovery, tools));
  queue.register(RESTORE_JOB, new RestoreJob(restoreParts));
  queue.register(UNDO_JOB, new UndoJob(restoreParts));
  queue.register(RECOVERY_JOB, new RecoveryJob(recovery, connections, drivers));
  queue.register(VERIFY_JOB, new VerifyJob(verification, listing));
  queue.register(ADOPT_JOB, new AdoptJob(adoption, listing));
  queue.register(RETENTION_JOB, new RetentionJob(retention));
  queue.register(EXPIRY_JOB, new ExpiryJob(undo));
  queue.register(SWEEP_JOB, new SweepJob(sweep));
  queue.register(CATALOG_COPY_JOB, new CatalogCopyJob(catalogCopies));
  const schedules = new ScheduleDispatcher({
    ...{ catalog, queue, clock, logger },
    catchUpMs: config.schedule.catchUpMs,
    requestsOf: scheduledJobRequests(catalog, logger),
  });
  return { queue, schedules };
}

export type Jobs = ReturnType<typeof buildJobs>;
