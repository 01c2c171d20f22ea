import type { Schemas } from '../../api/client.js';

type Job = Schemas['JobEntry'];
export type Ending = Exclude<Job['state'], 'queued' | 'running'>;
/** `work`: what is done with databases and backups. `all`: also what the service does to keep its own house. */
export type Kind = 'work' | 'all' | Job['type'];

/** Which jobs of the past are shown, as the page's address says it, so that it can be reloaded and passed on. */
export interface HistoryAddress {
  ending: Ending | undefined;
  kind: Kind;
  connection: string | undefined;
}

export const ENDINGS: readonly Ending[] = ['succeeded', 'failed', 'cancelled', 'interrupted'];
/** The job types that people ask for, and that schedules start for them. */
export const WORK: readonly Job['type'][] = ['backup', 'restore', 'undo', 'verify', 'adopt', 'retention', 'settle'];
export const HOUSEKEEPING: readonly Job['type'][] = ['expiry', 'sweep', 'catalog_copy'];
const KINDS: readonly Kind[] = ['all', ...WORK, ...HOUSEKEEPING];

/** Reads the address. It ignores what it does not understand: anybody may have written an address. */
export function readHistoryAddress(params: URLSearchParams): HistoryAddress {
  return {
    ending: ENDINGS.find((ending) => ending === params.get('state')),
    kind: KINDS.find((kind) => kind === params.get('type')) ?? 'work',
    connection: params.get('connection') ?? undefined,
  };
}

/** Without what goes without saying. */
export function writeHistoryAddress({ ending, kind, connection }: HistoryAddress): URLSearchParams {
  const params = new URLSearchParams();
  if (ending !== undefined) params.set('state', ending);
  if (kind !== 'work') params.set('type', kind);
  if (connection !== undefined) params.set('connection', connection);
  return params;
}

export const isNarrowed = ({ ending, kind, connection }: HistoryAddress): boolean =>
  ending !== undefined || connection !== undefined || (kind !== 'work' && kind !== 'all');

/** Returns the query for the API. */
export function historyQuery({ ending, kind, connection }: HistoryAddress): {
  state: string;
  type?: string;
  connection_id?: string;
} {
  return {
    state: ending ?? ENDINGS.join(','),
    ...(kind === 'all' ? {} : { type: kind === 'work' ? WORK.join(',') : kind }),
    ...(connection === undefined ? {} : { connection_id: connection }),
  };
}
