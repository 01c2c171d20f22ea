import { levelOf } from '@app/artifact';
import type { CheckedArtifact } from '@app/artifact';
import { DomainError } from '@app/domain';
import type { ConnectionParams, Manifest } from '@app/domain';
import type { DbDriver, LoadPlan } from '@app/drivers';
import type { BackupFile } from '@app/storage';
import { lockoutEstimate } from './lockout-estimate.js';
import { partialDumpWarnings } from '../foreign/partial-dump.js';
import { examineTarget, prepareRestore, staysEmpty } from './restore-preparation.js';
import type { RestorePlan, RestoreRequest } from './restore-request.js';
import type { RestoreSource } from './restore-source.js';
import type { StrategyChoice } from './restore-preparation.js';

const HOUR_MS = 3_600_000;

export interface PlanQuestion {
  request: RestoreRequest;
  file: BackupFile;
  artifact: CheckedArtifact;
  /** The source was checked before. */
  source: RestoreSource;
  driver: DbDriver;
  undoMs: number;
}

/** Finds out what the restore would do, and changes nothing. Rejects as the restore would. */
export async function restorePlan(question: PlanQuestion, signal: AbortSignal): Promise<RestorePlan> {
  const { request, file, artifact, source: checked, driver, undoMs } = question;
  const { connection, skipOwnership } = request;
  const preparation = await prepareRestore(request, checked, driver, signal);
  const { target, tables, source } = preparation;
  const { database } = target;
  const about = { path: file.display, database, tables, backup: backupOf(source, artifact.size) };
  const roleWarnings = skipOwnership ? [] : await missingRoleWarnings(driver, connection, source, signal);
  if (!preparation.exists) {
    return {
      ...about,
      strategy: 'new',
      blockers: [],
      staged: null,
      creates: true,
      undoHours: 0,
      target: {
        server: await serverNameOf(driver, connection, signal),
        bytes: 0,
        objects: null,
        sessions: null,
        freeBytes: null,
      },
      lockout: null,
      warnings: [...source.warnings, ...partialDumpWarnings(source.contents, undefined), ...roleWarnings],
    };
  }
  const { plan, chosen } = await examineTarget(preparation, { created: false, choice: request.strategy }, signal);
  if (tables !== null) await driver.tables.examineTables(plan, tables, source.dump, signal);
  const objects = await driver.countObjects(target, signal);
  const partial = partialDumpWarnings(source.contents, tables === null ? { name: database, objects } : undefined);
  const inPlace = chosen.strategy !== 'swap' && !driver.atomicLoad;
  const direct = inPlace ? whyDirect(plan, chosen) : undefined;
  return {
    ...about,
    strategy: chosen.strategy,
    blockers: chosen.blockers,
    staged: inPlace ? direct === undefined : null,
    creates: false,
    // A restore in place into an empty database leaves nothing that an undo could put back.
    undoHours: chosen.strategy === 'swap' || !staysEmpty(driver, plan) ? undoMs / HOUR_MS : 0,
    target: {
      server: `${plan.server.flavour} ${plan.server.version}`,
      bytes: plan.targetBytes,
      objects,
      sessions: chosen.sessions ?? null,
      freeBytes: chosen.freeBytes ?? null,
    },
    lockout: direct === undefined ? lockoutEstimate(chosen.moves, source.manifest?.objects ?? null) : null,
    warnings: [
      ...source.warnings,
      ...partial,
      ...roleWarnings,
      ...plan.warnings,
      ...chosen.warnings,
      ...directWarnings(database, direct),
    ],
  };
}

/** Says why the dump would be loaded right into the target, as a clause after "as". Undefined where it would not be. */
function whyDirect({ unstaged }: LoadPlan, { noRoom }: StrategyChoice): string | undefined {
  return noRoom ? 'the server has no room for a staging database' : unstaged;
}

function directWarnings(database: string, why: string | undefined): string[] {
  if (why === undefined) return [];
  return [
    `The backup would be loaded right into "${database}", as ${why}. Should that fail, what it holds now is put back from a safety backup, without what is written meanwhile.`,
  ];
}

/** Works also when the connection's own database is lost, which may be the reason for the restore. */
async function serverNameOf(driver: DbDriver, connection: ConnectionParams, signal: AbortSignal): Promise<string> {
  const nameAt = async (database: string): Promise<string> => {
    const { flavour, version } = await driver.probe({ ...connection, database }, signal);
    return `${flavour} ${version}`;
  };
  try {
    return await nameAt(connection.database);
  } catch (error) {
    if (!(error instanceof DomainError) || error.code !== 'DATABASE_NOT_FOUND') throw error;
    const other = (await driver.listDatabases(connection, signal)).find(({ accessible }) => accessible);
    return other === undefined ? driver.dbType : await nameAt(other.name);
  }
}

/** Warns of roles that the server does not have: without them a restore that keeps owners and grants fails. */
async function missingRoleWarnings(
  driver: DbDriver,
  connection: ConnectionParams,
  { manifest }: RestoreSource,
  signal: AbortSignal,
): Promise<string[]> {
  const names = manifest?.roles?.map(({ name }) => name) ?? [];
  if (driver.globals === undefined || names.length === 0) return [];
  const missing = await driver.globals.missingRoles(connection, names, signal);
  if (missing.length === 0) return [];
  return [
    `The backup refers to roles that this server lacks: ${missing.join(', ')}. Create them first (POST /api/backups/${manifest?.id ?? ''}/globals/restore makes those that are stored beside the backup), or leave out owners and grants (no_owner).`,
  ];
}

function backupOf({ dump, manifest }: RestoreSource, size: number): RestorePlan['backup'] {
  return {
    id: manifest?.id ?? null,
    database: manifest?.database ?? null,
    format: dump.format,
    size,
    dumpSize: manifest?.dump_size ?? null,
    startedAt: manifest?.started_at ?? null,
    server: serverOf(manifest),
    verification: manifest === undefined ? null : levelOf(manifest),
  };
}

function serverOf(manifest: Manifest | undefined): string | null {
  return manifest === undefined ? null : `${manifest.server.flavour} ${manifest.server.version}`;
}
