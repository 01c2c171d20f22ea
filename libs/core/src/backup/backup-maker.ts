import { createHash, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactFacts, ArtifactWriter, NewArtifact } from '@app/artifact';
import type { Catalog } from '@app/catalog';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type {
  BackupFormat,
  BackupKind,
  BackupOptions,
  Clock,
  CompareDepth,
  Compression,
  ConnectionParams,
  GlobalsLevel,
  Manifest,
  ManifestDemands,
  ToolPaths,
  VerificationLevel,
} from '@app/domain';
import type { Census, DbDriver, DriverRegistry, DumpOutcome, DumpPlan } from '@app/drivers';
import type { JobContext } from '@app/jobs';
import { GLOBALS_SUFFIX, artifactStem, checkBackupName, nameOfDatabase } from '@app/storage';
import type { BackupLocation, BackupLocations, StorageRegistry, StoredFile } from '@app/storage';
import { databaseKey } from '../inventory/database-key.js';

/** The smallest share of the estimate that may suffice: text is denser than tables, and zstd shrinks it to a tenth at best. */
const LEAST_SHARE: Readonly<Record<Compression, number>> = { none: 0.3, zstd: 0.05 };
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

/** How long a tool may take to say why its output ended early. */
const BROKEN_OFF_MS = 1_000;

const EXTENSIONS: Readonly<Record<BackupFormat, string>> = { plain: '.sql', custom: '.dump' };

export interface BackupRequest extends BackupOptions {
  connection: ConnectionParams;
  kind: BackupKind;
  /** Ids of the catalog, for the manifest. */
  connectionId?: string | undefined;
  scheduleId?: string | undefined;
  tools: ToolPaths;
}

export interface BackupDefaults {
  format: BackupFormat;
  compression: Compression;
  /** Default: `none`. */
  globals?: GlobalsLevel;
  /** The level for every backup whose request names none. Default: `complete`, which needs no verification. */
  verification?: VerificationLevel;
  /** The same for backups of schedules. Default: as for all others. */
  scheduledVerification?: VerificationLevel;
  /** Default: `content`. */
  compare?: CompareDepth;
}

export interface BackupMakerParts {
  drivers: DriverRegistry;
  storages: StorageRegistry;
  writer: ArtifactWriter;
  locations: BackupLocations;
  catalog: Catalog;
  clock: Clock;
  defaults: BackupDefaults;
}

export interface MadeBackup {
  manifest: Manifest;
  file: StoredFile;
  location: BackupLocation;
}

/** Makes a published artifact with its manifest from a database, or leaves nothing: preflight, stream, complete, publish. */
export class BackupMaker {
  constructor(private readonly parts: BackupMakerParts) {}

  /** Throws INVALID_INPUT, INVALID_PATH or LOCATION_NOT_FOUND for a request that could never succeed. Touches no database. */
  async check(
    request: Pick<BackupRequest, 'name' | 'location' | 'format'> & { connection: Pick<ConnectionParams, 'dbType'> },
  ): Promise<void> {
    if (request.name !== undefined) checkBackupName(request.name);
    this.formatFor(this.parts.drivers.get(request.connection.dbType), request.format);
    await this.parts.locations.forWriting(request.location);
  }

  async make(request: BackupRequest, work: JobContext): Promise<MadeBackup> {
    if (request.name !== undefined) checkBackupName(request.name);
    const { drivers, writer, locations } = this.parts;
    const { connection } = request;
    const { signal } = work;
    const driver = drivers.get(connection.dbType);
    const format = this.formatFor(driver, request.format);
    const compression = request.compression ?? this.parts.defaults.compression;
    const location = await locations.forWriting(request.location);
    work.progress({ phase: 'preflight' });
    // A restore is compared with the rows of the dump's own snapshot and their content. They cost the server a scan.
    const compare = request.compare ?? this.parts.defaults.compare ?? 'content';
    const census = request.verification === 'restored' ? { census: compare } : {};
    const plan = await driver.prepareDump({ connection, format, tools: request.tools, ...census }, signal);
    await this.checkSpace(location, plan, compression);
    const last = await this.lastOf(plan);
    const planned = [...plan.warnings, ...vanishedKinds(last, plan)];
    for (const warning of planned) work.log(`warning: ${warning}`);

    const startedAt = this.parts.clock.now();
    const stem = artifactStem(request.name ?? nameOfDatabase(connection.database), startedAt);
    const codecs = compression === 'none' ? [] : [compression];
    const artifact = await writer.create({
      ...{ location, stem, extension: EXTENSIONS[format], codecs },
      // Of the stored bytes, of which a dump without compression is the most that there can be.
      expectedBytes: last?.format === format && last.compression === compression ? last.size : plan.estimatedBytes,
    });
    try {
      const { name, version } = toolOf(plan);
      work.log(`${name} ${version} reads "${connection.database}" of ${plan.server.flavour} ${plan.server.version}`);
      work.progress({
        phase: 'dump',
        totalBytes: expectedBytes(last, plan),
        totalTables: plan.objects['tables'] ?? null,
      });
      const { facts, census: counted, outcome } = await this.dumpInto(artifact, driver, plan, work);
      const { warnings, notes = [] } = outcome;
      const told = [...warnings.map((words) => `${name} warned: ${words}`), ...notes];
      for (const warning of told) work.log(`warning: ${warning}`);
      work.progress({ phase: 'publish', bytes: facts.dump_size });
      if (format !== 'plain') await this.checkArchive(driver, artifact, request, signal);
      const { globals, globalsWarnings } = await this.globalsOf(driver, plan, request, work);
      const described = this.manifestOf({
        ...{ request, plan, facts, startedAt, globals, counted },
        demands: demandsOf(plan, outcome),
        warnings: [...planned, ...told, ...globalsWarnings],
      });
      const { manifest, file } = await artifact.publish(described, globals);
      return { manifest, file, location };
    } catch (error) {
      await artifact.discard();
      throw error;
    }
  }

  private async lastOf(plan: DumpPlan): Promise<Manifest | undefined> {
    const [last] = await this.parts.catalog.backups
      .ofDatabase(databaseKey(plan.connection), { limit: 1 })
      .catch(() => []);
    return last?.manifest ?? undefined;
  }

  private formatFor(driver: DbDriver, wanted: BackupFormat | undefined): BackupFormat {
    const supported = driver.formats;
    if (wanted === undefined) {
      // The setting is for every engine; an engine that cannot write this format uses its own default.
      const preferred = this.parts.defaults.format;
      return supported.includes(preferred) ? preferred : (supported[0] ?? 'plain');
    }
    if (supported.includes(wanted)) return wanted;
    throw new DomainError('INVALID_INPUT', `format "${wanted}" is not available for ${driver.dbType}.`, {
      hint: `Use ${supported.join(' or ')}.`,
      fields: [{ field: 'format', message: `must be ${supported.join(' or ')} for ${driver.dbType}` }],
    });
  }

  private async checkSpace(location: BackupLocation, plan: DumpPlan, compression: Compression): Promise<void> {
    const free = (await this.parts.storages.of(location).space(location.folder))?.free;
    const needed = Math.max(LEAST_FREE_BYTES, plan.estimatedBytes * LEAST_SHARE[compression]);
    if (free === undefined || free >= needed) return;
    throw new DomainError(
      'NO_SPACE',
      `Only ${formatBytes(free)} are free in the backup folder; "${plan.connection.database}" needs about ${formatBytes(needed)} or more.`,
      { hint: compression === 'none' ? 'Free some space, or use compression "zstd".' : 'Free some space.' },
    );
  }

  private async dumpInto(
    artifact: NewArtifact,
    driver: DbDriver,
    plan: DumpPlan,
    work: JobContext,
  ): Promise<{ facts: ArtifactFacts; census: Census | undefined; outcome: DumpOutcome }> {
    const ended = new AbortController();
    const either = AbortSignal.any([work.signal, ended.signal]);
    const check = driver.completenessCheck(plan.format);
    const dump = await driver.startDump(plan, either);
    // Both are read below. A tool that fails while its output is still being stored would end the service without a listener.
    dump.completed.catch(() => undefined);
    dump.census?.catch(() => undefined);
    const observe = (chunk: Buffer, bytes: number): void => {
      check.update(chunk);
      work.progress({ bytes, tables: check.tables ?? null });
    };
    try {
      await artifact.store(dump.output, observe, either);
    } catch (error) {
      const { refusal } = artifact;
      const failing = dump.completed.then(
        () => undefined,
        (failure: unknown) => failure,
      );
      // When its output ended early, the tool is about to say why, unless it is told to stop before.
      if (refusal === undefined) await endedWithin(failing, BROKEN_OFF_MS, work.signal);
      ended.abort();
      throw primaryFailure(refusal?.cause ?? error, await failing, refusal !== undefined);
    }
    const outcome = await dump.completed;
    // Both are checked: a tool can exit with 0 after a cut connection, and can write its end marker and then fail (FAILURES 1, 6).
    check.finish();
    const { facts } = artifact;
    if (facts.dump_size === 0) throw new DomainError('DUMP_INCOMPLETE', 'The dump tool wrote nothing.');
    return { facts, census: await dump.census, outcome };
  }

  /** Stores the roles of the server (FAILURES 20). The backup is whole without them, so a failure becomes a warning. */
  private async globalsOf(
    driver: DbDriver,
    plan: DumpPlan,
    { kind }: BackupRequest,
    work: JobContext,
  ): Promise<{ globals: string | undefined; globalsWarnings: readonly string[] }> {
    const { globals: level = 'none' } = this.parts.defaults;
    if (driver.globals === undefined || level === 'none' || kind === 'safety') {
      return { globals: undefined, globalsWarnings: [] };
    }
    try {
      const passwords = level === 'roles_with_passwords';
      return { globals: await driver.globals.dump(plan, { passwords }, work.signal), globalsWarnings: [] };
    } catch (error) {
      if (work.signal.aborted || !(error instanceof DomainError)) throw error;
      const warning = `The roles of the server are not stored beside the backup: ${error.message}`;
      work.log(`warning: ${warning}`);
      return { globals: undefined, globalsWarnings: [warning] };
    }
  }

  private async checkArchive(
    driver: DbDriver,
    artifact: NewArtifact,
    request: BackupRequest,
    signal: AbortSignal,
  ): Promise<void> {
    const source = { format: 'custom', own: true, open: () => artifact.readBack() } as const;
    await driver.checkArchive(source, request.tools, signal);
  }

  private manifestOf(made: {
    request: BackupRequest;
    plan: DumpPlan;
    facts: ArtifactFacts;
    startedAt: Date;
    counted: Census | undefined;
    demands: ManifestDemands;
    globals: string | undefined;
    warnings: readonly string[];
  }): Omit<Manifest, 'signature'> {
    const { plan, request, facts, startedAt, counted, globals } = made;
    const completedAt = this.parts.clock.now();
    const { connection, server } = plan;
    return {
      ...facts,
      id: randomUUID(),
      kind: request.kind,
      db_type: connection.dbType,
      database: connection.database,
      host: connection.host,
      port: connection.port,
      server: { flavour: server.flavour, version: server.version },
      tool: toolOf(plan),
      format: plan.format,
      started_at: startedAt.toISOString(),
      completed_at: completedAt.toISOString(),
      duration_ms: Math.max(0, completedAt.getTime() - startedAt.getTime()),
      database_settings: plan.settings,
      ...(plan.properties === undefined ? {} : { properties: plan.properties }),
      ...(plan.absent === undefined ? {} : { absent: plan.absent }),
      ...(plan.roles === undefined ? {} : { roles: plan.roles }),
      ...(globals === undefined
        ? {}
        : {
            globals: {
              file: facts.artifact + GLOBALS_SUFFIX,
              size: Buffer.byteLength(globals),
              sha256: createHash('sha256').update(globals).digest('hex'),
              passwords: this.parts.defaults.globals === 'roles_with_passwords',
            },
          }),
      ...(plan.searchPaths === undefined ? {} : { search_paths: plan.searchPaths }),
      ...(plan.sessionSettings === undefined ? {} : { session_settings: plan.sessionSettings }),
      ...(Object.keys(made.demands).length === 0 ? {} : { demands: made.demands }),
      objects: counted?.objects ?? plan.objects,
      ...(counted === undefined ? {} : { rows: counted.rows }),
      ...(counted?.checksums === undefined ? {} : { checksums: counted.checksums }),
      warnings: made.warnings,
      verification: { level: 'complete', at: completedAt.toISOString() },
      ...(request.connectionId === undefined ? {} : { connection_id: request.connectionId }),
      ...(request.scheduleId === undefined ? {} : { schedule_id: request.scheduleId }),
    };
  }
}

function demandsOf({ definers = [] }: DumpPlan, { longValues }: DumpOutcome): ManifestDemands {
  return {
    ...(definers.length === 0 ? {} : { definers }),
    ...(longValues === undefined ? {} : { long_values: longValues }),
  };
}

function toolOf({ tool }: DumpPlan): Manifest['tool'] {
  return { name: tool.path.split(/[\\/]/).at(-1) ?? tool.path, flavour: tool.flavour, version: tool.version };
}

/**
 * When a pipe breaks, both ends report an error; the first one is the cause (FAILURES 79). `stored`: the storage failed.
 */
function primaryFailure(streamError: unknown, toolFailure: unknown, stored: boolean): unknown {
  if (streamError instanceof DomainError) return streamError;
  // We aborted the tool because the stream had failed: only then is CANCELLED not the reason.
  const told = toolFailure instanceof DomainError && toolFailure.code !== 'CANCELLED';
  if (told && !stored) return toolFailure;
  const what = stored ? 'could not be stored' : 'could not be read';
  return new DomainError('DUMP_FAILED', `The dump ${what}: ${messageOf(streamError)}.`, { cause: streamError });
}

async function endedWithin(work: Promise<unknown>, ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  await Promise.race([
    work,
    sleep(ms, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined),
  ]);
  over.abort();
}

/** Returns the size of the last dump of the database, else an estimate by the figures of the server. */
function expectedBytes(last: Manifest | undefined, plan: DumpPlan): number | null {
  const expected = last?.format === plan.format ? last.dump_size : plan.estimatedBytes;
  return expected > 0 ? expected : null;
}

/** Warns of kinds of objects that are missing now: a server silently hides objects that the account may not see any more (FAILURES 16). */
function vanishedKinds(last: Manifest | undefined, plan: DumpPlan): string[] {
  return Object.entries(last?.objects ?? {})
    .filter(([kind, count]) => count > 0 && (plan.objects[kind] ?? 0) === 0)
    .map(
      ([kind, count]) =>
        `This backup holds no ${kind.replaceAll('_', ' ')}; the last one of this database, of ${last?.completed_at}, holds ${count}. If nobody has dropped them, the account no longer sees them: check its privileges.`,
    );
}
