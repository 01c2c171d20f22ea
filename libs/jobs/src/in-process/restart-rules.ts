import { randomUUID } from 'node:crypto';
import type { Catalog, JobRecord } from '@app/catalog';
import type { JobStates } from './job-states.js';

/** How often an interrupted backup is repeated, since it may crash the service each time. */
const MOST_REPEATS = 5;

/** Returns the job that repeats an interrupted one; undefined for jobs other than scheduled backups, which are not repeated. */
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
 * Ends or takes over the jobs of a dead instance, if nobody else does: running jobs become `interrupted`, and scheduled backups
 * are repeated; queued jobs go to the queue of this instance, or become `interrupted` if nobody waits for them any more. It is one
 * transaction. Returns the interrupted jobs; undefined when another instance has done this.
 */
export function accountFor(
  catalog: Catalog,
  states: JobStates,
  dead: string,
  heir: string,
  now: number,
): Promise<JobRecord[] | undefined> {
  return catalog.transaction(async (inside) => {
    const { instances, jobs } = inside;
    if (!(await instances.bury(dead))) return undefined;
    const interrupted: JobRecord[] = [];
    for (const job of await jobs.unfinished(dead)) {
      const change = changeOf(job);
      const changed = change && (await jobs.update(job.id, [job.state], { ...change, finishedAt: now }));
      if (changed === undefined) continue;
      interrupted.push(changed);
      const repeat = job.state === 'running' ? repeatOf(job, heir, now) : undefined;
      if (repeat !== undefined) await jobs.insert([repeat]);
      else await states.appendFailure(inside, changed);
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
