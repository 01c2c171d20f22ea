import { createHash } from 'node:crypto';
import { DomainError, messageOf } from '@app/domain';
import type { DbType, Manifest, ToolPaths } from '@app/domain';
import type { DbDriver, DriverRegistry, DumpSource } from '@app/drivers';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '@app/storage';
import type { ArtifactStorage, BackupFile, OpenArtifact } from '@app/storage';
import { decompressed } from './file-compression.js';
import { identifyArtifact } from './foreign-dump.js';
import { foreignSentence } from './manifest-signer.js';
import type { ManifestSigner } from './manifest-signer.js';
import type { BackupVerification } from './verification.js';

/** A backup that was checked from the first byte to the last and may be loaded. */
export interface RestoreSource {
  dump: DumpSource;
  /** Absent for a foreign file. */
  manifest: Manifest | undefined;
  /** What people must know of it, in whole sentences. */
  warnings: readonly string[];
}

export interface SourceQuestion {
  artifact: OpenArtifact;
  file: BackupFile;
  driver: DbDriver;
  tools: ToolPaths;
  signal: AbortSignal;
  /** Told how many bytes of the artifact were read, each time that it is read from its beginning. */
  onRead?: ((bytes: number) => void) | undefined;
}

/**
 * Decides whether a file may be restored, before anything is touched: it is a dump of this engine, whole and unaltered.
 * Ours by a manifest with our signature and its hash over all bytes (FAILURES 4, 5, 7, 54); a foreign one by its content, its end marker and,
 * compressed or archived, by reading it through.
 */
export class RestoreSources {
  constructor(
    private readonly storage: ArtifactStorage,
    private readonly drivers: DriverRegistry,
    private readonly signer: ManifestSigner,
    private readonly damage: Pick<BackupVerification, 'noteDamage'>,
  ) {}

  async check(question: SourceQuestion): Promise<RestoreSource> {
    const { file } = question;
    if ([MANIFEST_SUFFIX, GLOBALS_SUFFIX, PARTIAL_SUFFIX].some((suffix) => file.filename.endsWith(suffix))) {
      throw new DomainError('NOT_A_BACKUP', `${file.display} is not a backup, but a file that belongs to one.`, {
        hint: 'Name the backup itself, as GET /api/backups lists it.',
      });
    }
    if (question.artifact.size === 0) throw notABackup(file, 'it is empty');
    const text = await this.storage.readManifest(file.path);
    if (text === undefined) return this.checkForeign(question, []);
    const reading = this.signer.read(text, file.filename);
    if (reading.is === 'foreign') {
      return this.checkForeign(question, [`${file.display}: ${foreignSentence(reading.because)}`]);
    }
    if (reading.is === 'unreadable') {
      await this.damage.noteDamage(file.path, 'stored', 'Its manifest cannot be read or belongs to another file.');
      throw new DomainError(
        'BACKUP_DAMAGED',
        `The manifest beside ${file.display} cannot be read or belongs to another file.`,
        {
          hint: 'Without its manifest the file can be restored as a foreign dump: move the manifest away.',
        },
      );
    }
    return this.checkOwn(question, reading.manifest);
  }

  private async checkOwn(question: SourceQuestion, manifest: Manifest): Promise<RestoreSource> {
    const { artifact, driver, file } = question;
    requireEngine(manifest.db_type, driver, file);
    if (artifact.size !== manifest.size || (await sha256Of(question)) !== manifest.sha256) {
      const message = `${file.display} is not as it was written: it is cut off or altered.`;
      await this.damage.noteDamage(file.path, 'stored', message);
      throw new DomainError('BACKUP_DAMAGED', message, {
        hint: 'Nothing was changed. Restore another backup, or fetch this one again from a copy.',
      });
    }
    const { compression, format } = manifest;
    const { onRead } = question;
    const dump: DumpSource = {
      format,
      own: true,
      open: () => decompressed(artifact.stream(onRead), compression),
      ...(compression === 'none' ? { file: file.path } : {}),
      ...(manifest.absent === undefined ? {} : { absent: manifest.absent }),
    };
    if (format !== 'plain') {
      await driver.checkArchive(dump, question.tools, question.signal).catch(async (error: unknown) => {
        if (isDamage(error)) await this.damage.noteDamage(file.path, 'restored', messageOf(error));
        throw error;
      });
    }
    return { dump, manifest, warnings: [] };
  }

  private async checkForeign(question: SourceQuestion, warnings: readonly string[]): Promise<RestoreSource> {
    const { artifact, driver, file, signal, onRead } = question;
    const { dbType, format, compression } = await identifyArtifact(artifact, this.drivers);
    if (dbType === undefined || format === undefined) {
      throw notABackup(file, 'its content is no dump of pg_dump, mysqldump or mariadb-dump');
    }
    requireEngine(dbType, driver, file);
    const dump: DumpSource = { format, own: false, open: () => decompressed(artifact.stream(onRead), compression) };
    await readThrough(dump, driver, file, signal);
    if (format !== 'plain') await driver.checkArchive(dump, question.tools, signal);
    return { dump, manifest: undefined, warnings };
  }
}

/** Of the dump itself, whoever found it. */
export function isDamage(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'BACKUP_DAMAGED';
}

function requireEngine(found: DbType, driver: DbDriver, file: BackupFile): void {
  if (found === driver.dbType) return;
  throw new DomainError(
    'WRONG_ENGINE',
    `${file.display} is a ${found} backup, but the target server is ${driver.dbType}.`,
    {
      hint: `Connect to a ${found} server to restore it.`,
    },
  );
}

async function sha256Of({ artifact, signal, onRead }: SourceQuestion): Promise<string> {
  const hash = createHash('sha256');
  let read = 0;
  await artifact.scan((chunk) => {
    signal.throwIfAborted();
    hash.update(chunk);
    read += chunk.length;
    onRead?.(read);
  });
  return hash.digest('hex');
}

async function readThrough(dump: DumpSource, driver: DbDriver, file: BackupFile, signal: AbortSignal): Promise<void> {
  const check = driver.completenessCheck(dump.format);
  for await (const chunk of dump.open() as AsyncIterable<Buffer>) {
    signal.throwIfAborted();
    check.update(chunk);
  }
  try {
    check.finish();
  } catch (error) {
    throw new DomainError(
      'BACKUP_INCOMPLETE',
      `${file.display} has no end marker: it is cut off, or was made without comments.`,
      {
        hint: 'Nothing was changed. Make the dump anew with pg_dump, mysqldump or mariadb-dump and their comments on.',
        cause: error,
      },
    );
  }
}

function notABackup(file: BackupFile, why: string): DomainError {
  return new DomainError('NOT_A_BACKUP', `${file.display} is not a backup: ${why}.`, {
    hint: 'Restorable are .sql files, also .gz or .zst, and pg_dump archives (custom or tar).',
  });
}
