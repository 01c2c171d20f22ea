import { useSyncExternalStore } from 'react';

/** Which jobs verify which backups, of those that were begun here: a job does not say. Outlives the page. */
const jobs = new Map<string, string>();
const listeners = new Set<() => void>();

/** `jobId` undefined: no more. */
export function setRunningVerification(backupId: string, jobId: string | undefined): void {
  if (jobId === undefined) jobs.delete(backupId);
  else jobs.set(backupId, jobId);
  for (const tell of listeners) tell();
}

/** The job that verifies the backup, if it was begun here. */
export function useRunningVerification(backupId: string): string | undefined {
  return useSyncExternalStore(subscribe, () => jobs.get(backupId));
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
