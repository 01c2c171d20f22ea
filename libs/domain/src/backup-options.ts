import type { BackupFormat, CompareDepth, Compression, VerificationLevel } from './backup.js';

/** What somebody can choose of a backup: a request, a schedule and a job hold the same. What is undefined is as in the settings. */
export interface BackupOptions {
  /** Default: the name of the database. The time and the ending are added. */
  name?: string | undefined;
  /** As the caller gave it. Default: the default location. */
  location?: string | undefined;
  format?: BackupFormat | undefined;
  compression?: Compression | undefined;
  verification?: VerificationLevel | undefined;
  /** What a restore that verifies it is compared by. */
  compare?: CompareDepth | undefined;
}
