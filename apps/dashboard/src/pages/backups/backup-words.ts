import type { Schemas } from '../../api/client.js';

export type Backup = Schemas['CatalogedBackup'];

const KINDS: Readonly<Record<NonNullable<Backup['kind']>, string>> = {
  manual: 'By hand',
  scheduled: 'Scheduled',
  safety: 'Safety backup',
};
const FORMATS: Readonly<Record<NonNullable<Backup['format']>, string>> = {
  plain: 'SQL',
  custom: 'pg_dump archive',
  tar: 'tar archive',
  directory: 'pg_dump folder in a tar',
};

/** Why it was made; null of a file that came from elsewhere. */
export const kindOf = ({ kind }: Pick<Backup, 'kind'>): string | null => (kind === null ? null : KINDS[kind]);

/** `SQL, zstd`; null where nobody can tell. */
export function formatOf({ format, compression }: Pick<Backup, 'format' | 'compression'>): string | null {
  if (format === null) return null;
  return compression === null || compression === 'none' ? FORMATS[format] : `${FORMATS[format]}, ${compression}`;
}

/** `./backups/weekly` of `./backups/weekly/shop.sql`. */
export const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '.';

/** Whether it must be said where each of them is: two folders may hold files of one name. */
export const areInSeveralFolders = (backups: readonly Pick<Backup, 'path'>[]): boolean =>
  new Set(backups.map(({ path }) => folderOf(path))).size > 1;

const FOREIGN: Readonly<Record<NonNullable<Backup['foreign_because']>, string>> = {
  unsigned: 'Its manifest is not signed.',
  altered: 'Its manifest was altered after it was signed.',
  other_installation: 'Its manifest was signed by another installation.',
};

/** Why a backup with a manifest counts as foreign; undefined for a file without a manifest. */
export const foreignWords = ({ foreign_because: because }: Pick<Backup, 'foreign_because'>): string | undefined =>
  because === null ? undefined : FOREIGN[because];

/** Whether it is complete and no verification failed. */
export const isWhole = ({ status, verification }: Pick<Backup, 'status' | 'verification'>): boolean =>
  status === 'complete' && !verification?.failed;

/** Whether it was verified by a restore, and no later verification failed. */
export const isVerified = (backup: Pick<Backup, 'status' | 'verification'>): boolean =>
  isWhole(backup) && backup.verification?.level === 'restored';

/** Whether a restore would even begin: what is damaged is refused. */
export const isRestorable = ({ status }: Pick<Backup, 'status'>): boolean => status !== 'damaged';

/** Whether this service wrote it, so that it can verify, keep and delete it. */
export const isOurs = ({ status }: Pick<Backup, 'status'>): boolean => status !== 'foreign';
