import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type {
  BackupFormat,
  BackupKind,
  Clock,
  Compression,
  ConnectionParams,
  Logger,
  Manifest,
  ToolPaths,
} from '@app/domain';
import type { DbDriver, DriverRegistry, DumpPlan } from '@app/drivers';
import { artifactStem, checkBackupName, nameOfDatabase } from '@app/storage';
import type { ArtifactStorage, ArtifactWriter, BackupLocation, BackupLocations } from '@app/storage';
import { recordOfManifest } from './backup-record.js';
import type { BackupRecord } from './backup-record.js';
import { streamDump } from './dump-pipeline.js';
import type { StreamedArtifact } from './dump-pipeline.js';
import { decompressed } from './file-compression.js';
import { manifestText } from './manifest.js';
import { databaseKey, unlessCancelled } from './operations.js';
import type { Operations } from './operations.js';
import type { Retention } from './retention.js';

/** The least share of the estimate that could do: text is denser than tables, and zstd makes a tenth of it at best. */
const LEAST_SHARE: Readonly<Record<Compression, number>> = { none: 0.3, zstd: 0.05 };
const LEAST_FREE_BYTES = 16 * 1024 * 1024;

const EXTENSIONS: Readonly<Record<BackupFormat, string>> = { plain: '.sql', custom: '.dump' };

export interface BackupRequest {
  connection: ConnectionParams;
  kind: BackupKind;
  /** Default: the database's name. */
  name?: string | undefined;
  /** As the caller gave it; default: the default location. */
  location?: string | undefined;
  format?: BackupFormat | undefined;
  compression?: Compression | undefined;
  tools: ToolPaths;
}

export interface BackupDefaults {
  format: BackupFormat;
  compression: Compression;
}

export interface BackupRunnerParts {
  drivers: DriverRegistry;
  storage: ArtifactStorage;
  locations: BackupLocations;
  operations: Operations;
  retention: Retention;
  clock: Clock;
  logger: Logger;
  defaults: BackupDefaults;
}

/** The life of a backup: preflight, stream, complete, publish, retention (DESIGN §4). */
export class BackupRunner {
  constructor(private readonly parts: BackupRunnerParts) {}

  /** Waits its turn on the database, then makes a backup. Whatever fails, nothing half-done is left. */
  run(request: BackupRequest): Promise<BackupRecord> {
    if (request.name !== undefined) checkBackupName(request.name);
    return this.parts.operations.run(databaseKey(request.connection), (signal) =>
      this.runNow(request, signal).catch((error: unknown) => {
        throw unlessCancelled(error, signal, 'The backup was cancelled by the shutdown; nothing of it is left.');
      }),
    );
  }

  /** The same without waiting, for an operation that holds the database already. */
  async runNow(request: BackupRequest, signal: AbortSignal): Promise<BackupRecord> {
    const { drivers, storage, locations, retention, logger } = this.parts;
    const { connection } = request;
    const driver = drivers.get(connection.dbType);
    const format = this.formatFor(driver, request.format);
    const compression = request.compression ?? this.parts.defaults.compression;
    const location = await locations.forWriting(request.location);
    const plan = await driver.prepareDump({ connection, format, tools: request.tools }, signal);
    await this.checkSpace(location, plan, compression);

    const startedAt = this.parts.clock.now();
    const stem = artifactStem(request.name ?? nameOfDatabase(connection.database), startedAt);
    const extension = EXTENSIONS[format] + (compression === 'zstd' ? '.zst' : '');
    const writer = await storage.create(location, stem, extension);
    try {
      const streamed = await this.dumpInto(writer, driver, plan, compression, signal);
      if (format !== 'plain') await this.checkArchive(driver, writer, request, compression, signal);
      const manifest = this.manifestOf({ request, plan, compression, streamed, startedAt, filename: writer.filename });
      const file = await writer.publish(manifestText(manifest));
      const record = recordOfManifest(manifest, file, location);
      logger.info({ backup: record.path, size: record.size, durationMs: record.durationMs }, 'backup published');
      await retention.apply(location, manifest).catch((error: unknown) => {
        // The backup stands, whatever becomes of older ones.
        logger.error({ err: error, backup: record.path }, `retention failed: ${messageOf(error)}`);
      });
      return record;
    } catch (error) {
      await writer.discard();
      throw error;
    }
  }

  private formatFor(driver: DbDriver, wanted: BackupFormat | undefined): BackupFormat {
    const supported = driver.formats;
    if (wanted === undefined) {
      // The setting is for every engine; where one cannot write it, its own default serves.
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
    const free = await this.parts.storage.freeBytes(location);
    const needed = Math.max(LEAST_FREE_BYTES, plan.estimatedBytes * LEAST_SHARE[compression]);
    if (free === undefined || free >= needed) return;
    throw new DomainError(
      'NO_SPACE',
      `Only ${formatBytes(free)} are free in the backup folder; "${plan.connection.database}" needs about ${formatBytes(needed)} or more.`,
      { hint: compression === 'none' ? 'Free some space, or use compression "zstd".' : 'Free some space.' },
    );
  }

  private async dumpInto(
    writer: ArtifactWriter,
    driver: DbDriver,
    plan: DumpPlan,
    compression: Compression,
    signal: AbortSignal,
  ): Promise<StreamedArtifact> {
    const ended = new AbortController();
    const either = AbortSignal.any([signal, ended.signal]);
    const check = driver.completenessCheck(plan.format);
    const dump = await driver.startDump(plan, either);
    let streamed: StreamedArtifact;
    try {
      streamed = await streamDump(dump.output, check, compression, writer, either);
    } catch (error) {
      ended.abort();
      const toolFailure = await dump.completed.catch((failure: unknown) => failure);
      throw primaryFailure(error, toolFailure);
    }
    await dump.completed;
    // Both: a tool can exit 0 after a cut connection, and can write its end marker and fail all the same (FAILURES 1, 6).
    check.finish();
    if (streamed.dumpSize === 0) throw new DomainError('DUMP_INCOMPLETE', 'The dump tool wrote nothing.');
    return streamed;
  }

  private async checkArchive(
    driver: DbDriver,
    writer: ArtifactWriter,
    request: BackupRequest,
    compression: Compression,
    signal: AbortSignal,
  ): Promise<void> {
    const open = (): Readable => decompressed(writer.readBack(), compression);
    await driver.checkArchive({ format: 'custom', own: true, open }, request.tools, signal);
  }

  private manifestOf(made: {
    request: BackupRequest;
    plan: DumpPlan;
    compression: Compression;
    streamed: StreamedArtifact;
    startedAt: Date;
    filename: string;
  }): Manifest {
    const { plan, request, streamed, startedAt } = made;
    const completedAt = this.parts.clock.now();
    const { connection, server, tool } = plan;
    return {
      manifest_version: 1,
      id: randomUUID(),
      artifact: made.filename,
      kind: request.kind,
      db_type: connection.dbType,
      database: connection.database,
      host: connection.host,
      port: connection.port,
      server: { flavour: server.flavour, version: server.version },
      tool: { name: tool.path.split(/[\\/]/).at(-1) ?? tool.path, flavour: tool.flavour, version: tool.version },
      format: plan.format,
      compression: made.compression,
      size: streamed.size,
      sha256: streamed.sha256,
      dump_size: streamed.dumpSize,
      started_at: startedAt.toISOString(),
      completed_at: completedAt.toISOString(),
      duration_ms: Math.max(0, completedAt.getTime() - startedAt.getTime()),
      database_settings: plan.settings,
      objects: plan.objects,
      warnings: plan.warnings,
      verification: { level: 'complete', at: completedAt.toISOString() },
    };
  }
}

/** When a pipe breaks, both ends complain; the one that began it is the news. */
function primaryFailure(streamError: unknown, toolFailure: unknown): unknown {
  if (streamError instanceof DomainError) return streamError; // the storage refused
  // We aborted the tool because the stream had failed: only then is CANCELLED no reason.
  if (toolFailure instanceof DomainError && toolFailure.code !== 'CANCELLED') return toolFailure;
  return new DomainError('DUMP_FAILED', `The dump could not be read: ${messageOf(streamError)}.`, {
    cause: streamError,
  });
}
