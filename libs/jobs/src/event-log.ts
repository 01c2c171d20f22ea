import type { JobRecord } from '@app/catalog';

/** What happened, for those who watch. It names; whoever wants more asks for it. */
export type Happening =
  | { type: 'job'; job: JobRecord }
  | { type: 'backup'; change: 'published' | 'changed' | 'removed'; backupId: string; connectionId: string | null }
  | { type: 'connection'; change: 'created' | 'changed' | 'removed' | 'activated'; connectionId: string }
  | { type: 'schedule'; change: 'created' | 'changed' | 'removed'; scheduleId: string }
  | { type: 'status' };

/** `id` grows within one run of the service: `<run>-<number>`. */
export type ServiceEvent = Happening & { id: string };
