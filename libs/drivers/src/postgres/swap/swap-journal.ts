import type { JsonObject } from '@app/domain';

/** The facts that a recovery needs to know, and cannot see on the server. */
export interface SwapState {
  database: string;
  incoming: string;
  outgoing: string;
  /** `pg_database.oid`, which no renaming changes: who bears the name tells which end was reached. */
  targetOid: string;
  incomingOid: string;
  /** Whether people could enter before. */
  targetAllows: boolean;
  incomingAllows: boolean;
  /** The target was made for this, closed: it is not opened where it stays what it is. */
  created: boolean;
  /** The session that swaps: as long as it is there, nothing is decided. */
  backend: { pid: number; since: string };
}

export function stateAsJson(state: SwapState): JsonObject {
  return { version: 1, ...state };
}

/** Returns the state as far as it can be read: a lost journal leaves what the server shows. */
export function stateOf(database: string, json: JsonObject): Partial<SwapState> & { database: string } {
  const text = (key: string): string | undefined => {
    const value = json[key];
    return typeof value === 'string' ? value : undefined;
  };
  const { backend } = json;
  const session = typeof backend === 'object' && backend !== null && !Array.isArray(backend) ? backend : {};
  const { pid, since } = session as Record<string, unknown>;
  const state = {
    incoming: text('incoming'),
    outgoing: text('outgoing'),
    targetOid: text('targetOid'),
    incomingOid: text('incomingOid'),
    targetAllows: json['targetAllows'] === false ? false : undefined,
    incomingAllows: json['incomingAllows'] === false ? false : undefined,
    created: json['created'] === true ? true : undefined,
    backend: typeof pid === 'number' && typeof since === 'string' ? { pid, since } : undefined,
  };
  const known = Object.entries(state).filter(([, value]) => value !== undefined);
  return { database, ...(Object.fromEntries(known) as Partial<SwapState>) };
}
