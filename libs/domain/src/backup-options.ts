import type { BackupFormat, CompareDepth, Compression, VerificationLevel } from './backup.js';

/** The options of a backup: a request, a schedule and a job hold the same. An option that is undefined is as in the settings. */
export interface BackupOptions {
  /** Default: the name of the database. The time and the ending are added. */
  name?: string | undefined;
  /** The location as the caller gave it. Default: the default location. */
  location?: string | undefined;
  format?: BackupFormat | undefined;
  compression?: Compression | undefined;
  verification?: VerificationLevel | undefined;
  /** The comparison of a restore that verifies the backup. */
  compare?: CompareDepth | undefined;
}
