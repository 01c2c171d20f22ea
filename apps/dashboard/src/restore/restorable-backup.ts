import type { Schemas } from '../api/client.js';

/** What the restore dialog must know of a backup file. */
export type RestorableBackup = Pick<Schemas['CatalogedBackup'], 'path' | 'filename' | 'database' | 'db_type'> & {
  /** null: the catalog does not know it. */
  id: string | null;
};
