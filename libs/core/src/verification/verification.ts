import { adoptionHint, foreignSentence, holds, levelOf } from '@app/artifact';
import type { ArtifactReader, CheckedArtifact, ManifestSigner } from '@app/artifact';
import type { NewEvent } from '@app/catalog';
import { DomainError, filenameOf, firstFailure, formatBytes, messageOf, retry } from '@app/domain';
import type {
  ArtifactAddress,
  Clock,
  CompareDepth,
  Logger,
  Manifest,
  RestoredVerificationResult,
  Verification,
  VerificationLevel,
} from '@app/domain';
import { domainEvent } from '@app/events';
import { unlessCancelled } from '@app/jobs';
import type { JobContext } from '@app/jobs';
import type { StorageRegistry } from '@app/storage';
import type { BackupIndex } from '../inventory/backup-index.js';
import { rewritten } from '../inventory/last-written.js';
import { CannotVerify, changedMeanwhile, FailedVerification } from './restored-verification.js';
import type { RestoredVerification } from './restored-verification.js';

export interface BackupVerificationParts {
  storages: StorageRegistry;
  reader: ArtifactReader;
  signer: ManifestSigner;
  index: Pick<BackupIndex, 'changed' | 'lastWritten'>;
  restored: Pick<RestoredVerification, 'run'>;
  clock: Clock;
  /** How a restore is compared when the caller does not say it. Default: `content`. */
  compare?: CompareDepth | undefined;
  logger?: Logger;
}

/** The levels that a caller can ask for: every backup that exists is `complete`. */
export type VerifiableLevel = Exclude<VerificationLevel, 'complete'>;
export type VerificationWork = Pick<JobContext, 'signal' | 'progress' | 'log'>;

interface ReadManifest {
  address: ArtifactAddress;
  text: string;
  manifest: Manifest;
}

/** How a verification ended. */
interface Outcome {
  name: 'BackupVerified' | 'VerificationFailed' | 'VerificationUnavailable';
  level: VerifiableLevel;
  message: string;
}

const AMEND_ATTEMPTS = 5;

/** Verifies backups up to a level (DESIGN §4), and writes the level that they have reached into their manifests. */
export class BackupVerification {
  constructor(private readonly parts: BackupVerificationParts) {}

  /**
   * The level `stored` reads a backup of ours back and compares it with its manifest. The level `restored` also loads it into a
   * verification server and compares the restored database, by `compare`. Afterwards the manifest says which level was
   * reached, or what was wrong; the method returns it.
   *
   * Throws BACKUP_DAMAGED when the file is not as it was written, and VERIFICATION_FAILED when it could not be restored or has
   * other rows: both mark the backup. Throws VERIFICATION_UNAVAILABLE when no restore is possible here: the backup keeps its
   * level. Throws BACKUP_NOT_FOUND, NOT_A_BACKUP for a foreign file, and BUSY when somebody else changed it meanwhile.
   */
  async verify(
    address: ArtifactAddress,
    level: VerifiableLevel,
    work: VerificationWork,
    compare?: CompareDepth,
  ): Promise<Manifest> {
    const before = await this.read(address);
    await using artifact = await this.parts.reader.open(address);
    const { manifest } = before;
    const fault =
      artifact.size === manifest.size ? await faultOf(artifact, manifest, work) : lengthFault(artifact, manifest);
    const at = this.parts.clock.now().toISOString();
    if (fault !== undefined) {
      const outcome = { name: 'VerificationFailed', level: 'stored', message: fault } as const;
      await this.replace(before, failed(manifest.verification, 'stored', fault, at), outcome);
      throw new DomainError('BACKUP_DAMAGED', fault, {
        hint: 'Make a new backup now, and look at the disk. Retention does not count this one any more.',
      });
    }
    const passed =
      level === 'restored'
        ? undefined
        : ({
            name: 'BackupVerified',
            level: 'stored',
            message: 'It was read back from storage as it was written.',
          } as const);
    const stored = await this.replace(before, storedAt(manifest, at), passed);
    work.log(`read back ${manifest.artifact}: ${formatBytes(manifest.size)}, as it was written`);
    return level === 'restored' ? await this.restore(address, stored, artifact, work, compare) : stored;
  }

  /**
   * Marks a backup of ours that another job found damaged: a restore, a dry run, a download. `level` is `stored` when the
   * file is not as it was written, and `restored` when it is but its content cannot be used. Never rejects, so that the job can
   * report what it found.
   */
  async noteDamage(address: ArtifactAddress, level: VerifiableLevel, message: string): Promise<void> {
    const { storages, signer, index, clock, logger } = this.parts;
    const name = filenameOf(address.key);
    try {
      const reading = signer.read((await storages.of(address).readManifest(address.key)) ?? '', name);
      // A manifest that cannot be read says by itself that the backup is damaged; a foreign file is not ours to mark.
      if (reading.is !== 'own') return await index.changed(address);
      const { manifest } = reading;
      const at = clock.now().toISOString();
      const outcome = { name: 'VerificationFailed', level, message } as const;
      await this.amend(address, manifest, (is) => failed(is, level, message, at), outcome);
    } catch (error) {
      logger?.error({ err: error, backup: name }, `a damaged backup could not be marked: ${messageOf(error)}`);
    }
  }

  private async restore(
    address: ArtifactAddress,
    manifest: Manifest,
    artifact: CheckedArtifact,
    work: VerificationWork,
    compare: CompareDepth = this.parts.compare ?? 'content',
  ): Promise<Manifest> {
    const now = (): string => this.parts.clock.now().toISOString();
    try {
      const details = await this.parts.restored.run({ manifest, artifact, work, compare });
      if (!(await artifact.unchanged())) throw changedMeanwhile(manifest.artifact);
      const { rows, tables, server } = details;
      const what = details.compared === 'content' ? 'with the same content' : 'by their number';
      const message = `It was restored into ${server}: ${tables} tables, ${rows} rows, ${what}, as in the ${details.compared_with}.${exceptionsOf(details)}`;
      const outcome = { name: 'BackupVerified', level: 'restored', message } as const;
      const verified = await this.amend(address, manifest, () => ({ level: 'restored', at: now(), details }), outcome);
      work.log(`${manifest.artifact}: ${message}`);
      return verified;
    } catch (failure) {
      const error = firstFailure(failure);
      if (work.signal.aborted) {
        throw unlessCancelled(error, work.signal, 'The verification was cancelled; it says nothing of the backup.');
      }
      if (error instanceof CannotVerify) {
        const { message } = error;
        const outcome = { name: 'VerificationUnavailable', level: 'restored', message } as const;
        await this.amend(address, manifest, (is) => ({ ...is, untried: { at: now(), message } }), outcome);
        throw new DomainError('VERIFICATION_UNAVAILABLE', `${manifest.artifact}: ${message}`, {
          ...(error.hint === undefined ? {} : { hint: error.hint }),
          cause: error,
        });
      }
      if (error instanceof FailedVerification) {
        const { message } = error;
        const outcome = { name: 'VerificationFailed', level: 'restored', message } as const;
        await this.amend(address, manifest, (is) => failed(is, 'restored', message, now()), outcome);
        throw new DomainError('VERIFICATION_FAILED', `${manifest.artifact}: ${message}`, {
          hint: `${error.hint ?? 'Make a new backup now.'} Retention does not count this one any more.`,
          cause: error,
        });
      }
      throw error;
    }
  }

  private async read(address: ArtifactAddress): Promise<ReadManifest> {
    const { storages, signer, index } = this.parts;
    const storage = storages.of(address);
    const name = filenameOf(address.key);
    const text = await storage.readManifest(address.key);
    if ((await storage.stat(address.key)) === undefined) {
      throw new DomainError('BACKUP_NOT_FOUND', `There is no backup ${name} any more.`, {
        hint: 'GET /api/backups lists those that there are.',
      });
    }
    if (text === undefined) {
      throw new DomainError('NOT_A_BACKUP', `${name} was not made by this service: nothing says what it must be.`, {
        hint: 'A foreign dump is checked when it is restored.',
      });
    }
    const reading = signer.read(text, name);
    if (reading.is === 'foreign') {
      throw new DomainError('NOT_A_BACKUP', `${name} cannot be verified. ${foreignSentence(reading.because)}`, {
        hint: adoptionHint(reading.because),
      });
    }
    if (reading.is === 'unreadable') {
      throw new DomainError('BACKUP_DAMAGED', `The manifest of ${name} cannot be read or belongs to another file.`, {
        hint: 'Make a new backup, or fetch this one with its manifest again from a copy.',
      });
    }
    return { address, text, manifest: await index.lastWritten(address, reading.manifest) };
  }

  private async replace(
    { address, text, manifest }: ReadManifest,
    verification: Verification,
    outcome?: Outcome,
  ): Promise<Manifest> {
    const { storages, signer, index, logger } = this.parts;
    const changed = signer.signed(rewritten(manifest, verification));
    const isReplaced = await storages.of(address).replaceManifest(address.key, text, signer.textOf(changed));
    if (!isReplaced) throw changedMeanwhile(manifest.artifact);
    const events = outcome === undefined ? [] : [eventOf(changed, outcome)];
    // The manifest has the verdict. The next look at the file corrects a catalog row that is behind.
    await index.changed(address, events).catch((error: unknown) => {
      logger?.warn({ err: error, backup: manifest.artifact }, `the catalog lags behind: ${messageOf(error)}`);
    });
    if (outcome !== undefined) this.log(changed, outcome);
    return changed;
  }

  /** A restore takes long, so changes that were made to the manifest meanwhile are kept, if it still describes the same bytes. */
  private async amend(
    address: ArtifactAddress,
    { id, sha256, artifact }: Manifest,
    change: (is: Verification) => Verification,
    outcome: Outcome,
  ): Promise<Manifest> {
    let another = false;
    const amend = async (): Promise<Manifest> => {
      const now = await this.read(address);
      another = now.manifest.id !== id || now.manifest.sha256 !== sha256;
      if (another) throw changedMeanwhile(artifact);
      return this.replace(now, change(now.manifest.verification), outcome);
    };
    const isTransient = (error: unknown): boolean => !another && error instanceof DomainError && error.code === 'BUSY';
    return retry(amend, { attempts: AMEND_ATTEMPTS, isTransient });
  }

  private log({ artifact, database }: Manifest, { name, level, message }: Outcome): void {
    const { logger } = this.parts;
    const about = { backup: artifact, database, level };
    if (name === 'VerificationFailed') logger?.error(about, `a backup failed its verification: ${message}`);
    if (name === 'VerificationUnavailable') logger?.warn(about, `a backup could not be verified: ${message}`);
    if (name === 'BackupVerified') logger?.info(about, 'a backup was verified');
  }
}

function eventOf({ id: backupId, database, connection_id: connectionId }: Manifest, outcome: Outcome): NewEvent {
  const { name, level, message } = outcome;
  return domainEvent(name, { backupId, connectionId: connectionId ?? null, database, level, message });
}

function exceptionsOf({ notes = [] }: RestoredVerificationResult): string {
  const exceptions = notes.filter((note) => note.startsWith('Verified except '));
  return exceptions.map((note) => ` ${note}`).join('');
}

function lengthFault({ size }: CheckedArtifact, manifest: Manifest): string {
  return `${manifest.artifact} has ${size} bytes; ${manifest.size} were written.`;
}

/** Returns a sentence that says what is wrong with the bytes; undefined when nothing is. */
async function faultOf(
  artifact: CheckedArtifact,
  manifest: Manifest,
  work: VerificationWork,
): Promise<string | undefined> {
  const sha256 = await artifact.sha256((read) => {
    work.signal.throwIfAborted();
    work.progress({ phase: 'verify', bytes: read, totalBytes: manifest.size });
  });
  if (sha256 === manifest.sha256) return undefined;
  return `${manifest.artifact} is not as it was written: its hash differs.`;
}

/** Keeps a higher level, and the failure of a higher level: a file that reads back may still fail to restore. */
function storedAt(manifest: Manifest, at: string): Verification {
  const { failed: failure, ...verification } = manifest.verification;
  const kept = failure?.level === 'restored' ? { failed: failure } : {};
  const level = levelOf(manifest);
  if (level === null || holds(level, 'restored')) return { ...verification, ...kept };
  return { ...verification, level: 'stored', at, ...kept };
}

function failed(verification: Verification, level: VerifiableLevel, message: string, at: string): Verification {
  // Only a restore removes the mark of a failed restore.
  const highest = verification.failed?.level === 'restored' ? 'restored' : level;
  return { ...verification, failed: { at, message, level: highest } };
}
