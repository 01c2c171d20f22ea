import type { Schemas } from '../api/client.js';

type Job = Pick<Schemas['JobEntry'], 'type' | 'state' | 'database'>;

const NOUNS: Readonly<Record<Job['type'], string>> = {
  backup: 'Backup',
  restore: 'Restore',
  undo: 'Undo of a restore',
  settle: 'Recovery of an interrupted restore',
  verify: 'Verification',
  adopt: 'Adoption of a backup',
  retention: 'Retention',
  expiry: 'Expiry of previous databases',
  sweep: 'Clean-up of the backup folders',
  catalog_copy: 'Copy of the catalog',
};

/** `Backup`. */
export const kindOfJob = (type: Job['type']): string => NOUNS[type];

/** `Backup of shop`. */
export function nameOfJob({ type, database }: Job): string {
  return database === null ? NOUNS[type] : `${NOUNS[type]} of ${database}`;
}

const STATES: Readonly<Record<Job['state'], string>> = {
  queued: 'Waiting',
  running: 'Running',
  succeeded: 'Succeeded',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

export const stateOfJob = (state: Job['state']): string => STATES[state];
