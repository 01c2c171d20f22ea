import type { JobRecord } from '@app/catalog';
import { DOMAIN_EVENTS } from '../registry/domain-event.js';
import type { DomainEvent, EventName } from '../registry/domain-event.js';
import type { Subscriber } from '../delivery/subscriber.js';
import type { EventBody, EventLog } from './event-log.js';

export interface EventHintsParts {
  events: EventLog;
  jobs: {
    /** The queue that holds a job tells its own watchers, at once and with the progress: see `JobQueue.owns`. */
    owns(job: { owner: string }): boolean;
    get(id: string): Promise<JobRecord | undefined>;
  };
}

/** Tells the watchers of this process what has happened, in whichever process. */
export class EventHints implements Subscriber {
  readonly name = 'hints';
  readonly events = Object.keys(DOMAIN_EVENTS) as EventName[];

  constructor(private readonly parts: EventHintsParts) {}

  async handle(events: readonly DomainEvent[]): Promise<void> {
    for (const event of events) for (const hint of await this.hintsOf(event)) this.parts.events.publish(hint);
  }

  private async hintsOf(event: DomainEvent): Promise<EventBody[]> {
    switch (event.name) {
      case 'BackupSucceeded':
        return [backupHint('published', event.payload)];
      case 'BackupRemoved':
        return [backupHint('removed', event.payload)];
      case 'BackupPinned':
      case 'BackupAdopted':
        return [backupHint('changed', event.payload)];
      case 'BackupVerified':
        return verificationHints('passed', event.payload);
      case 'VerificationFailed':
        return verificationHints('failed', event.payload);
      case 'VerificationUnavailable':
        return verificationHints('unavailable', event.payload);
      case 'UndoDropped': {
        const { restoreId, connectionId } = event.payload;
        return [{ type: 'restore', change: 'dropped', restoreId, connectionId }];
      }
      case 'StorageChanged':
        return [{ type: 'storage', ...event.payload }];
      case 'ConnectionChanged':
        return [{ type: 'connection', ...event.payload }];
      case 'ScheduleChanged':
        return [{ type: 'schedule', ...event.payload }];
      case 'JobsChanged': {
        const { instance, jobIds } = event.payload;
        if (this.parts.jobs.owns({ owner: instance })) return [];
        return (await Promise.all(jobIds.map((id) => this.jobHint(id)))).flat();
      }
      // The events of their jobs are enough for watchers.
      case 'JobFailed':
      case 'BackupFailed':
      case 'RestoreSucceeded':
      case 'RestoreFailed':
      case 'RestoreUndone':
      case 'ScheduleRunMissed':
      case 'CatalogRebuilt':
        return [];
    }
  }

  /** A job that is pruned meanwhile is of no interest any more. */
  private async jobHint(id: string): Promise<EventBody[]> {
    const job = await this.parts.jobs.get(id);
    return job === undefined ? [] : [{ type: 'job', job: { ...job, log: [] } }];
  }
}

type OfBackup = { backupId: string; connectionId: string | null };

function backupHint(change: 'published' | 'changed' | 'removed', { backupId, connectionId }: OfBackup): EventBody {
  return { type: 'backup', change, backupId, connectionId };
}

function verificationHints(
  outcome: 'passed' | 'failed' | 'unavailable',
  { backupId, connectionId, level, message }: DomainEvent<'BackupVerified'>['payload'],
): EventBody[] {
  return [
    { type: 'verification', outcome, backupId, level, message },
    backupHint('changed', { backupId, connectionId }),
  ];
}
