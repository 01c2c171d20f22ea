import { Inject, Injectable } from '@nestjs/common';
import { ArtifactReader } from '@app/artifact';
import type { CheckedArtifact } from '@app/artifact';
import type { BackupRecord } from '@app/core';
import { BackupListing, BackupVerification } from '@app/core';
import { DomainError } from '@app/domain';
import type { BackupLocations } from '@app/storage';
import { LOCATIONS } from '../foundation/tokens.js';
import type { Validators } from '../http/preconditions.js';

/** An open backup file, with what identifies its bytes. The caller closes it. */
export interface Download extends AsyncDisposable, Validators {
  readonly filename: string;
  readonly artifact: CheckedArtifact;
  /** The SHA-256 in hexadecimal; undefined for a file without a trusted hash. */
  readonly sha256: string | undefined;
  /** Records that the bytes which were read do not have that hash, and returns the error. */
  damaged(): Promise<DomainError>;
}

/** Hands out the files of backups as they are stored. */
@Injectable()
export class BackupDownloadService {
  constructor(
    private readonly listing: BackupListing,
    @Inject(LOCATIONS) private readonly locations: BackupLocations,
    private readonly reader: ArtifactReader,
    private readonly verification: BackupVerification,
  ) {}

  /** Throws BACKUP_NOT_FOUND, also when the file has disappeared meanwhile. */
  async open(id: string): Promise<Download> {
    const { record } = await this.listing.find(id);
    // The path is checked again, since a symbolic link may have been added that leads elsewhere.
    const file = await this.locations.file(record.path);
    const artifact = await this.reader.open(file);
    const hash = hashOf(record, artifact);
    return {
      filename: record.filename,
      artifact,
      etag: hash === undefined ? etagOf(artifact) : `"${hash}"`,
      lastModified: artifact.modifiedAt.toUTCString(),
      sha256: hash,
      damaged: async () => {
        const message = `${record.filename} is not as it was written: its hash differs.`;
        await this.verification.noteDamage(file, 'stored', message);
        return new DomainError('BACKUP_DAMAGED', message);
      },
      [Symbol.asyncDispose]: () => artifact.close(),
    };
  }
}

/** The hash that was written. The one of a damaged file says nothing of its present bytes. */
function hashOf({ status, size, sha256 }: BackupRecord, artifact: CheckedArtifact): string | undefined {
  return status === 'complete' && size === artifact.size ? sha256 : undefined;
}

function etagOf({ size, modifiedAt }: CheckedArtifact): string {
  return `"${size.toString(36)}-${modifiedAt.getTime().toString(36)}"`;
}
