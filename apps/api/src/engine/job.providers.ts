import type { Provider } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import type { Clock, Logger } from '@app/domain';
import {
  BackupJob,
  BackupRunner,
  CatalogCopies,
  CatalogCopyJob,
  ConnectionStore,
  ProvenBackups,
  RestoreJob,
  RestoreRunner,
  RetentionJob,
  RetentionService,
  StorageSweep,
  StoredVerification,
  SweepJob,
  VerifyJob,
} from '@app/engine';
import { EventLog, InProcessQueue } from '@app/jobs';
import { redactor } from '@app/security';
import { APP_CONFIG, CATALOG, CLOCK, JOB_QUEUE, LOGGER } from '../foundation/tokens.js';
import { thisInstance } from './instance.js';

/** The queue, and what it can do. */
export const JOB_PROVIDERS: Provider[] = [
  { provide: EventLog, useFactory: () => new EventLog() },
  {
    provide: BackupJob,
    inject: [ConnectionStore, BackupRunner, SettingsStore],
    useFactory: (connections: ConnectionStore, backups: BackupRunner, settings: SettingsStore) =>
      new BackupJob(connections, backups, () => toolsOf(settings)),
  },
  {
    provide: RestoreJob,
    inject: [CATALOG, ConnectionStore, RestoreRunner, ProvenBackups, SettingsStore, CLOCK, LOGGER],
    useFactory: (
      catalog: Catalog,
      connections: ConnectionStore,
      restores: RestoreRunner,
      proven: ProvenBackups,
      settings: SettingsStore,
      clock: Clock,
      logger: Logger,
    ) => new RestoreJob({ catalog, connections, restores, proven, tools: () => toolsOf(settings), clock, logger }),
  },
  {
    provide: VerifyJob,
    inject: [StoredVerification],
    useFactory: (verification: StoredVerification) => new VerifyJob(verification),
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
      ...[BackupJob, RestoreJob, VerifyJob, RetentionJob, SweepJob, CatalogCopyJob],
    ],
    useFactory: (
      catalog: Catalog,
      events: EventLog,
      { jobConcurrency: concurrency, catalog: kept }: AppConfig,
      clock: Clock,
      logger: Logger,
      backup: BackupJob,
      restore: RestoreJob,
      verify: VerifyJob,
      retention: RetentionJob,
      sweep: SweepJob,
      catalogCopy: CatalogCopyJob,
    ) => {
      const instance = thisInstance();
      const queue = new InProcessQueue({
        ...{ catalog, events, clock, logger, concurrency, instance },
        alone: 'file' in kept,
        redact: redactor(),
      });
      queue.register('backup', backup);
      queue.register('restore', restore);
      queue.register('verify', verify);
      queue.register('retention', retention);
      queue.register('sweep', sweep);
      queue.register('catalog_copy', catalogCopy);
      return queue;
    },
  },
];

async function toolsOf(settings: SettingsStore) {
  return (await settings.load()).tools;
}
