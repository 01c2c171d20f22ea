import type { JobRecord, StoredEvent } from '@app/catalog';
import { aJob } from '../../../catalog/src/testing/sample-records.js';
import { domainEvent, readEvent } from '../registry/domain-event.js';
import type { DomainEvent, EventName, EventPayload } from '../registry/domain-event.js';
import { EventHints } from './event-hints.js';
import { EventLog } from './event-log.js';
import type { EventBody } from './event-log.js';

describe('the hints of domain events', () => {
  const job = aJob({ log: ['a line'] });
  const jobs = {
    owns: ({ owner }: { owner: string }): boolean => owner === 'here',
    get: (id: string): Promise<JobRecord | undefined> => Promise.resolve(id === job.id ? job : undefined),
  };

  function eventOf<Name extends EventName>(name: Name, payload: EventPayload<Name>): DomainEvent {
    const stored: StoredEvent = { ...domainEvent(name, payload), position: 1, at: 0 };
    return readEvent(stored) as DomainEvent;
  }

  async function hintsOf(...events: DomainEvent[]): Promise<EventBody[]> {
    const log = new EventLog();
    const seen: EventBody[] = [];
    log.subscribe(({ id: _id, ...hint }) => seen.push(hint));
    await new EventHints({ events: log, jobs }).handle(events);
    return seen;
  }

  it('name the backup, and the outcome of its verification', async () => {
    const about = { backupId: 'b', connectionId: 'c' };
    const verified = { ...about, database: 'shop', level: 'restored', message: 'It was restored.' } as const;
    expect(
      await hintsOf(eventOf('BackupPinned', { ...about, pinned: true }), eventOf('VerificationFailed', verified)),
    ).toEqual([
      { type: 'backup', change: 'changed', ...about },
      { type: 'verification', outcome: 'failed', backupId: 'b', level: 'restored', message: 'It was restored.' },
      { type: 'backup', change: 'changed', ...about },
    ]);
  });

  it('name connections, schedules and undos', async () => {
    expect(
      await hintsOf(
        eventOf('ConnectionChanged', { connectionId: 'c', change: 'created' }),
        eventOf('ScheduleChanged', { scheduleId: 's', change: 'removed' }),
        eventOf('UndoDropped', { restoreId: 'r', connectionId: null, database: 'shop' }),
      ),
    ).toEqual([
      { type: 'connection', connectionId: 'c', change: 'created' },
      { type: 'schedule', scheduleId: 's', change: 'removed' },
      { type: 'restore', change: 'dropped', restoreId: 'r', connectionId: null },
    ]);
  });

  it('show jobs of other processes as they are now, without their log, and leave those of this one to its queue', async () => {
    expect(
      await hintsOf(
        eventOf('JobsChanged', { instance: 'here', jobIds: [job.id] }),
        eventOf('JobsChanged', { instance: 'there', jobIds: [job.id, 'pruned'] }),
      ),
    ).toEqual([{ type: 'job', job: { ...job, log: [] } }]);
  });
});
