import { randomUUID } from 'node:crypto';
import type { Catalog, JobRecord } from '@app/catalog';

/** A backup that takes the service down with it, each time, ends here. */
const MOST_REPEATS = 5;

/** The job that repeats an interrupted one; undefined for what is not repeated: only scheduled backups are. */
export function repeatOf(job: JobRecord, owner: string, now: number): JobRecord | undefined {
  const wanted = job.type === 'backup' && job.scheduleId !== null && !job.abandonedByRestart;
  if (!wanted || job.cancelRequestedAt !== null) return undefined;
  const [, key, number = '1'] = /^(.*?)(?:#(\d+))?$/s.exec(job.uniqueKey ?? job.id) ?? [];
  const next = Number(number) + 1;
  if (next > MOST_REPEATS + 1) return undefined;
  return {
    ...job,
    id: randomUUID(),
    state: 'queued',
    uniqueKey: `${key}#${next}`,
    retryOf: job.id,
    result: null,
    failure: null,
    progress: null,
    log: [],
    attempt: 0,
    runAfter: now,
    owner,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
  };
}

/**
 * Accounts for the jobs of a dead instance, if nobody else does: what ran is `interrupted`, and repeated where that is
 * the rule; what waited goes to the heir's queue, or is `interrupted` if nobody waits for it any more. All or nothing.
 * Returns the jobs that were interrupted; undefined when somebody else has accounted for them.
 */
export function accountFor(
  catalog: Catalog,
  dead: string,
  heir: string,
  now: number,
): Promise<JobRecord[] | undefined> {
  return catalog.transaction(async ({ instances, jobs }) => {
    if (!(await instances.bury(dead))) return undefined;
    const interrupted: JobRecord[] = [];
    for (const job of await jobs.unfinished(dead)) {
      const change = changeOf(job);
      const changed = change && (await jobs.update(job.id, [job.state], { ...change, finishedAt: now }));
      if (changed === undefined) continue;
      interrupted.push(changed);
      const repeat = job.state === 'running' ? repeatOf(job, heir, now) : undefined;
      if (repeat !== undefined) await jobs.insert([repeat]);
    }
    await jobs.adopt(dead, heir);
    return interrupted;
  });
}

function changeOf({ state, abandonedByRestart }: JobRecord): Partial<JobRecord> | undefined {
  if (state === 'running') {
    return {
      state: 'interrupted',
      failure: { code: 'INTERRUPTED', message: 'The service ended while the job ran.' },
    };
  }
  if (!abandonedByRestart) return undefined;
  return {
    state: 'interrupted',
    failure: { code: 'INTERRUPTED', message: 'The service ended before the job could begin. Nothing was changed.' },
  };
}
