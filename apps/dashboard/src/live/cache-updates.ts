import type { Query, QueryClient } from '@tanstack/react-query';
import type { Schemas } from '../api/client.js';
import type { LiveEvent } from './live-stream.js';

type Job = Schemas['JobEntry'];

/** The paths whose answers an event makes old. A prefix stands for all below it: `/api/backups` for `/api/backups/{id}`. */
const MADE_OLD: Readonly<Record<string, readonly string[]>> = {
  backup: [
    '/api/backups',
    '/api/catalog/backups',
    '/api/overview',
    '/api/settings',
    '/api/connections/{id}/retention',
    '/api/schedules/{id}/retention',
  ],
  verification: ['/api/backups', '/api/catalog/backups', '/api/overview'],
  restore: ['/api/restores', '/api/overview'],
  connection: ['/api/connections', '/api/status', '/api/config', '/api/overview', '/api/schedules', '/api/users'],
  // A schedule may keep its backups by a policy of its own, and then the connection's has fewer to look at.
  schedule: ['/api/schedules', '/api/scheduler', '/api/status', '/api/overview', '/api/connections/{id}/retention'],
  status: ['/api/status', '/api/config', '/api/scheduler', '/api/connections', '/api/overview', '/api/users'],
};
/** When a job has changed its state; its progress alone changes the job, and nothing else. */
const MADE_OLD_BY_JOB = ['/api/jobs', '/api/overview', '/api/schedules', '/api/scheduler'];
/** More paths for jobs of these types, whose changes have no events of their own. */
const MADE_OLD_BY_TYPE: Readonly<Partial<Record<Job['type'], readonly string[]>>> = {
  restore: ['/api/restores'],
  undo: ['/api/restores'],
  settle: ['/api/restores'],
};

export const isOver = (state: Job['state']): boolean => state !== 'queued' && state !== 'running';

/** Makes what is shown say what has just happened. */
export function applyEvent(client: QueryClient, { name, data }: LiveEvent): void {
  if (name === 'reset') {
    void client.invalidateQueries();
  } else if (name === 'job') {
    applyJob(client, data as Job);
  } else {
    makeOld(client, MADE_OLD[name] ?? []);
  }
}

function applyJob(client: QueryClient, job: Job): void {
  const key = jobKey(job.id);
  const known = client.getQueryData<Schemas['JobResponse']>(key);
  if (known !== undefined) {
    // An answer that was under way when the event came may be older than the event.
    void client.cancelQueries({ queryKey: key });
    client.setQueryData<Schemas['JobResponse']>(key, { ...known, job: { ...known.job, ...job } });
  }
  let changed = known !== undefined && known.job.state !== job.state;
  let listed = false;
  client.setQueriesData<Schemas['JobsResponse']>({ queryKey: ['get', '/api/jobs'] }, (list) => {
    const old = list?.jobs?.find(({ id }) => id === job.id);
    if (list === undefined || old === undefined) return list;
    listed = true;
    changed ||= old.state !== job.state;
    return { ...list, jobs: list.jobs.map((other) => (other.id === job.id ? job : other)) };
  });
  if (known === undefined && !listed) changed = true;
  // The log is not in the event; while the job runs, who shows it asks for it.
  if (changed || isOver(job.state)) makeOld(client, [...MADE_OLD_BY_JOB, ...(MADE_OLD_BY_TYPE[job.type] ?? [])]);
}

function makeOld(client: QueryClient, paths: readonly string[]): void {
  const predicate = ({ queryKey: [, path] }: Query): boolean =>
    typeof path === 'string' && paths.some((old) => path === old || path.startsWith(`${old}/`));
  // An answer under way may be older than the event. It is asked for anew, unless it would be the first: that one is
  // waited for, so that something is shown however quickly events follow each other, and asked for once more.
  const first = client
    .getQueryCache()
    .findAll({ predicate, fetchStatus: 'fetching' })
    .filter(({ state }) => state.data === undefined);
  const asked = client.invalidateQueries({ predicate });
  if (first.length > 0) {
    void asked.then(() => client.invalidateQueries({ predicate: (query) => first.includes(query) }));
  }
}

/** Returns the key of the query for one job. */
export const jobKey = (id: string) => ['get', '/api/jobs/{id}', { params: { path: { id } } }] as const;
