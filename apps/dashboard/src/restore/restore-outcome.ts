import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';

type Job = Schemas['JobEntry'];

/** The outcome of a restore or an undo, as its job tells it. */
export type Outcome = Omit<Schemas['RestoreDetails'], 'undo'>;

/** Returns the outcome of a job that succeeded. */
export function outcomeOf({ result }: Pick<Job, 'result'>): Outcome | undefined {
  return (result as { restore?: Outcome } | null)?.restore;
}

/** The record of a restore, with whether it can be undone: that changes with time, and events tell. */
export function useRestoreRecord(id: string | null | undefined): Schemas['RestoreEntry'] | undefined {
  const { data } = $api.useQuery(
    'get',
    '/api/restores/{id}',
    { params: { path: { id: id ?? '' } } },
    { enabled: id !== null && id !== undefined },
  );
  return data?.restore;
}
