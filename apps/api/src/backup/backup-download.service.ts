import { Injectable } from '@nestjs/common';
import type { BackupRecord } from '@app/core';
import { BackupListing, BackupVerification } from '@app/core';
import { BackupLocations, LocalStorage } from '@app/storage';
import type { OpenArtifact } from '@app/storage';
import type { Validators } from '../http/preconditions.js';

/** A backup file that can be read, with what identifies its bytes. To be closed by the caller. */
export interface Download extends AsyncDisposable, Validators {
  readonly filename: string;
  readonly artifact: OpenArtifact;
  /** Base64, of a backup of ours; undefined for a file that nobody vouches for. */
  readonly sha256: string | undefined;
  /** To be called when the bytes that were read are not those. */
  damaged(): Promise<void>;
}

/** Hands out the files of backups as they are stored. */
@Injectable()
export class BackupDownloadService {
  constructor(
    private readonly listing: BackupListing,
    private readonly locations: BackupLocations,
    private readonly storage: LocalStorage,
    private readonly verification: BackupVerification,
  ) {}

  /** BACKUP_NOT_FOUND, also when the file has gone meanwhile. */
  async open(id: string): Promise<Download> {
    const { record } = await this.listing.find(id);
    // Looked at again: links must not have come since that lead elsewhere.
    const { path } = await this.locations.file(record.path);
    const artifact = await this.storage.open(path);
    const hash = hashOf(record, artifact);
    return {
      filename: record.filename,
      artifact,
      etag: hash === undefined ? etagOf(artifact) : `"${hash}"`,
      lastModified: artifact.modifiedAt.toUTCString(),
      sha256: hash === undefined ? undefined : Buffer.from(hash, 'hex').toString('base64'),
      damaged: () =>
        this.verification.noteDamage(path, 'stored', `${record.filename} is not as it was written: its hash differs.`),
      [Symbol.asyncDispose]: () => artifact.close(),
    };
  }
}

/** What was written. That of a damaged file says nothing of the bytes that are there now. */
function hashOf({ status, size, sha256 }: BackupRecord, artifact: OpenArtifact): string | undefined {
  return status === 'complete' && size === artifact.size ? sha256 : undefined;
}

function etagOf({ size, modifiedAt }: OpenArtifact): string {
  return `"${size.toString(36)}-${modifiedAt.getTime().toString(36)}"`;
}
