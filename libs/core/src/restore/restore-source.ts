import type { Readable } from 'node:stream';
import { codecsOf, foreignSentence, limitFor, sourceFactsOf } from '@app/artifact';
import type { CheckedArtifact, ManifestSigner } from '@app/artifact';
import { DomainError, messageOf } from '@app/domain';
import type { DatabaseSettings, DbType, FieldFault, Manifest, ToolPaths } from '@app/domain';
import type { DbDriver, DriverRegistry, DumpContents, DumpSource, TidiedDump } from '@app/drivers';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '@app/storage';
import type { BackupFile, StorageRegistry } from '@app/storage';
import { checkingTimeFor, withinCheckingTime } from '../foreign/checking-time.js';
import { identifyArtifact } from '../foreign/foreign-dump.js';
import type { DumpIdentity } from '../foreign/foreign-dump.js';
import {
  databasesOf,
  engineOfText,
  isText,
  isTableOfValues,
  GLOBALS_ONLY,
  namedKindOf,
  notARestorable,
  TABLE_OF_VALUES,
} from '../foreign/foreign-kinds.js';
import { kindOfZip } from '../foreign/tar-kinds.js';
import type { BackupVerification } from '../verification/verification.js';

/** A backup that was checked from the first byte to the last and may be loaded. */
export interface RestoreSource {
  dump: DumpSource;
  /** Absent for a foreign file. */
  manifest: Manifest | undefined;
  /** Warnings for people, in whole sentences. */
  warnings: readonly string[];
  /** The contents of a foreign dump, where they could be determined. */
  contents?: DumpContents | undefined;
  /** The settings for a new database, where the server does not have those of the manifest. */
  databaseSettings?: DatabaseSettings | undefined;
  /** The unpacked content on this machine. The caller of the check disposes of it. */
  unpacked?: AsyncDisposable;
  /** The artifact from which the dump is read. */
  artifact: CheckedArtifact;
  /** Whether pg_restore can read this archive of ours with several sessions, from a file in which it can seek. */
  seekable?: boolean;
}

export interface SourceQuestion {
  artifact: CheckedArtifact;
  file: BackupFile;
  driver: DbDriver;
  tools: ToolPaths;
  signal: AbortSignal;
  /** The caller says that a foreign dump without a header or an end mark is whole. */
  acceptIncomplete?: boolean | undefined;
  /** Which database to restore of those that a foreign dump holds. */
  sourceDatabase?: string | undefined;
  /** Receives how many bytes of the artifact were read, each time that it is read from its beginning. */
  onRead?: ((bytes: number) => void) | undefined;
}

/**
 * Decides whether a file may be restored, before anything is touched: it must be a whole and unaltered dump of this engine.
 * It judges a dump of ours by its signed manifest with a hash over all bytes (FAILURES 4, 5, 7, 54), and a foreign dump by its
 * content and its end marker; it reads a compressed or archived foreign dump to its end.
 */
export class RestoreSources {
  constructor(
    private readonly storages: StorageRegistry,
    private readonly drivers: DriverRegistry,
    private readonly signer: ManifestSigner,
    private readonly damage: Pick<BackupVerification, 'noteDamage'>,
    private readonly maxRatio?: number,
    /** Tests set how long a foreign file may be checked, in milliseconds. */
    private readonly checkingTime?: number,
  ) {}

  async check(question: SourceQuestion): Promise<RestoreSource> {
    const { file } = question;
    if ([MANIFEST_SUFFIX, GLOBALS_SUFFIX, PARTIAL_SUFFIX].some((suffix) => file.filename.endsWith(suffix))) {
      throw new DomainError('NOT_A_BACKUP', `${file.display} is not a backup, but a file that belongs to one.`, {
        hint: 'Name the backup itself, as GET /api/backups lists it.',
      });
    }
    if (question.artifact.size === 0) throw notABackup(file, 'it is empty');
    const text = await this.storages.of(file).readManifest(file.key);
    if (text === undefined) return this.checkForeign(question, []);
    const reading = this.signer.read(text, file.filename);
    if (reading.is === 'foreign') {
      return this.checkForeign(question, [`${file.display}: ${foreignSentence(reading.because)}`]);
    }
    if (reading.is === 'unreadable') {
      await this.damage.noteDamage(file, 'stored', 'Its manifest cannot be read or belongs to another file.');
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
    const { artifact, driver, file, onRead } = question;
    requireEngine(manifest.db_type, driver, file);
    if (question.sourceDatabase !== undefined) throw holdsOne(file);
    const open = artifact.dumpOf(manifest);
    if (artifact.size !== manifest.size || (await sha256Of(question)) !== manifest.sha256) {
      const message = `${file.display} is not as it was written: it is cut off or altered.`;
      await this.damage.noteDamage(file, 'stored', message);
      throw new DomainError('BACKUP_DAMAGED', message, {
        hint: 'Nothing was changed. Restore another backup, or fetch this one again from a copy.',
      });
    }
    const { format } = manifest;
    const dump: DumpSource = {
      format,
      own: true,
      // The signature covers the length of the dump.
      open: () => open(onRead, { bytes: manifest.dump_size }),
      ...sourceFactsOf(manifest),
    };
    if (format !== 'plain') {
      await driver.checkArchive(dump, question.tools, question.signal).catch(async (error: unknown) => {
        if (isDamage(error)) await this.damage.noteDamage(file, 'restored', messageOf(error));
        throw error;
      });
    }
    return { dump, manifest, warnings: [], artifact, seekable: format === 'custom' && codecsOf(manifest).length === 0 };
  }

  private async checkForeign(question: SourceQuestion, warnings: readonly string[]): Promise<RestoreSource> {
    const { artifact, file, signal } = question;
    const limitMs = this.checkingTime ?? checkingTimeFor(artifact.size, this.maxRatio);
    return withinCheckingTime(file.display, limitMs, signal, (limited) =>
      this.readForeign({ ...question, signal: limited }, warnings),
    );
  }

  private async readForeign(question: SourceQuestion, warnings: readonly string[]): Promise<RestoreSource> {
    const { artifact, driver, file, onRead } = question;
    const { maxRatio } = this;
    const zipped = await artifact.filesInZip();
    if (zipped !== undefined && zipped.count !== 1) throw notARestorable(file.display, kindOfZip(zipped));
    const { dbType, format, compression, head } = await this.identify(question);
    const open = (): Readable => artifact.foreignContent({ compression, onRead, maxRatio });
    if (dbType === undefined || format === undefined) await refuseUnknown(file, head, open);
    else requireEngine(dbType, driver, file);
    const dump: DumpSource = { format: format ?? 'plain', own: false, open };
    if (dump.format === 'plain' && driver.tidyForeign !== undefined) {
      const found = await tidied(
        dump,
        question,
        driver.tidyForeign(dump, {
          acceptIncomplete: question.acceptIncomplete ?? false,
          sourceDatabase: question.sourceDatabase,
        }),
      );
      return { ...found, warnings: [...warnings, ...found.warnings], artifact };
    }
    if (question.sourceDatabase !== undefined) throw holdsOne(file);
    const limitBytes = limitFor(artifact.size, maxRatio).bytes;
    if (dump.format === 'directory') return unpacked({ ...dump, limitBytes }, question, warnings);
    const told = await readThrough(dump, question);
    const contents = dump.format === 'plain' ? undefined : await surveyed({ ...dump, limitBytes }, question);
    return { dump, manifest: undefined, warnings: [...warnings, ...told], contents, artifact };
  }

  /** Identifies a dump by its content. Text without a known header counts as a dump for the target's engine if the caller permits it. */
  private async identify({
    artifact,
    driver,
    file,
    acceptIncomplete,
    sourceDatabase,
  }: SourceQuestion): Promise<DumpIdentity & { head: Buffer }> {
    const identity = await identifyArtifact(artifact, this.drivers);
    const { head } = identity;
    if (sourceDatabase !== undefined && isCluster(namedKindOf(head)))
      return { ...identity, dbType: 'PostgreSQL', format: 'plain' };
    // A file with the header of a dump is a dump, whatever else its bytes look like.
    if (identity.format !== undefined || namedKindOf(head) !== undefined || !isText(head)) return identity;
    const dbType = engineOfText(head) ?? driver.dbType;
    requireEngine(dbType, driver, file);
    if (acceptIncomplete === true) return { ...identity, dbType, format: 'plain' };
    throw new DomainError(
      'BACKUP_INCOMPLETE',
      `${file.display} has neither the header nor the end mark of a dump program.`,
      {
        hint: WITHOUT_END,
      },
    );
  }
}

/** Whether the failure says that the dump itself is damaged. */
export function isDamage(error: unknown): boolean {
  return error instanceof DomainError && error.code === 'BACKUP_DAMAGED';
}

const WITHOUT_END =
  'Nothing was changed. If you know that the file is whole (a script, or a dump of another program), restore it with "accept_incomplete": true.';

async function refuseUnknown(file: BackupFile, head: Buffer, open: () => Readable): Promise<never> {
  const kind = namedKindOf(head) ?? (isTableOfValues(head) ? TABLE_OF_VALUES : undefined);
  if (kind === undefined) throw notABackup(file, 'its content is no dump of pg_dump, mysqldump or mariadb-dump');
  if (!isCluster(kind)) throw notARestorable(file.display, kind);
  const held = await databasesOf(open() as AsyncIterable<Buffer>);
  if (held.length === 0) throw notARestorable(file.display, GLOBALS_ONLY);
  throw notARestorable(file.display, kind, { databases: held, fields: oneOf(held) });
}

/** Checks the dump in its unpacked folder, which the caller disposes of. */
async function unpacked(
  packed: DumpSource,
  question: SourceQuestion,
  warnings: readonly string[],
): Promise<RestoreSource> {
  const { artifact, driver, file, signal } = question;
  if (driver.unpackForeign === undefined)
    throw notABackup(file, `${driver.dbType} has no dumps of the format directory`);
  await using held = new AsyncDisposableStack();
  const { limitBytes = Infinity } = packed;
  const found = held.use(await driver.unpackForeign(packed, signal));
  const contents = await surveyed({ ...found.source, limitBytes }, question);
  return {
    dump: found.source,
    manifest: undefined,
    warnings: [...warnings, ...found.warnings],
    contents,
    unpacked: held.move(),
    artifact,
  };
}

/** Reads an archive to its end and says what it holds. */
async function surveyed(
  archive: DumpSource,
  { driver, file, tools, signal }: SourceQuestion,
): Promise<DumpContents | undefined> {
  if (driver.surveyArchive === undefined) {
    await driver.checkArchive(archive, tools, signal);
    return undefined;
  }
  const contents = await driver.surveyArchive(archive, tools, signal);
  requireTables(file, contents);
  return contents;
}

/** Reads the dump to its end and says what was left out. */
async function tidied(
  dump: DumpSource,
  { file, signal, acceptIncomplete, sourceDatabase }: SourceQuestion,
  { open, outcome }: TidiedDump,
): Promise<Omit<RestoreSource, 'artifact'>> {
  for await (const chunk of open() as AsyncIterable<Buffer>) {
    void chunk;
    signal.throwIfAborted();
  }
  if (!outcome.ended && acceptIncomplete !== true) throw withoutEnd(file);
  requireOneDatabase(file, outcome, sourceDatabase);
  requireTables(file, outcome.contents);
  const notes = [...outcome.notes].map((note) => `Left out of the foreign dump: ${note}.`);
  const incomplete = outcome.ended ? [] : [ACCEPTED];
  const all = [...outcome.databases, ...(outcome.serverDatabases ?? [])];
  const others = all.filter((name) => name !== sourceDatabase);
  const cutOut =
    sourceDatabase === undefined
      ? []
      : [
          `Only what the dump holds of "${sourceDatabase}" is restored` +
            (others.length === 0 ? '.' : `, and nothing of its other databases: ${others.join(', ')}.`),
        ];
  return {
    dump: { ...dump, open },
    manifest: undefined,
    warnings: [...cutOut, ...notes, ...incomplete],
    contents: outcome.contents,
  };
}

/** Refuses a part of a dump that creates no tables. The part that creates them can be restored without the other parts. */
function requireTables(file: BackupFile, { only }: DumpContents): void {
  if (only === undefined) return;
  const what =
    only === 'rows'
      ? 'holds rows, but makes no table: it is a dump of data only'
      : 'holds indexes, keys or triggers, but makes no table: it is the last section of a dump';
  throw new DomainError('UNSUPPORTED', `${file.display} ${what}.`, {
    hint: 'Nothing was changed. Make a dump of schema and data (without --data-only, --section or --no-create-info).',
  });
}

function requireOneDatabase(
  file: BackupFile,
  { databases, serverDatabases = new Set() }: TidiedDump['outcome'],
  wanted: string | undefined,
): void {
  const held = [...databases];
  const ofServer = [...serverDatabases];
  if (wanted === undefined) {
    if (held.length + ofServer.length < 2 && ofServer.length === 0) return;
    const own = `of the server itself, which ${ofServer.length === 1 ? 'is' : 'are'} not restored (${ofServer.join(', ')})`;
    if (held.length === 0) {
      throw new DomainError('UNSUPPORTED', `${file.display} holds only the database ${own}.`, {
        hint: 'Nothing was changed. It holds accounts and settings of the server that was dumped: make them anew on the target server.',
      });
    }
    const and = ofServer.length === 0 ? '' : `, and those ${own}`;
    throw new DomainError('UNSUPPORTED', `${file.display} holds several databases: ${held.join(', ')}${and}.`, {
      hint: 'Nothing was changed. Name the one to restore with "source_database".',
      fields: oneOf(held),
    });
  }
  if (databases.has(wanted)) return;
  const instead = held.length === 0 ? 'the file names no database' : `the file holds ${held.join(', ')}`;
  throw new DomainError('INVALID_INPUT', `${file.display} holds no database "${wanted}": ${instead}.`, {
    fields: [{ field: 'source_database', message: `is not in the file: ${instead}` }],
  });
}

/** Names the field, so that a client can ask for the database when the file holds several. */
function oneOf(held: readonly string[]): FieldFault[] {
  const names = held.length === 0 ? '' : `: one of ${held.join(', ')}`;
  return [{ field: 'source_database', message: `is needed${names}` }];
}

function holdsOne(file: BackupFile): DomainError {
  return new DomainError('INVALID_INPUT', `${file.display} holds one database, and none is to be chosen.`, {
    fields: [{ field: 'source_database', message: 'is for plain dumps of several databases' }],
  });
}

/** Whether the file is an output of pg_dumpall, from which one database can be extracted. */
function isCluster(kind: ReturnType<typeof namedKindOf>): boolean {
  return kind?.is.includes('pg_dumpall') === true;
}

const ACCEPTED = 'The dump has no end mark: whether it is whole cannot be told.';

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

function sha256Of({ artifact, signal, onRead }: SourceQuestion): Promise<string> {
  return artifact.sha256((read) => {
    signal.throwIfAborted();
    onRead?.(read);
  });
}

async function readThrough(dump: DumpSource, question: SourceQuestion): Promise<readonly string[]> {
  const check = question.driver.completenessCheck(dump.format);
  for await (const chunk of dump.open() as AsyncIterable<Buffer>) {
    question.signal.throwIfAborted();
    check.update(chunk);
  }
  try {
    check.finish();
    return [];
  } catch (error) {
    if (question.acceptIncomplete === true && dump.format === 'plain') return [ACCEPTED];
    throw withoutEnd(question.file, error);
  }
}

function withoutEnd(file: BackupFile, cause?: unknown): DomainError {
  return new DomainError(
    'BACKUP_INCOMPLETE',
    `${file.display} has no end mark: it is cut off, or was made without comments.`,
    { hint: WITHOUT_END, cause },
  );
}

function notABackup(file: BackupFile, why: string): DomainError {
  return new DomainError('NOT_A_BACKUP', `${file.display} is not a backup: ${why}.`, {
    hint: 'Restorable are .sql files, also packed (.gz, .zst, .bz2, .xz, .zip), and pg_dump archives (custom, tar, or a folder packed with tar).',
  });
}
