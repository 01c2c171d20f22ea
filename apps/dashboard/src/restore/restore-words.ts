import type { Schemas } from '../api/client.js';
import { formatCount } from '../format/format.js';

type Plan = Schemas['RestorePlanEntry'];
export type Strategy = Plan['strategy'];
type Choice = NonNullable<Schemas['RestoreRequestBody']['strategy']>;

/** A strategy in a few words, for lists. */
export const STRATEGY_WORDS: Readonly<Record<Strategy, string>> = {
  swap: 'Staging database, then swap',
  transaction: 'In place, in one transaction',
  safety_backup: 'In place, over a safety backup',
  new: 'Into a new database',
};

/** Says what a strategy means for those who use the database meanwhile. */
export function strategyMeaning({ strategy, tables, staged }: Pick<Plan, 'strategy' | 'tables' | 'staged'>): string {
  if (strategy === 'new') {
    return tables === null
      ? 'The database is made, and the backup is loaded into it. Nothing is replaced.'
      : 'The database is made, and only these tables are loaded into it. Nothing is replaced.';
  }
  if (strategy === 'transaction') {
    return 'A safety backup is made first. Then the backup is loaded into the living database in one transaction: whoever wants to read or write a table that it replaces waits until it ends. If anything fails, nothing has changed.';
  }
  if (strategy === 'safety_backup' && staged === true) {
    return 'The backup is loaded into a staging database and compared there. Then a safety backup is made, the living database is emptied, and the tables move in: until then whoever reads is told that they are not there. If that fails, the safety backup is put back.';
  }
  if (strategy === 'safety_backup') {
    return 'A safety backup is made first. Then the backup is loaded into the living database: whoever reads meanwhile may find tables missing or half full. If the load fails, the safety backup is put back.';
  }
  return tables === null
    ? 'Loaded into a staging database, compared, then swapped in. Readers see the old data until then, and are locked out for a moment at the end.'
    : 'Loaded into a staging database, compared, then swapped with the present tables in one step. Readers see the old data until then. Other tables stay as they are.';
}

/** The strategies of an engine, each with its meaning. */
export function strategyOptions(
  engine: 'PostgreSQL' | 'MySQL',
): { value: Choice; label: string; description: string }[] {
  return [
    {
      value: 'auto',
      label: 'Automatic',
      description: 'Through a staging database and a swap where possible, else in place. The plan says which.',
    },
    {
      value: 'swap',
      label: 'Staging database, then swap, or not at all',
      description: 'Refuses if there is a blocker, and names it.',
    },
    engine === 'PostgreSQL'
      ? {
          value: 'transaction',
          label: 'In place, in one transaction',
          description: 'Needs no right to make databases. Readers and writers wait until it is over.',
        }
      : {
          value: 'safety_backup',
          label: 'In place, over a safety backup',
          description: 'For what cannot be swapped. The tables are missing for the time in which they are replaced.',
        },
  ];
}

export const DEFINER_OPTIONS = [
  { value: 'keep', label: 'The accounts that the backup names' },
  { value: 'current_user', label: 'The account of the connection' },
  { value: 'skip', label: 'Those accounts; leave out what belongs to missing ones' },
] as const;

export const COLLATION_OPTIONS = [
  { value: 'keep', label: 'Do not restore, and name them' },
  { value: 'map', label: 'Take the nearest that the server has' },
] as const;

/** How restored data may be compared. */
export const COMPARE_OPTIONS = [
  { value: 'default', label: 'As the settings say' },
  { value: 'content', label: 'Every value, where the backup has checksums' },
  { value: 'counts', label: 'Objects and rows: cheaper' },
] as const;

/** In the order of what people ask for first. What is left out comes with these: indexes, constraints, types. */
const TOLD_KINDS = [
  'tables',
  'partitioned_tables',
  'foreign_tables',
  'views',
  'materialized_views',
  'sequences',
  'functions',
  'procedures',
  'triggers',
  'events',
  'large_objects',
];
/** Which an empty database has as well. */
const ALWAYS_THERE = ['schemas', 'extensions'];

const countsOf = (objects: object | null): Readonly<Record<string, number>> =>
  (objects ?? {}) as Readonly<Record<string, number>>;

/** `12 tables, 3 views`; undefined when none of them is there. */
export function objectWords(objects: object | null, locale?: string): string | undefined {
  const counts = countsOf(objects);
  const told = TOLD_KINDS.filter((kind) => (counts[kind] ?? 0) > 0).map((kind) => {
    const count = counts[kind] ?? 0;
    const words = kind.replaceAll('_', ' ');
    return `${formatCount(count, locale)} ${count === 1 ? words.replace(/s$/, '') : words}`;
  });
  return told.length === 0 ? undefined : told.join(', ');
}

/** Whether something would be lost to view, so that it must be confirmed by name. */
export function replacesData({
  strategy,
  target,
}: Pick<Plan, 'strategy'> & { target: { objects: object | null } }): boolean {
  if (strategy === 'new') return false;
  return Object.entries(countsOf(target.objects)).some(([kind, count]) => count > 0 && !ALWAYS_THERE.includes(kind));
}

/** `table orders`, `3 tables`; undefined for everything. */
export function tableWords(tables: readonly string[] | null): string | undefined {
  if (tables === null) return undefined;
  return tables.length === 1 ? `table ${tables[0] ?? ''}` : `${formatCount(tables.length)} tables`;
}

/**
 * What became of the database when a restore did not succeed, or undefined where the API's own words say it, or nobody
 * knows: then nothing is claimed here. Over a safety backup it always says it.
 */
export function fateWords(
  job: { state: string; error: { message: string; hint: string | null } | null },
  database: string,
  strategy: Strategy | null,
): string | undefined {
  if (job.state === 'interrupted') {
    return `The service ended in the middle. “${database}” is brought to one of its two ends, wholly the old or wholly the new one, as soon as the service and its server are there again.`;
  }
  const told = `${job.error?.message ?? ''} ${job.error?.hint ?? ''}`;
  if (strategy === 'safety_backup') return undefined;
  if (/nothing (was|has been) changed|put back|incomplete now|not known|wholly the old/i.test(told)) return undefined;
  return strategy === 'new' ? 'Nothing was replaced.' : `“${database}” is as it was before.`;
}
