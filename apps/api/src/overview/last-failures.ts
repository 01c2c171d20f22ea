import { Inject, Injectable } from '@nestjs/common';
import type { Catalog, ConnectionRecord, JobRecord } from '@app/catalog';
import type { JobType } from '@app/domain';
import { CATALOG } from '../foundation/tokens.js';

/** The words for each job type in a sentence about a failure. */
const WORDS: Partial<Record<JobType, string>> = {
  backup: 'backup',
  verify: 'verification',
  restore: 'restore',
  undo: 'undo of a restore',
  retention: 'clean-up of old backups',
};
const WATCHED = Object.keys(WORDS) as JobType[];

/** Finds the last job of a database that failed and that no later success outweighs. */
@Injectable()
export class LastFailures {
  constructor(@Inject(CATALOG) private readonly catalog: Catalog) {}

  /** A later success of the same kind outweighs a failure; so does any later backup. */
  async of(group: readonly ConnectionRecord[]): Promise<JobRecord | undefined> {
    const last = await Promise.all(WATCHED.map((type) => this.lastOf(group, type)));
    const backup = last.find((job) => job?.type === 'backup' && job.state === 'succeeded');
    return last
      .filter((job) => job !== undefined)
      .filter((job) => job.state !== 'succeeded' && timeOf(job) > (backup === undefined ? 0 : timeOf(backup)))
      .toSorted((a, b) => timeOf(b) - timeOf(a))
      .at(0);
  }

  inWords(job: JobRecord): { what: string; message: string } {
    return { what: WORDS[job.type] ?? job.type, message: messageOf(job) };
  }

  private async lastOf(group: readonly ConnectionRecord[], type: JobType): Promise<JobRecord | undefined> {
    const pages = await Promise.all(
      group.map(({ id: connectionId }) =>
        this.catalog.jobs.page({
          ...{ connectionId, types: [type], states: ['failed', 'interrupted', 'succeeded'], limit: 1 },
        }),
      ),
    );
    return pages
      .flatMap(({ rows }) => rows)
      .toSorted((a, b) => timeOf(b) - timeOf(a))
      .at(0);
  }
}

export function messageOf({ failure }: JobRecord): string {
  return failure?.message ?? 'It was interrupted.';
}

function timeOf({ finishedAt, createdAt }: JobRecord): number {
  return finishedAt ?? createdAt;
}
