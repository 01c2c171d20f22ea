import type { Schemas } from '../../api/client.js';
import { formatBytes, formatCount } from '../../format/format.js';

type Job = Pick<Schemas['JobEntry'], 'type'> & { result: object | null };

/** The result of a job in words, with the page where it can be looked at. */
export interface Result {
  words: string;
  link?: { to: string; label: string };
}

/** The answers of jobs that the API's document does not spell out, one shape for each type. */
interface Results {
  backup?: { id: string; filename: string; size: number };
  restore?: { database: string; path?: string; tables?: readonly string[] | null };
  /** The level that this job verified; `verification` has the level of the backup in the end. */
  checked?: keyof typeof VERIFICATIONS;
  verification?: { level: keyof typeof VERIFICATIONS };
  kept?: number;
  removed?: readonly unknown[];
  bytes?: number;
  dropped?: readonly string[];
  failed?: readonly string[];
  completed?: readonly string[];
}

const VERIFICATIONS = {
  complete: 'The file is complete.',
  stored: 'Read back from storage: its SHA-256 is that of what was written.',
  restored: 'Restored on a verification server, and compared with what was backed up.',
} as const;

/** Returns the result of a job that succeeded; undefined where nothing is to be said beyond that. */
export function resultOf({ type, result }: Job): Result | undefined {
  if (result === null) return undefined;
  const told = result as Results;
  switch (type) {
    case 'backup':
      return told.backup === undefined ? undefined : backupMade(told.backup);
    case 'restore':
    case 'undo':
      return told.restore === undefined ? undefined : restored(type, told.restore);
    case 'verify':
      return told.verification === undefined
        ? undefined
        : { words: VERIFICATIONS[told.checked ?? told.verification.level] };
    case 'adopt':
      return { words: 'The file is what its manifest says, and the backup is one of this installation now.' };
    case 'retention':
      return { words: retained(told) };
    case 'expiry':
      return { words: expired(told) };
    case 'sweep':
      return { words: swept(told) };
    case 'settle':
      return { words: 'The interrupted restore was finished or rolled back.' };
    case 'catalog_copy':
      return { words: 'A copy of the catalog was stored with the backups.' };
  }
}

function backupMade({ id, filename, size }: NonNullable<Results['backup']>): Result {
  return {
    words: `A backup of ${formatBytes(size)}:`,
    link: { to: `/backups/${encodeURIComponent(id)}`, label: filename },
  };
}

function restored(type: 'restore' | 'undo', { database, path, tables }: NonNullable<Results['restore']>): Result {
  const what = tables?.length ? `${counted(tables.length, 'table')} of “${database}”` : `“${database}”`;
  const verb = (tables?.length ?? 1) > 1 ? 'are' : 'is';
  const file = path?.split('/').at(-1);
  const words =
    type === 'undo' ? `${what} ${verb} as before the restore.` : `${what} ${verb} as in ${file ?? 'the backup'}.`;
  return { words, link: { to: '/restores', label: 'Restores' } };
}

function retained({ kept = 0, removed = [], bytes = 0 }: Results): string {
  if (removed.length === 0) return `Nothing had to go; ${formatCount(kept)} kept.`;
  return `${counted(removed.length, 'backup')} removed, ${formatCount(kept)} kept; ${formatBytes(bytes)} freed.`;
}

function expired({ dropped = [], failed = [] }: Results): string {
  const gone =
    dropped.length === 0 ? 'Nothing had expired.' : `${counted(dropped.length, 'previous database')} dropped.`;
  return failed.length === 0
    ? gone
    : `${gone} ${counted(failed.length, 'previous database')} could not be dropped yet.`;
}

function swept({ completed = [], removed = [] }: Results): string {
  const done = [
    ...(completed.length > 0 ? [`${counted(completed.length, 'backup')} finished publishing`] : []),
    ...(removed.length > 0 ? [`${counted(removed.length, 'leftover')} removed`] : []),
  ];
  return done.length === 0 ? 'Nothing was left over.' : `${done.join(', ')}.`;
}

const counted = (count: number, noun: string): string => `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
