import type { BackupKind, DbType, Failure, VerificationLevel } from '@app/domain';
import { event } from './event-type.js';

interface OfBackup {
  backupId: string;
  connectionId: string | null;
}

interface Verified extends OfBackup {
  database: string;
  /** The level that was asked for. */
  level: VerificationLevel;
  /** How it ended, for people. */
  message: string;
}

export const BACKUP_EVENTS = {
  /** A backup is complete, published and in the catalog. Its verification may follow. */
  BackupSucceeded: event<
    OfBackup & {
      kind: BackupKind;
      dbType: DbType;
      database: string;
      scheduleId: string | null;
      size: number;
      durationMs: number;
    }
  >(),
  /** A backup job has ended for good without a backup, by a failure or the end of the service. A cancelled one has not failed. */
  BackupFailed: event<{
    jobId: string;
    connectionId: string | null;
    scheduleId: string | null;
    /** The instant of the schedule that the backup was for, in epoch milliseconds. */
    dueAt: number | null;
    database: string;
    attempts: number;
    failure: Failure;
  }>(),
  /** A backup was removed: by retention, or because somebody asked for it. */
  BackupRemoved: event<OfBackup & { database: string | null; because: 'expired' | 'requested' }>(),
  BackupPinned: event<OfBackup & { pinned: boolean }>(),
  /** A backup of another installation belongs to this one now. */
  BackupAdopted: event<OfBackup>(),
  BackupVerified: event<Verified>(),
  /** The backup is damaged, or could not be restored, or holds something else than its source. */
  VerificationFailed: event<Verified>(),
  /** The verification was not possible here, which says nothing about the backup. */
  VerificationUnavailable: event<Verified>(),
};
