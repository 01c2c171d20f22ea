export { BackupAdoption } from './backup-adoption.js';
export type { BackupAdoptionParts } from './backup-adoption.js';
export { BackupIndex } from './backup-index.js';
export type { BackupIndexParts, IndexPage, SyncMode } from './backup-index.js';
export { BackupListing } from './backup-listing.js';
export type { BackupPage, BackupPageQuery, FoundBackup } from './backup-listing.js';
export { recordOfRow } from './backup-record.js';
export type { BackupRecord } from './backup-record.js';
export { BackupRemoval } from './backup-removal.js';
export type { BackupRemovalParts } from './backup-removal.js';
export type { BackupDefaults, BackupRequest } from './backup-maker.js';
export { BackupRunner } from './backup-runner.js';
export type { BackupRunnerParts } from './backup-runner.js';
export { CatalogCopies } from './catalog-copies.js';
export type { CatalogCopiesParts, CatalogCopy } from './catalog-copies.js';
export { CatalogRebuild } from './catalog-rebuild.js';
export type { CatalogRebuildParts, RebuildResult } from './catalog-rebuild.js';
export { ConnectionStore } from './connection-store.js';
export type { ConnectionChange } from './connection-store.js';
export { databaseKey } from './database-key.js';
export { GlobalsRestore } from './globals-restore.js';
export type { GlobalsRestoreParts, RolesRequest } from './globals-restore.js';
export { BackupJob, backupJob, backupOf } from './jobs/backup-job.js';
export type { BackupOrder } from './jobs/backup-job.js';
export { CatalogCopyJob, catalogCopyJob } from './jobs/catalog-copy-job.js';
export { RestoreJob, restoreJob, restoreOf } from './jobs/restore-job.js';
export type { RestoreJobParts, RestoreOrder } from './jobs/restore-job.js';
export { ExpiryJob, expiryJob, SettleJob, settleJob } from './jobs/expiry-job.js';
export { UndoJob, undoJob } from './jobs/undo-job.js';
export { RetentionJob, retentionJob } from './jobs/retention-job.js';
export { scheduledJobRequests, workOf } from './jobs/scheduled-jobs.js';
export { SweepJob, sweepJob } from './jobs/sweep-job.js';
export { AdoptJob, adoptJob } from './jobs/adopt-job.js';
export { VerifyJob, verifyJob } from './jobs/verify-job.js';
export { CATALOG_COPY_PURPOSE } from './catalog-copy-file.js';
export { MANIFEST_PURPOSE, ManifestSigner } from './manifest-signer.js';
export type { ManifestReading } from './manifest-signer.js';
export * from './protection.js';
export { keyPeriodsOf } from './key-periods.js';
export { ProvenBackups } from './proven-backups.js';
export { RestoreRunner } from './restore-runner.js';
export type { RestoreRunnerParts } from './restore-runner.js';
export { RESTORE_STRATEGIES } from './restore-request.js';
export type { RestoreChoice, RestoreOutcome, RestorePlan, RestoreRequest, RestoreStrategy } from './restore-request.js';
export { CatalogHistory } from './restore-history.js';
export type { RestoreHistory } from './restore-history.js';
export { RestoreSettlement } from './restore-settlement.js';
export type { RestoreSettlementParts } from './restore-settlement.js';
export { RestoreUndo, undoWayOf, whyLost } from './restore-undo.js';
export type { UndoneRestore } from './restore-undo.js';
export { UndoFacts } from './undo-facts.js';
export type { RestoreUndoParts, UndoWay } from './restore-undo.js';
export { RetentionService } from './retention.js';
export type { JudgedBackup, RetentionOutcome, RetentionPreview, RetentionServiceParts } from './retention.js';
export type { RetentionSubject } from './retention-group.js';
export { decide, retentionPolicyFault } from './retention-policy.js';
export type { RetentionCandidate, RetentionDecision, RetentionSituation, Verdict } from './retention-policy.js';
export { sweepRuntimeFolder } from './runtime-sweep.js';
export { everyRow } from './every-row.js';
export { groupByDatabase, isSameDatabase } from './same-database.js';
export {
  coveredConnections,
  DEFAULT_SCHEDULE_ID,
  scheduleStateOf,
  schedulesOf,
  titleOf,
  unscheduledWarnings,
} from './schedule-cover.js';
export { StorageIdentity } from './storage-identity.js';
export { StorageSweep } from './storage-sweep.js';
export { RestoreTrial } from './restore-trial.js';
export type { RestoreTrialParts } from './restore-trial.js';
export { ScratchServers } from './scratch-servers.js';
export type { ScratchServer } from './scratch-server.js';
export type { ScratchSandbox, ScratchServersParts } from './scratch-servers.js';
export { BackupVerification } from './verification.js';
export type { BackupVerificationParts, ProofLevel, VerificationWork } from './verification.js';
