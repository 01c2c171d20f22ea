import { sourceFactsOf } from '@app/artifact';
import type { CheckedArtifact } from '@app/artifact';
import { DomainError, messageOf, someOf } from '@app/domain';
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
import { confinedLoad } from './confined-load.js';
import { bySpelling, differencesFrom, withoutTables } from './restore-comparison.js';
import { isSameMajor } from './verification-server-choice.js';
import type { VerificationServer } from './verification-server.js';
import type { VerificationServers } from './verification-servers.js';

export { CannotVerify } from './cannot-verify.js';

/** The backup is at fault. The message is a whole sentence. `hint` says what to do when the cause is in the source. */
export class FailedVerification extends Error {
  readonly hint: string | undefined;

  constructor(message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}

export interface VerifiedArtifact {
  manifest: Manifest;
  /** It was read to its end, and its hash is the manifest's. */
  artifact: CheckedArtifact;
  /** How the restored database is compared. */
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

/** How many missing roles are created, as each one costs another load up to the place where the next role is named. */
const MOST_ROLES = 200;

/** Failures of a load that are the dump's fault, unless the server is shown to be the reason. */
const OF_THE_DUMP: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'RESTORE_FAILED',
  'BACKUP_DAMAGED',
  'BACKUP_INCOMPLETE',
  'BACKUP_UNSAFE',
  'NOT_A_BACKUP',
]);

/** Restores a backup on a verification server, and compares the restored database with the backup. */
export class RestoredVerification {
  constructor(private readonly parts: RestoredVerificationParts) {}

  /**
   * Leaves no server, database or file, whatever happens. Throws {@link FailedVerification} when the backup cannot be restored or
   * has the wrong content, and {@link CannotVerify} when that cannot be found out here.
   */
  async run(verified: VerifiedArtifact): Promise<RestoredVerificationResult> {
    try {
      return await this.restore(verified);
    } catch (error) {
      if (verified.artifact.altered) throw changedMeanwhile(verified.manifest.artifact, error);
      throw error;
    }
  }

  private async restore(verified: VerifiedArtifact): Promise<RestoredVerificationResult> {
    const { manifest, work } = verified;
    requireCodecs(verified);
    const driver = this.parts.drivers.get(manifest.db_type);
    const tools = await this.parts.tools();
    work.progress({ phase: 'start server', bytes: 0, totalBytes: null, tables: null, totalTables: null });
    await using server = await this.parts.verificationServers.open(manifest, work.signal);
    const { flavour, version } = server.info;
    work.log(`loading ${manifest.artifact} into a throwaway database of ${flavour} ${version}`);
    const { connection, loadMs, source, notes, differing } = await this.load({ ...verified, driver, server, tools });
    work.log(`loaded in ${Math.round(loadMs)} ms`);
    work.progress({ phase: 'compare' });
    const compared = await this.compare({ ...verified, driver, server, tools, connection, source, differing });
    return {
      server: `${flavour} ${version}`,
      ...compared,
      ...(notes.length === 0 ? {} : { notes }),
      restore_ms: Math.round(loadMs),
    };
  }

  private async load(
    verified: VerifiedArtifact & Place,
  ): Promise<Loaded & { loadMs: number; notes: readonly string[] }> {
    const { manifest, work, driver, server, tools } = verified;
    const { signal } = work;
    for (let roles = 0; ; roles += 1) {
      signal.throwIfAborted();
      const source = sourceOf(verified);
      work.progress({ phase: 'load', bytes: 0, totalBytes: manifest.dump_size });
      let administrator: ConnectionParams | undefined;
      try {
        administrator = await server.freshDatabase(manifest.database_settings);
        // The load, the count and ANALYZE run functions of the source, so they must not have more rights than a plain account.
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
          ...{ staged: true, forVerification: true, demands: manifest.demands },
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
        const role = server.throwaway && roles < MOST_ROLES ? driver.missingPrerequisite(error)?.role : undefined;
        // Owners and grants are left out, but policies and user mappings name roles as well, and dumps do not hold the roles.
        // Roles without a login and without objects change nothing else. A configured server gets no roles from us.
        if (role === undefined) throw await this.judged(error, { ...verified, connection: administrator });
        await driver.users.create(server.connection, { username: role, privileges: ['NOLOGIN'] });
      }
    }
  }

  /** Decides whether the backup or the server is the reason that a load failed. */
  private async judged(
    error: unknown,
    verified: VerifiedArtifact & Place & { connection: ConnectionParams | undefined },
  ): Promise<unknown> {
    const { driver, server, work } = verified;
    if (!(error instanceof DomainError) || error.code === 'CANCELLED' || error.code === 'INTERNAL') return error;
    const missing = driver.missingPrerequisite(error);
    if (missing !== undefined)
      return new CannotVerify(`the server cannot take it in: ${missing.message}`, server.remedy, error);
    if (!OF_THE_DUMP.has(error.code)) return new CannotVerify(withoutStop(error.message), error.hint, error);
    const gone = await driver.probe(server.connection, work.signal).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    if (gone !== undefined) {
      return new CannotVerify(`the verification server is gone: ${withoutStop(messageOf(gone))}`, undefined, error);
    }
    const other = await this.otherSettings(verified);
    if (other !== undefined) {
      return new CannotVerify(
        `the verification database has ${other}, and the load failed: ${withoutStop(error.message)}`,
        'Install the locales of the source on the machine of the verification server.',
        error,
      );
    }
    const { hint = 'The file is as it was written, so the next backup of this data may fail in the same way.' } = error;
    return new FailedVerification(`It could not be restored: ${withoutStop(plainly(error.message))}.`, {
      cause: error,
      hint,
    });
  }

  /** Lists settings that differ from the source's: without its locale or character set the server may refuse valid data. */
  private async otherSettings({
    driver,
    manifest,
    tools,
    connection,
    work,
  }: VerifiedArtifact & Place & { connection: ConnectionParams | undefined }): Promise<string | undefined> {
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
    verified: VerifiedArtifact & Place & Loaded,
  ): Promise<Omit<RestoredVerificationResult, 'server' | 'restore_ms'>> {
    const { manifest, work, driver, server, connection, compare: depth } = verified;
    const census = await driver.census(connection, work.signal, depth).catch((error: unknown) => {
      if (work.signal.aborted || !(error instanceof DomainError) || error.code === 'INTERNAL') throw error;
      const why = `what was loaded could not be counted: ${withoutStop(error.message)}`;
      throw new CannotVerify(why, error.hint, error);
    });
    const found = withoutTables(census, verified.differing);
    const expected = manifest.rows ?? (await this.dumpedRows(verified));
    const { rows, content, missingObjects, excessObjects, compared, notes, byCount } = differencesFrom(
      manifest,
      expected,
      found,
      depth,
    );
    const there = (table: string): boolean => found.rows[table] !== undefined || found.partOf?.[table] !== undefined;
    const missing = Object.keys(bySpelling(manifest.rows ?? {}, found)).filter((table) => !there(table));
    const objects = [...missingObjects, ...excessObjects];
    // Objects that were counted before the dump began may differ by what somebody did in between, and another major version may
    // need more or fewer of them.
    const exact = manifest.rows !== undefined && isSameMajor(manifest.server, server.info);
    const faults = [...rows, ...content, ...missing.map((table) => `${table} is not there`), ...(exact ? objects : [])];
    if (faults.length > 0) {
      throw new FailedVerification(
        `What was restored is not what was backed up: ${someOf(faults, { separator: '; ' })}.`,
      );
    }
    const other = await this.otherSettings(verified);
    const warnings = [
      ...(other === undefined ? [] : [`It was restored into a database with ${other}.`]),
      ...(objects.length === 0
        ? []
        : [
            `What was restored differs from what was counted before the dump: ${someOf(objects, { separator: '; ' })}.`,
          ]),
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
  }: VerifiedArtifact & Place & { source: DumpSource }): Promise<RowCounts> {
    try {
      return await driver.dumpedRows(source, tools, work.signal);
    } catch (error) {
      if (work.signal.aborted || !(error instanceof DomainError) || error.code === 'INTERNAL') throw error;
      if (!OF_THE_DUMP.has(error.code)) throw new CannotVerify(withoutStop(error.message), error.hint, error);
      throw new FailedVerification(`Its rows could not be counted: ${withoutStop(error.message)}.`, { cause: error });
    }
  }
}

/** Throws BUSY when the bytes that were loaded are not those that were checked, so that the result says nothing of the backup. */
export function changedMeanwhile(name: string, cause?: unknown): DomainError {
  return new DomainError('BUSY', `${name} was changed or removed by somebody else while it was verified.`, {
    hint: 'Verify it once more.',
    cause,
  });
}

interface Loaded {
  connection: ConnectionParams;
  source: DumpSource;
  /** The field of {@link LoadResult}. */
  differing: LoadResult['differing'];
}

interface Place {
  driver: DbDriver;
  server: VerificationServer;
  tools: ToolPaths;
}

function sourceOf({ manifest, artifact, work }: VerifiedArtifact): DumpSource {
  const { format, dump_size: total, size } = manifest;
  const open = artifact.dumpOf(manifest);
  const onRead = (read: number): void => work.progress({ bytes: Math.round((read / Math.max(size, 1)) * total) });
  return {
    format,
    own: true,
    open: () => open(onRead),
    ...sourceFactsOf(manifest),
  };
}

/** A codec that this version does not know says nothing of the backup. */
function requireCodecs({ artifact, manifest }: VerifiedArtifact): void {
  try {
    artifact.dumpOf(manifest);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new CannotVerify(withoutStop(error.message.replace(manifest.artifact, 'it')), error.hint, error);
  }
}

const ACCOUNT_REMEDY =
  'Let the server accept logins of new roles with a password (pg_hba.conf), or name it with a user that is no superuser.';

function tooMighty({ username }: ConnectionParams, refused = ''): string {
  return `what the source has written would run on the verification server with the rights of "${username}". ${refused}`.trim();
}

/** Objects outside the database are not the backup's fault, and a verification cannot restore them. */
function exceptions(outside: readonly string[]): string[] {
  if (outside.length === 0) return [];
  return [`Verified except what refers to other databases, which are not there: ${outside.join('; ')}.`];
}

/** Removes what a load says of the target database, as here that is a throwaway one. */
function plainly(message: string): string {
  return message.replaceAll(/ ?Nothing was changed(?: in "[^"]*")?\./g, '').replaceAll(/"verify_\w+"/g, 'it');
}

function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}
