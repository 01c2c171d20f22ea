import type { ListedBackup, ListedRestore } from './api.js';
import { ANNEX } from './phase.js';
import type { SHORT_PHASES } from './phase.js';
import type { Random } from './random.js';
import { STATES, VISITOR } from './states.js';
import type { State } from './states.js';
import type { EngineName } from './target.js';

/** One call of the API whose service may die. */
export interface Operation {
  kind: keyof typeof SHORT_PHASES;
  /** For the report. */
  words: string;
  method: 'POST' | 'DELETE';
  path: string;
  body: Record<string, unknown>;
  /** Which one it works on. */
  database: string;
  /** What the database holds when it has succeeded. */
  result: State;
  /** In one transaction of the server, of whose end nobody can tell who died. */
  strategy: string;
  /** Somebody reads the target and does not let go of it. */
  held: boolean;
  /** Another session blocks the staging database, so that it can be neither swapped in nor dropped. */
  copyHeld?: boolean;
}

export interface Choices {
  engine: EngineName;
  database: string;
  connectionId: string;
  /** What the database holds now. */
  state: State;
  /** Of this engine, with what they hold. */
  backups: readonly { backup: ListedBackup; state: State }[];
  /** Those that can be undone, with what the target held before. */
  undoable: readonly { restore: ListedRestore; state: State }[];
}

/** From here on they are more than anybody will undo. */
const MANY_COPIES = 4;

const STRATEGIES = {
  postgres: ['auto', 'auto', 'swap', 'swap', 'transaction'],
  mariadb: ['auto', 'auto', 'swap', 'swap', 'safety_backup'],
} as const;

const TABLES = { postgres: ['public.lines', 'public.tags'], mariadb: ['audit', 'tags'] } as const;

/** Draws as many numbers whatever there is to choose from. */
export function chooseOperation(random: Random, choices: Choices): Operation {
  const [what, held, option, source, other] = [random.next(), random.next(), random, random, random.next()];
  if (what < 0.18) return backup(option, choices);
  if (what < 0.24) return tables(source, choices);
  if (what < 0.28 && choices.engine === 'postgres') return globals(source, choices);
  const wanted = what < 0.72 ? { annex: false } : what < 0.78 ? { annex: true } : undefined;
  if (wanted !== undefined) return restore(source, choices, { ...wanted, held: held < 0.2, same: other < 0.15 });
  const { undoable } = choices;
  const oldest = undoable.filter(({ restore }) => restore.undo.copy !== null)[MANY_COPIES];
  if (what < 0.83 && oldest !== undefined) return forget(choices, oldest.restore.id);
  if (what < 0.92 && undoable.length > 0) return undo(choices, held < 0.2, other);
  if (what >= 0.92) return verify(source, choices);
  return restore(source, choices, { annex: false, held: held < 0.2, same: false });
}

function backup(random: Random, { engine, database, connectionId, state }: Choices): Operation {
  const format = engine === 'postgres' ? random.pick(['plain', 'custom']) : 'plain';
  const body = {
    format,
    compression: random.pick(['none', 'zstd']),
    verification: random.pick(['complete', 'stored']),
  };
  const words = `backup ${Object.values(body).join(' ')}`;
  return {
    ...{ kind: 'backup', words, method: 'POST', path: '/api/backup', body: { ...body, connection_id: connectionId } },
    ...{ database, result: state, strategy: '', held: false },
  };
}

function restore(
  random: Random,
  { engine, database, connectionId, state, backups }: Choices,
  { annex, held, same }: { annex: boolean; held: boolean; same: boolean },
): Operation {
  const wanted = same ? state : (STATES.find((other) => other !== state) ?? state);
  const source = random.pick(backups.filter((candidate) => candidate.state === wanted));
  const strategy = annex ? 'auto' : random.pick(STRATEGIES[engine]);
  const file = source.backup.path.split('/').at(-1) ?? '';
  return {
    kind: annex ? 'annex' : 'restore',
    words: `restore ${strategy} of ${file} (${wanted})${annex ? ` into ${ANNEX}` : ''}${held && !annex ? ', held' : ''}`,
    method: 'POST',
    path: '/api/restore',
    body: {
      ...{ connection_id: connectionId, backup_file_path: source.backup.path },
      ...(annex ? { target_database: ANNEX } : { strategy }),
    },
    ...{ database: annex ? ANNEX : database, result: wanted, strategy, held: held && !annex },
    // Rarely, as it takes up to a minute until what is left of it is dropped.
    copyHeld: !annex && !held && strategy === 'swap' && random.chance(0.25),
  };
}

/** Of a backup of what the database holds: so nobody can tell, but by what was kept for an undo. */
function tables(random: Random, { engine, database, connectionId, state, backups }: Choices): Operation {
  const source = random.pick(backups.filter((candidate) => candidate.state === state));
  const names = TABLES[engine];
  return {
    ...{ kind: 'tables', words: `restore ${names.join(', ')} of ${nameOf(source.backup)}`, method: 'POST' },
    path: '/api/restore',
    body: { connection_id: connectionId, backup_file_path: source.backup.path, tables: names },
    ...{ database, result: state, strategy: 'swap', held: false },
  };
}

function globals(random: Random, { database, connectionId, state, backups }: Choices): Operation {
  // There are none but safety backups.
  const { backup: chosen } = random.pick(backups.filter(({ backup: { kind } }) => kind === 'manual'));
  return {
    ...{ kind: 'globals', words: `roles of ${nameOf(chosen)}`, method: 'POST' },
    ...{ path: `/api/backups/${chosen.id}/globals/restore`, body: { connection_id: connectionId, roles: [VISITOR] } },
    ...{ database, result: state, strategy: '', held: false },
  };
}

function nameOf({ path }: ListedBackup): string {
  return path.split('/').at(-1) ?? '';
}

function undo({ engine, database, undoable }: Choices, held: boolean, which: number): Operation {
  // The last one mostly.
  const chosen = undoable[which < 0.7 ? 0 : Math.floor(((which - 0.7) / 0.3) * undoable.length)] ?? undoable[0];
  if (chosen === undefined) throw new Error('There is nothing to undo.');
  const { restore, state } = chosen;
  return {
    ...{ kind: 'undo', words: `undo of ${restore.id.slice(0, 8)} (${state})${held ? ', held' : ''}` },
    ...{ method: 'POST', path: `/api/restores/${restore.id}/undo`, body: {}, database },
    // By the strategy of the restore.
    ...{ result: state, strategy: restore.undo.copy === null ? STRATEGIES[engine][4] : 'swap', held },
  };
}

/** A previous database is dropped before its time. */
function forget({ database, state }: Choices, id: string): Operation {
  return {
    ...{ kind: 'forget', words: `forget what ${id.slice(0, 8)} replaced`, method: 'DELETE' },
    ...{ path: `/api/restores/${id}/undo`, body: {}, database, result: state, strategy: '', held: false },
  };
}

function verify(random: Random, { database, backups, state }: Choices): Operation {
  const { backup } = random.pick(backups);
  return {
    ...{ kind: 'verify', words: `verify restored ${backup.path.split('/').at(-1) ?? ''}`, method: 'POST' },
    ...{ path: `/api/backups/${backup.id}/verify`, body: { level: 'restored' }, database },
    ...{ result: state, strategy: '', held: false },
  };
}
