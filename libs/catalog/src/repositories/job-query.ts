import type { SelectQueryBuilder, SqlBool } from 'kysely';
import { sql } from 'kysely';
import { isBefore } from './positions.js';
import type { JobQuery } from '../records.js';
import type { Session } from '../session.js';
import type { Tables } from '../rows/tables.js';

/** The condition must have the same text as that of the index, or SQLite does not use the index. */
export const UNFINISHED = sql<SqlBool>`state in ('queued', 'running')`;

type JobRows = SelectQueryBuilder<Tables, 'jobs', Tables['jobs']>;

/**
 * Lists the newest first. An index holds each requested state (or else each type) in order, and a page needs only its first
 * rows: so a page costs the same for any number of jobs.
 */
export function pageOfJobs(
  db: Session['db'],
  { states, types, connectionId, scheduleId, limit }: JobQuery,
  position: readonly [number, string] | undefined,
): Promise<Tables['jobs'][]> {
  const one = (narrow: (query: JobRows) => JobRows): JobRows => {
    let query = narrow(db.selectFrom('jobs').selectAll());
    if (connectionId !== undefined) query = query.where('connectionId', '=', connectionId);
    if (scheduleId !== undefined) query = query.where('scheduleId', '=', scheduleId);
    if (position !== undefined) query = query.where(isBefore(['createdAt', 'id'], position));
    return query.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(limit);
  };
  const ofTypes = (query: JobRows): JobRows => (types === undefined ? query : query.where('type', 'in', types));
  const branches =
    states === undefined
      ? types?.map((type) => one((query) => query.where('type', '=', type)))
      : states.map((state) => one((query) => ofTypes(query.where('state', '=', state))));
  if (branches === undefined) return one((query) => query).execute();
  const [first, ...others] = branches.map((branch) => db.selectFrom(branch.as('branch')).selectAll());
  if (first === undefined) return Promise.resolve([]);
  return others
    .reduce((all, other) => all.unionAll(other), first)
    .orderBy('createdAt', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute();
}
