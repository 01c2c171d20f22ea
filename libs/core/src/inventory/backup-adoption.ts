import { randomUUID } from 'node:crypto';
import type { ArtifactReader, ManifestSigner } from '@app/artifact';
import { DomainError, filenameOf } from '@app/domain';
import type { ArtifactAddress, Clock, Logger, Manifest, Verification } from '@app/domain';
import { domainEvent } from '@app/events';
import type { StorageRegistry } from '@app/storage';
import type { BackupIndex } from './backup-index.js';
import { rewritten } from './last-written.js';

export interface BackupAdoptionParts {
  storages: StorageRegistry;
  reader: ArtifactReader;
  signer: ManifestSigner;
  index: Pick<BackupIndex, 'changed' | 'get' | 'lastWritten'>;
  clock: Clock;
  logger: Logger;
}

type OnRead = (bytes: number, total: number) => void;

/** Takes a backup with a foreign manifest into this installation, because a person who knows it asks for that. */
export class BackupAdoption {
  constructor(private readonly parts: BackupAdoptionParts) {}

  /**
   * Reads the file to its end, signs its manifest and returns it. It does not trust a verification that the manifest claims: the
   * file has read back, and no more. A failed restore that this installation knows of stays known. A backup that is ours already
   * stays as it is.
   *
   * Throws NOT_A_BACKUP for a file without a manifest, BACKUP_DAMAGED when the file is not what the manifest says, and BUSY when
   * somebody changes it meanwhile.
   */
  async adopt(address: ArtifactAddress, signal: AbortSignal, onRead: OnRead = () => undefined): Promise<Manifest> {
    const { storages, signer, index, clock, logger } = this.parts;
    const storage = storages.of(address);
    const { key } = address;
    const name = filenameOf(key);
    const text = await storage.readManifest(key);
    if (text === undefined) {
      throw new DomainError('NOT_A_BACKUP', `${name} has no manifest: nothing says what it must be.`, {
        hint: 'Restore it as it is: foreign dumps are checked when they are restored.',
      });
    }
    const reading = signer.read(text, name);
    if (reading.is === 'own') return reading.manifest;
    if (reading.is === 'unreadable') {
      throw new DomainError('BACKUP_DAMAGED', `The manifest of ${name} cannot be read or belongs to another file.`);
    }
    const claimed = reading.manifest;
    await this.requireContent(address, claimed, signal, onRead);
    const others = (await index.get(claimed.id)).filter(({ manifest }) => manifest?.sha256 !== claimed.sha256);
    const verification: Verification = { level: 'stored', at: clock.now().toISOString() };
    const last = await index.lastWritten(address, { ...claimed, revision: 0, verification });
    const { failed } = last.verification;
    const id = others.length > 0 ? randomUUID() : claimed.id;
    const adopted = signer.signed(
      rewritten({ ...last, id }, { ...verification, ...(failed?.level === 'restored' ? { failed } : {}) }),
    );
    if (!(await storage.replaceManifest(key, text, signer.textOf(adopted)))) {
      throw new DomainError('BUSY', `${name} was changed or removed by somebody else while it was adopted.`, {
        hint: 'Adopt it once more.',
      });
    }
    await index.changed(address, [domainEvent('BackupAdopted', { backupId: adopted.id, connectionId: null })]);
    logger.warn({ backup: name, because: reading.because }, 'a backup with a foreign manifest was adopted');
    return adopted;
  }

  private async requireContent(
    address: ArtifactAddress,
    claimed: Manifest,
    signal: AbortSignal,
    onRead: OnRead,
  ): Promise<void> {
    await using artifact = await this.parts.reader.open(address);
    const sha256 = await artifact.sha256((read) => {
      signal.throwIfAborted();
      onRead(read, artifact.size);
    });
    if (artifact.size === claimed.size && sha256 === claimed.sha256) return;
    throw new DomainError('BACKUP_DAMAGED', `${claimed.artifact} is not what its manifest says: size or hash differ.`, {
      hint: 'Fetch it again from where it came, with its manifest.',
    });
  }
}
