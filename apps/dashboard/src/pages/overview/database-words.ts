import type { Schemas } from '../../api/client.js';

export type DatabaseState = Schemas['OverviewDatabase'];

export interface VerdictWords {
  tone: 'good' | 'warn' | 'bad';
  headline: string;
  /** A sentence for each database that needs somebody. */
  details: string[];
}

const DETAILS_SHOWN = 3;

/** Whether there was a backup, but none is whole any more: what fails its verification does not count. */
export const hasLostAll = ({ last_backup: last, last_failure: failure }: DatabaseState): boolean =>
  last === null && failure?.type === 'verify';

/** What is wrong with a database's protection, as the end of a sentence; undefined when nothing is. */
export function lackOf(state: DatabaseState): string | undefined {
  const { restorable, last_failure: failure } = state;
  if (hasLostAll(state)) return 'has no whole backup: the last one failed its verification';
  if (!restorable) return 'has no backup yet';
  if (failure === null) return undefined;
  return failure.type === 'backup' ? 'failed to back up last time' : 'failed its last verification';
}

/** One sentence for all of them. */
export function verdictOf(databases: readonly DatabaseState[]): VerdictWords {
  const lost = databases.filter(({ restorable }) => !restorable);
  const troubled = databases.filter((state) => state.restorable && lackOf(state) !== undefined);
  const all = databases.length;
  const details = [...lost, ...troubled].map((state) => `${state.connection.name} ${lackOf(state) ?? ''}.`);
  const shown = details.slice(0, DETAILS_SHOWN);
  if (details.length > shown.length) shown.push(`And ${details.length - shown.length} more.`);
  if (lost.length > 0) {
    const headline =
      all === 1
        ? 'The database could not be restored right now'
        : `${lost.length} of ${all} databases could not be restored right now`;
    return { tone: 'bad', headline, details: shown };
  }
  const those = all === 1 ? 'The database' : all === 2 ? 'Both databases' : `All ${all} databases`;
  const headline = `${those} could be restored right now`;
  if (troubled.length > 0) return { tone: 'warn', headline: `${headline}, but look at this`, details: shown };
  return { tone: 'good', headline, details: provenDetails(databases) };
}

function provenDetails(databases: readonly DatabaseState[]): string[] {
  const proven = databases.filter(({ proof }) => proof === 'restored').length;
  if (proven === databases.length) return ['The newest backup of each was proven by a restore.'];
  const rest = databases.length - proven;
  return [
    proven === 0
      ? 'Read back from storage, but not yet proven by a restore: verify one by restore to be sure.'
      : `${proven} proven by a restore, ${rest} not yet.`,
  ];
}

/** `12 backups, 1.2 MB to 3.4 MB`: what a trend shows, for those who do not see it. */
export function trendWords(sizes: readonly { size: number }[], format: (bytes: number) => string): string {
  const bytes = sizes.map(({ size }) => size);
  const range = `${format(Math.min(...bytes))} to ${format(Math.max(...bytes))}`;
  return `Sizes of the last ${bytes.length} backups: ${range}`;
}
