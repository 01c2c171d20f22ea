import { lazy } from 'react';

export type { RestorableBackup } from './restorable-backup.js';

/** Loaded when it is first shown: render it, below a Suspense, once somebody wants to restore. */
export const RestoreDialog = lazy(() => import('./restore-dialog.js'));
