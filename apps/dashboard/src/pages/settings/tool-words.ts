import type { Schemas } from '../../api/client.js';

export type ToolKey = keyof Schemas['ToolPathsEntry'];
type Found = Schemas['ToolDetails'];

export const TOOLS: readonly { key: ToolKey; name: string; purpose: string; packages: string }[] = [
  {
    key: 'pg_dump_path',
    name: 'pg_dump',
    purpose: 'Backs up PostgreSQL databases.',
    packages: 'postgresql-client',
  },
  {
    key: 'pg_restore_path',
    name: 'pg_restore',
    purpose: 'Restores PostgreSQL archives.',
    packages: 'postgresql-client',
  },
  {
    key: 'mysqldump_path',
    name: 'mysqldump',
    purpose: 'Backs up MySQL and MariaDB databases. MariaDB calls it mariadb-dump.',
    packages: 'mariadb-client or mysql-client',
  },
  {
    key: 'mysql_path',
    name: 'mysql',
    purpose: 'Restores MySQL and MariaDB databases. MariaDB calls it mariadb.',
    packages: 'mariadb-client or mysql-client',
  },
];

export type ToolState =
  /** Nobody has set a path; the best of what was found. */
  | { kind: 'found'; path: string; version: string; others: Found['all'] }
  /** The path that was set by hand, and nothing else. */
  | { kind: 'set'; path: string; version: string }
  /** The path that was set by hand cannot be run any more: what needs it fails, whatever else is there. */
  | { kind: 'broken'; path: string }
  | { kind: 'missing' };

export function toolState(set: string, found: Found | undefined): ToolState {
  const all = found?.all ?? [];
  if (set !== '') {
    const used = all.find(({ path }) => path === set);
    return used === undefined ? { kind: 'broken', path: set } : { kind: 'set', path: set, version: wordsOf(used) };
  }
  const [best, ...others] = all;
  if (best === undefined) return { kind: 'missing' };
  return { kind: 'found', path: best.path, version: wordsOf(best), others };
}

/** `PostgreSQL 15.20`. */
export const wordsOf = ({ flavour, version }: { flavour: string; version: string }): string => `${flavour} ${version}`;
