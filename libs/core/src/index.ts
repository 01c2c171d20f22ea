export { BackupAdoption } from './inventory/backup-adoption.js';
export type { BackupAdoptionParts } from './inventory/backup-adoption.js';
export { BackupIndex } from './inventory/backup-index.js';
export type { BackupIndexParts, IndexPage, SyncMode } from './inventory/backup-index.js';
export { BackupListing } from './listing/backup-listing.js';
export type { BackupPage, BackupPageQuery, FoundBackup } from './listing/backup-listing.js';
export { recordOfRow } from './inventory/backup-record.js';
export type { BackupRecord } from './inventory/backup-record.js';
export { BackupRemoval } from './inventory/backup-removal.js';
export type { BackupRemovalParts } from './inventory/backup-removal.js';
export type { BackupDefaults, BackupRequest } from './backup/backup-maker.js';
export { BackupRunner } from './backup/backup-runner.js';
export type { BackupRunnerParts } from './backup/backup-runner.js';
export { CatalogCopies } from './catalog-export/catalog-copies.js';
export type { CatalogCopiesParts, CatalogCopy } from './catalog-export/catalog-copies.js';
export { CatalogExport } from './catalog-export/catalog-export.js';
export { CatalogRebuild } from './catalog-export/catalog-rebuild.js';
export type { CatalogRebuildParts, RebuildResult } from './catalog-export/catalog-rebuild.js';
export { ConnectionStore } from './connections/connection-store.js';
export type { ConnectionChange } from './connections/connection-store.js';
export { checkStorage, CHECK_STEPS } from './storages/storage-check.js';
export type { CheckStep } from './storages/storage-check.js';
export { StorageStore } from './storages/storage-store.js';
export type { StorageChange, StorageStoreParts } from './storages/storage-store.js';
export { databaseKey } from './inventory/database-key.js';
export { GlobalsRestore } from './restore/globals-restore.js';
export type { GlobalsRestoreParts, RolesRequest } from './restore/globals-restore.js';
export { BACKUP_JOB, BackupJob, backupJob } from './jobs/backup-job.js';
export { CATALOG_COPY_JOB, CatalogCopyJob, catalogCopyJob } from './jobs/catalog-copy-job.js';
export { RESTORE_JOB, RestoreJob, restoreJob } from './jobs/restore-job.js';
export type { RestoreJobParts } from './jobs/restore-job.js';
export { EXPIRY_JOB, ExpiryJob, expiryJob } from './jobs/expiry-job.js';
export { RECOVERY_JOB, RecoveryJob, recoveryJob } from './jobs/recovery-job.js';
export { UNDO_JOB, UndoJob, undoJob } from './jobs/undo-job.js';
export { RETENTION_JOB, RetentionJob, retentionJob } from './jobs/retention-job.js';
export { scheduledJobRequests, workOf } from './jobs/scheduled-jobs.js';
export { SWEEP_JOB, SweepJob, sweepJob } from './jobs/sweep-job.js';
export { ADOPT_JOB, AdoptJob, adoptJob } from './jobs/adopt-job.js';
export { VERIFY_JOB, VerifyJob, verifyJob } from './jobs/verify-job.js';
export { CATALOG_COPY_PURPOSE } from './catalog-export/catalog-copy-file.js';
export * from './schedules/protection.js';
export { keyPeriodsOf } from './inventory/key-periods.js';
export { VerifiedBackups } from './inventory/verified-backups.js';
export { RestoreRunner } from './restore/restore-runner.js';
export type { RestoreRunnerParts } from './restore/restore-runner.js';
export type { RestoreOutcome, RestorePlan, RestoreRequest } from './restore/restore-request.js';
export { CatalogJournal } from './restore/restore-journal.js';
export type { RestoreJournal } from './restore/restore-journal.js';
export { RestoreRecovery } from './restore/restore-recovery.js';
export type { RestoreRecoveryParts } from './restore/restore-recovery.js';
export { RestoreUndo, undoStrategyOf, whyLost } from './restore/restore-undo.js';
export type { UndoneRestore } from './restore/restore-undo.js';
export { UndoFacts } from './restore/undo-facts.js';
export type { RestoreUndoParts, UndoStrategy } from './restore/restore-undo.js';
export { RetentionService } from './retention/retention.js';
export type { JudgedBackup, RetentionOutcome, RetentionPreview, RetentionServiceParts } from './retention/retention.js';
export type { RetentionSubject } from './retention/retention-group.js';
export { decide, retentionPolicyFault } from './retention/retention-policy.js';
export type {
  RetentionCandidate,
  RetentionDecision,
  RetentionSituation,
  Verdict,
} from './retention/retention-policy.js';
export { sweepRuntimeFolder } from './housekeeping/runtime-sweep.js';
export { groupByDatabase, isSameDatabase } from './connections/same-database.js';
export {
  coveredConnections,
  DEFAULT_SCHEDULE_ID,
  scheduleStateOf,
  schedulesOf,
  titleOf,
  unscheduledWarnings,
} from './schedules/schedule-cover.js';
export { StorageSweep } from './housekeeping/storage-sweep.js';
export { RestoredVerification } from './verification/restored-verification.js';
export type { RestoredVerificationParts } from './verification/restored-verification.js';
export { VerificationServers } from './verification/verification-servers.js';
export type { VerificationServer } from './verification/verification-server.js';
export type { ServerSandbox, VerificationServersParts } from './verification/verification-servers.js';
export { BackupVerification } from './verification/verification.js';
export type { BackupVerificationParts, VerifiableLevel, VerificationWork } from './verification/verification.js';
