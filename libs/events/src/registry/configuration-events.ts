import { event } from './event-type.js';

type Change = 'created' | 'changed' | 'removed';

export const CONFIGURATION_EVENTS = {
  StorageChanged: event<{ storageId: string; change: Change }>(),
  ConnectionChanged: event<{ connectionId: string; change: Change }>(),
  ScheduleChanged: event<{ scheduleId: string; change: Change }>(),
  /** A run was due while the service did not run, and for too long to be made up. */
  ScheduleRunMissed: event<{
    scheduleId: string;
    connectionId: string | null;
    action: 'backup' | 'restore';
    /** Epoch milliseconds. */
    dueAt: number;
  }>(),
  /** The catalog was rebuilt from the manifests and its export. */
  CatalogRebuilt: event<{ connections: number; schedules: number; pins: number; backups: number }>(),
};
