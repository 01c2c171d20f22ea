import type { ManifestSigner } from '@app/artifact';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type { CompareDepth, Logger, Manifest, VerificationLevel } from '@app/domain';
import { unlessCancelled } from '@app/jobs';
import type { JobContext } from '@app/jobs';
import type { BackupIndex } from '../inventory/backup-index.js';
import { BackupMaker } from './backup-maker.js';
import type { BackupMakerParts, BackupRequest, MadeBackup } from './backup-maker.js';
import { recordOfManifest } from '../inventory/backup-record.js';
import type { BackupRecord } from '../inventory/backup-record.js';
import type { RetentionService } from '../retention/retention.js';
import type { BackupVerification, VerifiableLevel } from '../verification/verification.js';

export interface BackupRunnerParts extends BackupMakerParts {
  signer: ManifestSigner;
  index: Pick<BackupIndex, 'published'>;
  verification: Pick<BackupVerification, 'verify'>;
  retention: Pick<RetentionService, 'apply'>;
  logger: Logger;
}

/** Runs a backup (DESIGN §4): makes it, adds it to the catalog, verifies it on request, and removes older ones. */
export class BackupRunner {
  private readonly maker: BackupMaker;

  constructor(private readonly parts: BackupRunnerParts) {
    this.maker = new BackupMaker(parts);
  }

  /** Does {@link BackupMaker.check}. */
  check(request: Parameters<BackupMaker['check']>[0]): Promise<void> {
    return this.maker.check(request);
  }

  /**
   * Makes a backup; the caller makes sure that nothing else works on the database. A failure leaves nothing half-done. Throws
   * BACKUP_DAMAGED when the new backup did not read back as it was written, and VERIFICATION_FAILED when it could not be
   * restored; it is marked then. When no restore is possible here, the backup keeps the level that it has reached, and its
   * warnings say why.
   */
  async run(request: BackupRequest, work: JobContext): Promise<BackupRecord> {
    const { logger } = this.parts;
    const level = this.levelOf(request);
    const made = await this.maker.make({ ...request, verification: level }, work).catch((error: unknown) => {
      throw unlessCancelled(error, work.signal, 'The backup was cancelled; nothing of it is left.');
    });
    const { file, location } = made;
    const path = location.display(file.filename);
    logger.info({ backup: path, size: file.size, durationMs: made.manifest.duration_ms }, 'backup published');
    work.log(`published ${path}, ${formatBytes(file.size)}`);
    // From here on the backup exists, also when a later step fails.
    await this.makeKnown(made, path);
    const manifest =
      level === 'complete'
        ? made.manifest
        : await this.verify(made, level, request.compare ?? this.parts.defaults.compare, work);
    await this.retain(made, manifest, 'policy', work);
    return recordOfManifest(manifest, file, location);
  }

  private async retain(
    { file, location }: MadeBackup,
    manifest: Manifest,
    what: 'policy' | 'failures',
    work: JobContext,
  ): Promise<void> {
    work.progress({ phase: 'retention' });
    await this.parts.retention.apply(location, manifest, what).catch((error: unknown) => {
      this.parts.logger.error(
        { err: error, backup: location.display(file.filename) },
        `retention failed: ${messageOf(error)}`,
      );
      work.log(`retention failed, older backups stay: ${messageOf(error)}`);
    });
  }

  private async makeKnown({ manifest, file, location }: MadeBackup, path: string): Promise<void> {
    const { index, logger } = this.parts;
    await index.published(manifest, file, location).catch((error: unknown) => {
      logger.error({ err: error, backup: path }, `the catalog does not know the new backup yet: ${messageOf(error)}`);
    });
  }

  /** Safety backups need no verification, as they are read to their end before they are used. */
  private levelOf({ verification, kind }: BackupRequest): VerificationLevel {
    const { verification: usual = 'complete', scheduledVerification = usual } = this.parts.defaults;
    if (verification !== undefined) return verification;
    return kind === 'safety' ? 'complete' : kind === 'scheduled' ? scheduledVerification : usual;
  }

  private async verify(
    made: MadeBackup,
    level: VerifiableLevel,
    compare: CompareDepth | undefined,
    work: JobContext,
  ): Promise<Manifest> {
    const { storageId } = made.location;
    const { key } = made.file;
    try {
      return await this.parts.verification.verify({ storageId, key }, level, work, compare);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'VERIFICATION_UNAVAILABLE') {
        work.log(`warning: ${error.message}`);
        return await this.asItIs(made);
      }
      if (error instanceof DomainError && error.code === 'VERIFICATION_FAILED') {
        await this.retain(made, made.manifest, 'failures', work);
      }
      throw unlessCancelled(error, work.signal, 'The backup was made; its verification was cancelled.');
    }
  }

  /** Returns the record with the level that the backup has reached. */
  private async asItIs({ manifest, file, location }: MadeBackup): Promise<Manifest> {
    const storage = this.parts.storages.of(location);
    const text = await storage.readManifest(file.key).catch(() => undefined);
    return this.parts.signer.ownManifest(text, file.filename) ?? manifest;
  }
}
