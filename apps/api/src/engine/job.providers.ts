import type { Provider } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import {
  BackupIndex,
  BackupJob,
  BackupRunner,
  BackupVerification,
  CatalogCopies,
  CatalogCopyJob,
  ConnectionStore,
  ExpiryJob,
  VerifiedBackups,
  RestoreJob,
  RestoreRunner,
  RestoreRecovery,
  RestoreUndo,
  RetentionJob,
  RetentionService,
  RecoveryJob,
  StorageSweep,
  SweepJob,
  UndoFacts,
  UndoJob,
  VerifyJob,
  AdoptJob,
  BackupAdoption,
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
} from '@app/core';
import type { RestoreJobParts } from '@app/core';
import { EventLog, InProcessQueue } from '@app/jobs';
import { redactor } from '@app/security';
import type { StorageWriter } from '@app/storage';
import { BackupLocations } from '@app/storage';
import { APP_CONFIG, CATALOG, CLOCK, DATA_LOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';
import { thisInstance } from './instance.js';

/** What restoring and undoing share. */
const RESTORE_JOB_PARTS = Symbol('RESTORE_JOB_PARTS');

/** The queue, and what it can do. */
export const JOB_PROVIDERS: Provider[] = [
  { provide: EventLog, useFactory: () => new EventLog() },
  {
    provide: BackupJob,
    inject: [ConnectionStore, DriverRegistry, BackupRunner, RestoreRecovery, SettingsStore],
    useFactory: (
      connections: ConnectionStore,
      drivers: DriverRegistry,
      backups: BackupRunner,
      recovery: RestoreRecovery,
      settings: SettingsStore,
    ) => new BackupJob(connections, drivers, backups, recovery, () => toolsOf(settings)),
  },
  {
    provide: RestoreRecovery,
    inject: [CATALOG, ConnectionStore, DriverRegistry, RestoreRunner, SettingsStore, LOGGER],
    useFactory: (
      catalog: Catalog,
      connections: ConnectionStore,
      drivers: DriverRegistry,
      { inPlace }: RestoreRunner,
      settings: SettingsStore,
      logger: Logger,
    ) => new RestoreRecovery({ catalog, connections, drivers, inPlace, tools: () => toolsOf(settings), logger }),
  },
  {
    provide: RestoreUndo,
    inject: [CATALOG, ConnectionStore, DriverRegistry, BackupLocations, BackupIndex, EventLog, LOGGER],
    useFactory: (
      catalog: Catalog,
      connections: ConnectionStore,
      drivers: DriverRegistry,
      locations: BackupLocations,
      index: BackupIndex,
      events: EventLog,
      logger: Logger,
    ) =>
      new RestoreUndo({
        ...{ catalog, connections, drivers, logger },
        facts: new UndoFacts({ catalog, connections, drivers, locations, index, logger }),
        onDropped: ({ id, connectionId }) =>
          events.publish({ type: 'restore', change: 'dropped', restoreId: id, connectionId }),
      }),
  },
  {
    provide: RESTORE_JOB_PARTS,
    inject: [
      ...[CATALOG, ConnectionStore, DriverRegistry, RestoreRunner, RestoreRecovery, RestoreUndo, VerifiedBackups],
      ...[SettingsStore, APP_CONFIG, CLOCK, LOGGER],
    ],
    useFactory: (
      catalog: Catalog,
      connections: ConnectionStore,
      drivers: DriverRegistry,
      restores: RestoreRunner,
      recovery: RestoreRecovery,
      undo: RestoreUndo,
      verified: VerifiedBackups,
      settings: SettingsStore,
      { restore }: AppConfig,
      clock: Clock,
      logger: Logger,
    ): RestoreJobParts => ({
      ...{ catalog, connections, drivers, restores, recovery, undo, verified, clock, logger },
      undoMs: restore.undoHours * 3_600_000,
      tools: () => toolsOf(settings),
    }),
  },
  {
    provide: RestoreJob,
    inject: [RESTORE_JOB_PARTS],
    useFactory: (parts: RestoreJobParts) => new RestoreJob(parts),
  },
  { provide: UndoJob, inject: [RESTORE_JOB_PARTS], useFactory: (parts: RestoreJobParts) => new UndoJob(parts) },
  {
    provide: RecoveryJob,
    inject: [RestoreRecovery, ConnectionStore, DriverRegistry],
    useFactory: (recovery: RestoreRecovery, connections: ConnectionStore, drivers: DriverRegistry) =>
      new RecoveryJob(recovery, connections, drivers),
  },
  { provide: ExpiryJob, inject: [RestoreUndo], useFactory: (undo: RestoreUndo) => new ExpiryJob(undo) },
  { provide: AdoptJob, inject: [BackupAdoption], useFactory: (adoption: BackupAdoption) => new AdoptJob(adoption) },
  {
    provide: VerifyJob,
    inject: [BackupVerification],
    useFactory: (verification: BackupVerification) => new VerifyJob(verification),
  },
  {
    provide: RetentionJob,
    inject: [RetentionService],
    useFactory: (retention: RetentionService) => new RetentionJob(retention),
  },
  { provide: SweepJob, inject: [StorageSweep], useFactory: (sweep: StorageSweep) => new SweepJob(sweep) },
  {
    provide: CatalogCopyJob,
    inject: [CatalogCopies],
    useFactory: (copies: CatalogCopies) => new CatalogCopyJob(copies),
  },
  {
    provide: JOB_QUEUE,
    inject: [
      ...[CATALOG, EventLog, APP_CONFIG, CLOCK, LOGGER],
      ...[
        BackupJob,
        RestoreJob,
        UndoJob,
        RecoveryJob,
        VerifyJob,
        AdoptJob,
        RetentionJob,
        ExpiryJob,
        SweepJob,
        CatalogCopyJob,
      ],
      DATA_LOCK,
    ],
    useFactory: (
      catalog: Catalog,
      events: EventLog,
      { jobConcurrency: concurrency, catalog: kept }: AppConfig,
      clock: Clock,
      logger: Logger,
      backup: BackupJob,
      restore: RestoreJob,
      undo: UndoJob,
      settle: RecoveryJob,
      verify: VerifyJob,
      adopt: AdoptJob,
      retention: RetentionJob,
      expiry: ExpiryJob,
      sweep: SweepJob,
      catalogCopy: CatalogCopyJob,
      { run, pastRuns }: StorageWriter,
    ) => {
      const instance = thisInstance(run);
      const queue = new InProcessQueue({
        ...{ catalog, events, clock, logger, concurrency, instance, pastRuns },
        alone: 'file' in kept,
        redact: redactor(),
      });
      queue.register(BACKUP_JOB, backup);
      queue.register(RESTORE_JOB, restore);
      queue.register(UNDO_JOB, undo);
      queue.register(RECOVERY_JOB, settle);
      queue.register(VERIFY_JOB, verify);
      queue.register(ADOPT_JOB, adopt);
      queue.register(RETENTION_JOB, retention);
      queue.register(EXPIRY_JOB, expiry);
      queue.register(SWEEP_JOB, sweep);
      queue.register(CATALOG_COPY_JOB, catalogCopy);
      return queue;
    },
  },
];

async function toolsOf(settings: SettingsStore) {
  return (await settings.load()).tools;
}
