import { DomainError } from '@app/domain';
import type { CompareDepth, ConnectionParams, Logger, Manifest, RowCounts, ObjectCounts } from '@app/domain';
import { whyNotDropped } from '@app/drivers';
import type { Census, DbDriver, LoadHooks, LoadPlan } from '@app/drivers';
import { unlessCancelled } from '@app/jobs';
import type { JobContext } from '@app/jobs';
import type { ReadingProgress } from './reading-progress.js';
import { confinedLoad } from '../verification/confined-load.js';
import { checkAgainst, compareWithManifest, withoutTables } from '../verification/restore-comparison.js';
import { swapIn, swapOf, UnfinishedSwap } from './restore-swap.js';
import type { SwapOrder, SwapOutcome } from './restore-swap.js';
import type { RestoreJournal } from './restore-journal.js';
import type { RestoreSource } from './restore-source.js';

export interface CheckedRestore {
  driver: DbDriver;
  /** The plan for the target. */
  plan: LoadPlan;
  source: RestoreSource;
  journal: RestoreJournal;
  reading: ReadingProgress;
  /** The target was created for this restore, empty. */
  created: boolean;
  /** The tables to restore; null for everything. */
  tables: readonly string[] | null;
  /** The depth of the comparison before the swap. */
  compare: CompareDepth;
  work: JobContext;
}

/** Loads a staging database, compares it, and swaps it in: the target is not touched before all is loaded and compared. */
export class StagedRestore {
  constructor(private readonly logger: Logger) {}

  /**
   * `keepForMs` says how long the previous database can be swapped back in. Rejects with the target as it was and no staging
   * database left, or one that the journal knows. Rejects with {@link UnfinishedSwap} when the state is not known.
   */
  async run(restore: CheckedRestore, keepForMs: number): Promise<SwapOutcome> {
    const { driver, plan, journal, created, work } = restore;
    const { connection } = plan;
    const id = copyId(journal.id);
    const swap = swapOf(driver, restore);
    const incoming = swap.copyName(connection.database, 'restore', id);
    const outgoing = swap.copyName(connection.database, 'before', id);
    await journal.begins({ step: 'load', incoming, created });
    try {
      const warnings = await this.fill(restore, incoming);
      const parts = { swap, connection, incoming, outgoing };
      const outcome = await swapIn({ ...parts, ...wasUsed(restore), journal, created, keepForMs, work });
      return { ...outcome, warnings: [...warnings, ...outcome.warnings] };
    } catch (error) {
      if (error instanceof UnfinishedSwap) throw error;
      await this.discard(restore, incoming);
      throw unlessCancelled(
        toldOfTarget(error, incoming, restore),
        work.signal,
        'The restore was cancelled. Nothing was changed.',
      );
    }
  }

  /** Restores some tables into a new database. It fills a staging database and swaps it in, as others may enter the new one. */
  async fillNew(restore: CheckedRestore, tables: readonly string[]): Promise<SwapOutcome> {
    const { driver, plan, source, journal, reading, work } = restore;
    const { connection } = plan;
    const { swap } = driver;
    const id = copyId(journal.id);
    const incoming = swap.copyName(connection.database, 'restore', id);
    const outgoing = swap.copyName(connection.database, 'before', id);
    const extraction = extractionName(driver, connection.database, journal.id);
    await journal.begins({ step: 'load', incoming, created: true });
    reading.beginLoad(source.manifest?.dump_size);
    const check = checkAgainst(source.manifest, restore.compare, { some: true });
    const hooks = { signal: work.signal, beforeCommit: () => Promise.resolve(), check };
    try {
      await swap.createStaging(connection, incoming, work.signal);
      const staged = { ...plan, connection: { ...connection, database: incoming }, strict: !source.dump.own };
      const loaded = await driver.tables.load(
        { plan: staged, tables, into: 'target', incoming: extraction },
        source.dump,
        hooks,
      );
      for (const left of loaded.left ?? []) journal.leaves(left);
      const parts = { swap, connection, incoming, outgoing, ...wasUsed(restore) };
      const outcome = await swapIn({ ...parts, journal, created: true, keepForMs: 0, work });
      return { ...outcome, warnings: [...loaded.warnings, ...(check?.notes ?? []), ...outcome.warnings] };
    } catch (error) {
      if (error instanceof UnfinishedSwap) throw error;
      await this.discard({ ...restore, tables: null }, incoming);
      throw unlessCancelled(
        toldOfTarget(error, incoming, restore),
        work.signal,
        'The restore was cancelled. Nothing was changed.',
      );
    }
  }

  private async fill(restore: CheckedRestore, incoming: string): Promise<readonly string[]> {
    const { driver, plan, source, reading, tables, work } = restore;
    const { signal } = work;
    reading.beginLoad(source.manifest?.dump_size);
    work.log(`loading into "${incoming}", the staging database of "${plan.connection.database}"`);
    const hooks = { signal, beforeCommit: () => Promise.resolve() };
    if (tables !== null) {
      const judged = { ...plan, strict: !source.dump.own };
      const check = checkAgainst(source.manifest, restore.compare, { some: true });
      // The driver creates the staging database and counts the rows itself.
      const order = { plan: judged, tables, into: 'staging', incoming } as const;
      const loaded = await driver.tables.load(order, source.dump, { ...hooks, check });
      for (const left of loaded.left ?? []) restore.journal.leaves(left);
      return [...loaded.warnings, ...(check?.notes ?? [])];
    }
    const connection = { ...plan.connection, database: incoming };
    await driver.swap.createStaging(plan.connection, incoming, signal);
    if (!source.dump.own) return await loadForeign({ ...restore, plan: { ...plan, connection, staged: true } }, hooks);
    const { warnings, rows, differing, skipped } = await driver.load(
      { ...plan, connection, staged: true },
      source.dump,
      hooks,
    );
    if (source.manifest === undefined) return warnings;
    work.progress({ phase: 'compare' });
    const loaded = withoutTables(await this.foundIn(restore, connection, source.manifest, rows), differing);
    const found = { ...loaded, objects: sumOf(loaded.objects, skipped) };
    return [...warnings, ...compareWithManifest(source.manifest, found, plan.server, restore.compare)];
  }

  /** `rows` holds the counts of the load. They are counted again only where that tells more. */
  private async foundIn(
    { driver, compare, work }: CheckedRestore,
    connection: ConnectionParams,
    manifest: Manifest,
    rows: RowCounts | undefined,
  ): Promise<Pick<Census, 'objects'> & Partial<Census>> {
    const content = compare === 'content' && manifest.checksums !== undefined;
    const names = (counts: RowCounts = {}): string => Object.keys(counts).toSorted().join();
    // The load may have counted other tables than those that the manifest names.
    const alike = rows === undefined || manifest.rows === undefined || names(rows) === names(manifest.rows);
    if (content || (manifest.rows !== undefined && (rows === undefined || !alike))) {
      return await driver.census(connection, work.signal, content ? 'content' : 'counts');
    }
    return { objects: await driver.countObjects(connection, work.signal), ...(rows === undefined ? {} : { rows }) };
  }

  /** Drops the staging database. One that cannot be dropped now blocks nothing, and is dropped later. */
  private async discard(restore: CheckedRestore, incoming: string): Promise<void> {
    const { driver, plan, journal, created } = restore;
    try {
      // Without its staging database a swap that was not done looks like one that was: so the journal notes it first.
      await journal.returnsTo({ step: 'load', incoming, created });
      const why = await whyNotDropped(swapOf(driver, restore), plan.connection, incoming);
      if (why !== undefined) {
        this.logger.error({ database: incoming }, `the staging database of a failed restore is dropped later: ${why}`);
        journal.leaves(incoming);
      }
      await (created ? journal.returnsTo({ step: 'create' }) : journal.ends());
    } catch (error) {
      this.logger.error(
        { err: error, database: incoming },
        'the journal could not note that a restore has failed: the recovery notes it later',
      );
    }
  }
}

function sumOf(objects: ObjectCounts, skipped: ObjectCounts = {}): ObjectCounts {
  const sums = Object.entries(skipped).map(([kind, count]) => [kind, count + (objects[kind] ?? 0)] as const);
  return { ...objects, ...Object.fromEntries(sums) };
}

/** Loads a foreign dump with an account that owns only the staging database, where one can be created (ADR 26). `plan` is for that database. */
export async function loadForeign(
  { driver, plan, source, work }: Pick<CheckedRestore, 'driver' | 'plan' | 'source' | 'work'>,
  hooks: LoadHooks,
): Promise<readonly string[]> {
  const { signal } = work;
  const { connection, account, refused } = await confinedLoad(driver, plan.connection, { readsAllRows: false, signal });
  const confinement = account === undefined ? { strict: true } : { confinement: account };
  const { warnings } = await driver.load({ ...plan, connection, ...confinement }, source.dump, hooks);
  if (account !== undefined) await driver.confinement?.release(account);
  if (refused === undefined) return warnings;
  return [...warnings, `The dump was loaded as "${plan.connection.username}", and was judged by its text. ${refused}`];
}

/** Names the target in the error instead of the staging database, which is gone, and says that the target is as it was. */
function toldOfTarget(error: unknown, incoming: string, { plan, created }: CheckedRestore): unknown {
  if (!(error instanceof DomainError)) return error;
  const { code, message, hint, fields } = error;
  const named = (text: string): string => text.replaceAll(incoming, () => plan.connection.database);
  const told = named(message);
  if (code !== 'RESTORE_FAILED' && told === message && (hint === undefined || named(hint) === hint)) return error;
  const isSaid = created || code !== 'RESTORE_FAILED' || /Nothing was changed/.test(`${message} ${hint}`);
  return new DomainError(code, isSaid ? told : `${told} Nothing was changed.`, {
    ...(hint === undefined ? {} : { hint: named(hint) }),
    ...(fields === undefined ? {} : { fields }),
    cause: error,
  });
}

/** Returns the suffix of the names of a restore's staging and previous databases. */
export function copyId(restoreId: string): string {
  return restoreId.replaceAll('-', '').slice(0, 8);
}

/** Watches for writes where others can enter a new database before its staging database takes its place. */
function wasUsed({ driver, plan, created }: CheckedRestore): Pick<SwapOrder, 'wasUsed'> {
  const { swap } = driver;
  if (!created || swap.holdsAnything === undefined) return {};
  return { wasUsed: (outgoing) => swap.holdsAnything?.(plan.connection, outgoing) ?? Promise.resolve(false) };
}

/** Returns the name of the database from which tables are extracted for a new database. */
export function extractionName(driver: DbDriver, database: string, restoreId: string): string {
  return driver.tables.copyName(database, 'restore', restoreId.replaceAll('-', '').slice(8, 16));
}
