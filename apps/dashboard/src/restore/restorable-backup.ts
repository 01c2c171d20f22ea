import type { Schemas } from '../api/client.js';

/** The facts about a backup file that the restore dialog must know. */
export type RestorableBackup = Pick<Schemas['CatalogedBackup'], 'path' | 'filename' | 'database' | 'db_type'> & {
  /** null: the catalog does not know it. */
  id: string | null;
};
