import type { ManifestSigner } from '@app/artifact';
import type { BackupRow, Catalog } from '@app/catalog';
import type { ArtifactFolder, Clock, Logger, Manifest, RetentionPolicy } from '@app/domain';
import { folderOf, messageOf, textOfFolder } from '@app/domain';
import type { BackupLocation, StorageRegistry } from '@app/storage';
import type { BackupIndex } from '../inventory/backup-index.js';
import { recordOfRow } from '../inventory/backup-record.js';
import type { BackupRecord } from '../inventory/backup-record.js';
import { RetentionGroups } from './retention-group.js';
import type { RetentionGroup, RetentionSubject } from './retention-group.js';
import { decide, newestFirst } from './retention-policy.js';
import type { Verdict } from './retention-policy.js';

export interface RetentionServiceParts {
  catalog: Catalog;
  storages: StorageRegistry;
  signer: ManifestSigner;
  index: Pick<BackupIndex, 'sync' | 'syncEverywhere' | 'refresh' | 'removed'>;
  clock: Clock;
  logger: Logger;
  /** The policy where neither schedule nor connection has one. Its `keepLast` is also the count of safety backups. */
  defaultPolicy: RetentionPolicy;
  /** The IANA name of the zone whose calendar the policies of connections and the default use. */
  timezone: string;
}

export interface RetentionOutcome {
  kept: number;
  removed: { id: string; path: string; reasons: string[] }[];
  /** The bytes that were freed. */
  bytes: number;
}

export interface RetentionPreview {
  /** The policy in force, or the one that was asked for. */
  policy: RetentionPolicy;
  timezone: string;
  /** The list has the newest first. */
  keep: JudgedBackup[];
  remove: JudgedBackup[];
  keepBytes: number;
  removeBytes: number;
}

export interface JudgedBackup {
  record: BackupRecord;
  reasons: string[];
}

interface Judgement {
  keep: Verdict<BackupRow>[];
  remove: Verdict<BackupRow>[];
}

const ORPHAN = 'what made it was deleted: it goes only when retention is applied by hand';

/**
 * Removes backups that the policies do not keep. The backups of one database in one folder are judged together, see
 * {@link RetentionGroup} and `decide`. A change of a setting deletes nothing (FAILURES 50): only a new backup does, or a person
 * who applies the policy. Only a person removes the backups of a deleted schedule or connection.
 */
export class RetentionService {
  private readonly groups: RetentionGroups;

  constructor(private readonly parts: RetentionServiceParts) {
    const { keepLast } = parts.defaultPolicy;
    if (keepLast !== undefined && (!Number.isInteger(keepLast) || keepLast < 1)) {
      throw new RangeError('Retention keeps at least one backup.');
    }
    this.groups = new RetentionGroups(parts);
  }

  /**
   * To be called after `made` was published. `made` itself is never deleted, even if the clock was set back. With `failures`,
   * `made` failed its verification, so that no policy may remove older good backups; only failures of its kind are removed.
   */
  async apply(
    folder: ArtifactFolder,
    made: Manifest,
    what: 'policy' | 'failures' = 'policy',
  ): Promise<RetentionOutcome> {
    const group = await this.groups.ofBackup(made);
    if (group === undefined) return { kept: 1, removed: [], bytes: 0 };
    await this.parts.index.sync(folder);
    const rows = await this.rowsOf(group, folder);
    const memberships = await this.groups.membershipsIn(group, rows);
    const members = rows.filter((row) => memberships.get(row) === 'member');
    const judged = what === 'policy' ? group : { ...group, policy: {} };
    return this.carryOut(await this.judge(judged, members, made.id));
  }

  /** Tells what {@link applyNow} would do with the present or another policy. Deletes nothing. */
  async preview(question: RetentionSubject & { policy?: RetentionPolicy }): Promise<RetentionPreview> {
    const groups = await this.groups.ofSubject(question, question.policy);
    const judgement = await this.judgeByHand(groups);
    const [keep, remove] = await Promise.all([this.shown(judgement.keep), this.shown(judgement.remove)]);
    return {
      policy: groups[0]?.policy ?? this.parts.defaultPolicy,
      timezone: groups[0]?.timezone ?? this.parts.timezone,
      keep,
      remove,
      keepBytes: bytesOf(keep),
      removeBytes: bytesOf(remove),
    };
  }

  /** Applies the policy for a person, so that it also judges the backups of a deleted schedule or connection. */
  async applyNow(subject: RetentionSubject): Promise<RetentionOutcome> {
    return this.carryOut(await this.judgeByHand(await this.groups.ofSubject(subject)));
  }

  private async judgeByHand(groups: readonly RetentionGroup[]): Promise<Judgement> {
    await this.parts.index.syncEverywhere();
    const whole: Judgement = { keep: [], remove: [] };
    for (const group of groups) {
      const rows = await this.rowsOf(group);
      const memberships = await this.groups.membershipsIn(group, rows);
      const members = rows.filter((row) => memberships.get(row) !== 'other');
      for (const some of Map.groupBy(members, (row) => textOfFolder(folderOf(row))).values()) {
        const judged = await this.judge(group, some);
        for (const { backup, reasons } of [...judged.keep, ...judged.remove]) {
          if (memberships.get(backup) === 'orphan') reasons.push(ORPHAN);
        }
        whole.keep.push(...judged.keep);
        whole.remove.push(...judged.remove);
      }
    }
    return { keep: whole.keep.toSorted(byTime), remove: whole.remove.toSorted(byTime) };
  }

  /** Returns the backups as the files are now, not as the catalog last saw them. */
  private async rowsOf({ databaseKey }: RetentionGroup, folder?: ArtifactFolder): Promise<BackupRow[]> {
    const { catalog, index } = this.parts;
    const rows = await catalog.backups.ofDatabase(databaseKey, {
      ...(folder === undefined ? {} : { folder }),
      failed: true,
    });
    return index.refresh(rows);
  }

  private async judge(group: RetentionGroup, rows: readonly BackupRow[], made?: string): Promise<Judgement> {
    const { backups, restores } = this.parts.catalog;
    const ids = rows.map(({ id }) => id);
    const pinned = await backups.pinned(ids);
    const needed = new Set((await restores.needing(ids)).keys());
    const { policy, timezone } = group;
    const now = this.parts.clock.now();
    return decide(policy, rows, { now, timezone, pinned, needed, ...(made === undefined ? {} : { made }) });
  }

  private async carryOut({ keep, remove }: Judgement): Promise<RetentionOutcome> {
    const outcome: RetentionOutcome = { kept: keep.length, removed: [], bytes: 0 };
    for (const { backup, reasons } of remove.toReversed()) {
      const location = await this.parts.storages.location(folderOf(backup));
      if (location !== undefined && (await this.remove(backup, location, reasons))) {
        outcome.removed.push({ id: backup.id, path: location.display(backup.filename), reasons });
        outcome.bytes += backup.size;
      } else {
        outcome.kept += 1;
      }
    }
    return outcome;
  }

  /** Removes the backups one by one, the oldest first, and only those that are still the backup that was judged. */
  private async remove(backup: BackupRow, location: BackupLocation, reasons: readonly string[]): Promise<boolean> {
    const { storages, index, logger } = this.parts;
    const shown = location.display(backup.filename);
    if (!(await this.isStill(backup))) {
      logger.warn({ backup: shown }, 'a backup was not expired: it was changed, pinned or needed meanwhile');
      return false;
    }
    await storages.of(backup).remove(backup.key);
    logger.info({ backup: shown, database: backup.database, reasons }, 'backup expired');
    await index.removed(backup, 'expired').catch((error: unknown) => {
      logger.warn({ err: error, backup: shown }, `the catalog lags behind: ${messageOf(error)}`);
    });
    return true;
  }

  private async isStill(backup: BackupRow): Promise<boolean> {
    const { storages, catalog } = this.parts;
    const storage = storages.of(backup);
    const file = await storage.stat(backup.key);
    const manifest = this.parts.signer.ownManifest(await storage.readManifest(backup.key), backup.filename);
    return (
      file?.size === backup.size &&
      manifest?.id === backup.id &&
      manifest.artifact === backup.filename &&
      manifest.size === backup.size &&
      manifest.started_at === backup.manifest?.started_at &&
      !(await catalog.backups.pinned([backup.id])).has(backup.id) &&
      !(await catalog.restores.needing([backup.id])).has(backup.id)
    );
  }

  private async shown(verdicts: readonly Verdict<BackupRow>[]): Promise<JudgedBackup[]> {
    const { storages, catalog } = this.parts;
    const pinned = await catalog.backups.pinned(verdicts.map(({ backup }) => backup.id));
    const shown: JudgedBackup[] = [];
    for (const { backup, reasons } of verdicts) {
      const location = await storages.location(folderOf(backup));
      if (location === undefined) continue;
      shown.push({ record: recordOfRow(backup, location, pinned.has(backup.id)), reasons });
    }
    return shown;
  }
}

function byTime(a: Verdict<BackupRow>, b: Verdict<BackupRow>): number {
  return newestFirst(a.backup, b.backup);
}

function bytesOf(backups: readonly JudgedBackup[]): number {
  return backups.reduce((sum, { record }) => sum + record.size, 0);
}
