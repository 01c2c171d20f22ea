import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord } from '@app/catalog';
import { BACKUP_JOB } from '@app/core';
import type { LostBackup } from '@app/core';
import { CATALOG } from '../foundation/tokens.js';

/** How many backups are looked for in the audit trail, newest first, and how much of the trail is read. */
const BACKUPS = 50;
const AUDIT_PAGES = 5;
const AUDIT_PAGE = 200;
/** The name of the action in the audit trail. */
const DELETION = 'DELETE /api/backups/:id';

/** Finds out how a database lost its last backup. */
@Injectable()
export class LostBackups {
  constructor(@Inject(CATALOG) private readonly catalog: Catalog) {}

  /** Undefined where, as far as the catalog knows, there never was a backup. */
  async of(group: readonly ConnectionRecord[]): Promise<LostBackup | undefined> {
    const pages = await Promise.all(
      group.map(({ id: connectionId }) =>
        this.catalog.jobs.page({ connectionId, types: ['backup'], states: ['succeeded'], limit: BACKUPS }),
      ),
    );
    const jobs = pages.flatMap(({ rows }) => rows).filter(({ result }) => result !== null);
    if (jobs.length === 0) return undefined;
    const deletedAt = await this.deletionOf(new Set(jobs.map(({ result }) => BACKUP_JOB.resultOf(result ?? {}).id)));
    const madeAt = Math.max(...jobs.map(({ finishedAt, createdAt }) => finishedAt ?? createdAt));
    // An earlier deletion does not explain why a backup that was made after it is gone.
    return deletedAt !== undefined && deletedAt >= madeAt
      ? { how: 'deleted', at: deletedAt }
      : { how: 'gone', at: madeAt };
  }

  /** When the last of these was deleted by a call; undefined where the trail does not reach back that far. */
  private async deletionOf(ids: ReadonlySet<string>): Promise<number | undefined> {
    let after: string | undefined;
    for (let pages = 0; pages < AUDIT_PAGES; pages += 1) {
      const page = await this.catalog.audit.page({ limit: AUDIT_PAGE, ...(after === undefined ? {} : { after }) });
      const found = page.rows.find(
        ({ action, status, subject }) => action === DELETION && status === 200 && subject !== null && ids.has(subject),
      );
      if (found !== undefined) return found.at;
      if (page.next === undefined) return undefined;
      after = page.next;
    }
    return undefined;
  }
}
