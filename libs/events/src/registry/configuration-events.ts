import { event } from './event-type.js';

type Change = 'created' | 'changed' | 'removed';

export const CONFIGURATION_EVENTS = {
  ConnectionChanged: event<{ connectionId: string; change: Change }>(),
  ScheduleChanged: event<{ scheduleId: string; change: Change }>(),
  /** `config.ini` was changed: these sections of it. */
  SettingsChanged: event<{ sections: readonly string[] }>(),
  /** The catalog was rebuilt from the manifests and its export. */
  CatalogRebuilt: event<{ connections: number; schedules: number; pins: number; backups: number }>(),
};
