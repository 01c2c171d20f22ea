import { DomainError, messageOf } from '@app/domain';
import type {
  CompareDepth,
  ConnectionParams,
  ErrorCode,
  JobProgress,
  Manifest,
  RestoredVerificationResult,
  RowCounts,
  ToolPaths,
} from '@app/domain';
import type { DbDriver, DriverRegistry, DumpSource, LoadResult } from '@app/drivers';
import { CannotVerify } from './cannot-verify.js';
import type { CheckedBytes } from '../artifact/checked-bytes.js';
import { confinedLoad } from './confined-load.js';
import { decompressed } from '../artifact/file-compression.js';
import { sourceFactsOf } from '../artifact/manifest.js';
import { bySpelling, differencesFrom, someOf, withoutTables } from './restore-comparison.js';
import { isSameMajor } from './verification-server-choice.js';
import type { VerificationServer } from './verification-server.js';
import type { VerificationServers } from './verification-servers.js';

export { CannotVerify } from './cannot-verify.js';

/** The backup is at fault. The message is a whole sentence. `hint`: what to do about it, where the cause is in the source. */
export class TrialFailure extends Error {
  readonly hint: string | undefined;

  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}

export interface Trial {
  manifest: Manifest;
  /** Read through: their hash is the manifest's. */
  bytes: CheckedBytes;
  /** How what was restored is compared. */
  compare: CompareDepth;
  work: {
    readonly signal: AbortSignal;
    progress(change: Partial<Omit<JobProgress, 'bytesPerSecond' | 'secondsLeft'>>): void;
    log(line: string): void;
  };
}

export interface RestoredVerificationParts {
  drivers: DriverRegistry;
  verificationServers: Pick<VerificationServers, 'open'>;
  tools: () => Promise<ToolPaths>;
}

/** Each costs another load, from the beginning to the place where the next role is named. */
const MOST_ROLES = 200;

/** What is wrong with the dump where a load fails with it, unless the server can be shown to be the reason. */
const OF_THE_DUMP: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'RESTORE_FAILED',
  'BACKUP_DAMAGED',
  'BACKUP_INCOMPLETE',
  'BACKUP_UNSAFE',
  'NOT_A_BACKUP',
]);

/** Restores a backup where it does no harm, and compares what came out of it. */
export class RestoredVerification {
  constructor(private readonly parts: RestoredVerificationParts) {}

  /**
   * Leaves no server, database or file, whatever happens. {@link TrialFailure} when the backup cannot be restored or
   * holds something else than it should; {@link CannotVerify} when that cannot be found out here.
   */
  async run(trial: Trial): Promise<RestoredVerificationResult> {
    try {
      return await this.proof(trial);
    } catch (error) {
      if (trial.bytes.altered) throw changedMeanwhile(trial.manifest.artifact, error);
      throw error;
    }
  }

  private async proof(trial: Trial): Promise<RestoredVerificationResult> {
    const { manifest, work } = trial;
    const driver = this.parts.drivers.get(manifest.db_type);
    const tools = await this.parts.tools();
    work.progress({ phase: 'start server', bytes: 0, totalBytes: null, tables: null, totalTables: null });
    await using server = await this.parts.verificationServers.open(manifest, work.signal);
    const { flavour, version } = server.info;
    work.log(`loading ${manifest.artifact} into a throwaway database of ${flavour} ${version}`);
    const { connection, loadMs, source, notes, differing } = await this.load({ ...trial, driver, server, tools });
    work.log(`loaded in ${Math.round(loadMs)} ms`);
    work.progress({ phase: 'compare' });
    const compared = await this.compare({ ...trial, driver, server, tools, connection, source, differing });
    return {
      server: `${flavour} ${version}`,
      ...compared,
      ...(notes.length === 0 ? {} : { notes }),
      restore_ms: Math.round(loadMs),
    };
  }

  private async load(trial: Trial & Place): Promise<Loaded & { loadMs: number; notes: readonly string[] }> {
    const { manifest, work, driver, server, tools } = trial;
    const { signal } = work;
    for (let roles = 0; ; roles += 1) {
      signal.throwIfAborted();
      const source = sourceOf(trial);
      work.progress({ phase: 'load', bytes: 0, totalBytes: manifest.dump_size });
      let administrator: ConnectionParams | undefined;
      try {
        administrator = await server.freshDatabase(manifest.database_settings);
        // Functions of the source run while it is loaded, counted and analyzed: never with more rights than a plain account has.
        const { connection, account, refused, harmless } = await confinedLoad(driver, administrator, {
          readsAllRows: true,
          signal,
        });
        if (!harmless) throw new CannotVerify(tooMighty(administrator, refused), ACCOUNT_REMEDY);
        const request = {
          connection,
          format: manifest.format,
          tools,
          skipOwnership: true,
          skipTablespaces: true,
          ...{ staged: true, trial: true, demands: manifest.demands },
        };
        const plan = await driver.prepareLoad(request, signal);
        const confinement = account === undefined ? {} : { confinement: account };
        const from = performance.now();
        const hooks = { signal, beforeCommit: () => Promise.resolve() };
        const { warnings, differing, outside = [] } = await driver.load({ ...plan, ...confinement }, source, hooks);
        const notes = [...exceptions(outside), ...warnings];
        return { connection, loadMs: performance.now() - from, source, notes, differing };
      } catch (error) {
        if (signal.aborted || error instanceof CannotVerify) throw error;
        const role = server.throwaway && roles < MOST_ROLES ? driver.lackOf(error)?.role : undefined;
        // Owners and grants are left out, but policies and user mappings name roles as well, and dumps do not hold them.
        // Without a login and with nothing of their own they change nothing else. An existing server is not ours to add to.
        if (role === undefined) throw await this.judged(error, { ...trial, connection: administrator });
        await driver.users.create(server.connection, { username: role, privileges: ['NOLOGIN'] });
      }
    }
  }

  /** Whose fault it is that a load failed. */
  private async judged(
    error: unknown,
    trial: Trial & Place & { connection: ConnectionParams | undefined },
  ): Promise<unknown> {
    const { driver, server, work } = trial;
    if (!(error instanceof DomainError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') return error;
    const missing = driver.lackOf(error);
    if (missing !== undefined)
      return new CannotVerify(`the server cannot take it in: ${missing.message}`, server.remedy, error);
    if (!OF_THE_DUMP.has(error.code)) return new CannotVerify(withoutStop(error.message), error.hint, error);
    const gone = await driver.probe(server.connection, work.signal).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (gone !== undefined) {
      return new CannotVerify(`the scratch server is gone: ${withoutStop(messageOf(gone))}`, undefined, error);
    }
    const other = await this.otherSettings(trial);
    if (other !== undefined) {
      return new CannotVerify(
        `the scratch database has ${other}, and then: ${withoutStop(error.message)}`,
        'Install the locales of the source on the machine of the scratch server.',
        error,
      );
    }
    const { hint = 'The file is as it was written, so the next backup of this data may fail in the same way.' } = error;
    return new TrialFailure(`It could not be restored: ${withoutStop(plainly(error.message))}.`, {
      cause: error,
      hint,
    });
  }

  /** Where the server has not the locale or character set of the source, what was valid there may be refused here. */
  private async otherSettings({
    driver,
    manifest,
    tools,
    connection,
    work,
  }: Trial & Place & { connection: ConnectionParams | undefined }): Promise<string | undefined> {
    if (connection === undefined) return undefined;
    const wanted = manifest.database_settings;
    const request = { connection, format: manifest.format, tools };
    const is = await driver.prepareDump(request, work.signal).then(
      ({ settings }) => settings,
      () => wanted,
    );
    const differing = Object.keys(wanted).filter((name) => is[name] !== wanted[name] && !/version/.test(name));
    if (differing.length === 0) return undefined;
    return differing.map((name) => `${name} ${is[name] ?? 'none'} instead of ${wanted[name]}`).join(', ');
  }

  private async compare(
    trial: Trial & Place & Loaded,
  ): Promise<Omit<RestoredVerificationResult, 'server' | 'restore_ms'>> {
    const { manifest, work, driver, server, connection, compare: depth } = trial;
    const census = await driver.census(connection, work.signal, depth).catch((error: unknown) => {
      if (work.signal.aborted || !(error instanceof DomainError) || error.code === 'INTERNAL') throw error;
      const why = `what was loaded could not be counted: ${withoutStop(error.message)}`;
      throw new CannotVerify(why, error.hint, error);
    });
    const found = withoutTables(census, trial.differing);
    const expected = manifest.rows ?? (await this.dumpedRows(trial));
    const { rows, content, missingObjects, excessObjects, compared, notes, byCount } = differencesFrom(
      manifest,
      expected,
      found,
      depth,
    );
    const there = (table: string): boolean => found.rows[table] !== undefined || found.partOf?.[table] !== undefined;
    const missing = Object.keys(bySpelling(manifest.rows ?? {}, found)).filter((table) => !there(table));
    const objects = [...missingObjects, ...excessObjects];
    // Counted before the dump began, they may differ by what somebody did in between; and another major version may need
    // more or fewer of them for the same.
    const exact = manifest.rows !== undefined && isSameMajor(manifest.server, server.info);
    const faults = [...rows, ...content, ...missing.map((table) => `${table} is not there`), ...(exact ? objects : [])];
    if (faults.length > 0) {
      throw new TrialFailure(`What was restored is not what was backed up: ${someOf(faults)}.`);
    }
    const other = await this.otherSettings(trial);
    const warnings = [
      ...(other === undefined ? [] : [`It was restored into a database with ${other}.`]),
      ...(objects.length === 0
        ? []
        : [`What was restored differs from what was counted before the dump: ${someOf(objects)}.`]),
      ...notes,
    ];
    for (const warning of warnings) work.log(`warning: ${warning}`);
    const counts = Object.values(found.rows);
    return {
      tables: counts.length,
      rows: counts.reduce((sum, count) => sum + count, 0),
      compared_with: manifest.rows === undefined ? 'dump' : 'snapshot',
      compared,
      ...(byCount.length === 0 ? {} : { by_count: byCount }),
      ...(warnings.length === 0 ? {} : { warnings }),
    };
  }

  private async dumpedRows({
    driver,
    source,
    tools,
    work,
  }: Trial & Place & { source: DumpSource }): Promise<RowCounts> {
    try {
      return await driver.dumpedRows(source, tools, work.signal);
    } catch (error) {
      if (work.signal.aborted || !(error instanceof DomainError) || error.code === 'INTERNAL') throw error;
      if (!OF_THE_DUMP.has(error.code)) throw new CannotVerify(withoutStop(error.message), error.hint, error);
      throw new TrialFailure(`Its rows could not be counted: ${withoutStop(error.message)}.`, { cause: error });
    }
  }
}

/** BUSY: what was read is not what was checked, so that it says nothing of the backup. */
export function changedMeanwhile(name: string, cause?: unknown): DomainError {
  return new DomainError('BUSY', `${name} was changed or removed by somebody else while it was verified.`, {
    hint: 'Verify it once more.',
    cause,
  });
}

interface Loaded {
  connection: ConnectionParams;
  source: DumpSource;
  /** See {@link LoadResult}. */
  differing: LoadResult['differing'];
}

interface Place {
  driver: DbDriver;
  server: VerificationServer;
  tools: ToolPaths;
}

function sourceOf({ manifest, bytes, work }: Trial): DumpSource {
  const { compression, format, dump_size: total, size } = manifest;
  const onRead = (read: number): void => work.progress({ bytes: Math.round((read / Math.max(size, 1)) * total) });
  return {
    format,
    own: true,
    open: () => decompressed(bytes.stream(onRead), compression),
    ...sourceFactsOf(manifest),
  };
}

const ACCOUNT_REMEDY =
  'Let the server accept logins of new roles with a password (pg_hba.conf), or name it with a user that is no superuser.';

function tooMighty({ username }: ConnectionParams, refused = ''): string {
  return `what the source has written would run on the verification server with the rights of "${username}". ${refused}`.trim();
}

/** What lies outside the database cannot be the backup's fault, nor can it be tried. */
function exceptions(outside: readonly string[]): string[] {
  if (outside.length === 0) return [];
  return [`Verified except what refers to other databases, which are not there: ${outside.join('; ')}.`];
}

/** What a load says to somebody whose database it would have been. */
function plainly(message: string): string {
  return message.replaceAll(/ ?Nothing was changed(?: in "[^"]*")?\./g, '').replaceAll(/"verify_\w+"/g, 'it');
}

function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}
