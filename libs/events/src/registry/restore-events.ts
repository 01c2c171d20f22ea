import type { Failure } from '@app/domain';
import { event } from './event-type.js';

interface OfRestore {
  restoreId: string;
  connectionId: string | null;
  database: string;
}

export const RESTORE_EVENTS = {
  /** A database has the content of a backup now. */
  RestoreSucceeded: event<OfRestore & { jobId: string | null; backupId: string | null; strategy: string | null }>(),
  /** A restore or undo job has ended for good without success. The database is as it was, unless the failure says something else. */
  RestoreFailed: event<{
    jobId: string;
    kind: 'restore' | 'undo';
    connectionId: string | null;
    database: string;
    failure: Failure;
  }>(),
  /** A database has the content again that it had before a restore. */
  RestoreUndone: event<OfRestore & { jobId: string | null; undoneRestoreId: string | null }>(),
  /** The previous content of a database is gone, so that the restore cannot be undone any more. */
  UndoDropped: event<OfRestore>(),
};
