import { ApiProperty } from '@nestjs/swagger';
import type { EventBody } from '@app/events';
import { TextField } from '../http/requests/request-fields.js';
import { JobEntry } from '../jobs/job.dto.js';

export const EVENT_NAMES = [
  'job',
  'backup',
  'verification',
  'restore',
  'storage',
  'connection',
  'schedule',
  'status',
  'reset',
] as const;

export class EventsQuery {
  @TextField({
    maxLength: 200,
    optional: true,
    description: 'For clients that cannot set the header Last-Event-ID.',
  })
  last_event_id?: string | undefined;
}

/** One event with its lines `id`, `event` and `data`. */
export class EventResponse {
  @ApiProperty({ description: 'To go on from there: `Last-Event-ID`.', example: 'b3f1-42' })
  id!: string;

  @ApiProperty({
    enum: EVENT_NAMES,
    example: 'job',
    description: '`reset`: some events are lost. Read anew what you show; the next events follow.',
  })
  event!: string;

  @ApiProperty({
    type: Object,
    description:
      'JSON. `job`: the job without its log. `backup`, `restore`, `storage`, `connection`, `schedule`: `change` and the id, ' +
      'such as `backup_id`. `verification`: `outcome` (passed, failed or unavailable), `backup_id`, `level`, `message`. ' +
      '`status`, `reset`: nothing.',
    example: { change: 'published', backup_id: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52', connection_id: null },
  })
  data!: object;
}

/** The `data` of an event. */
export function dataOf(event: EventBody): object {
  switch (event.type) {
    case 'job':
      return JobEntry.of(event.job);
    case 'backup':
      return { change: event.change, backup_id: event.backupId, connection_id: event.connectionId };
    case 'verification':
      return {
        outcome: event.outcome,
        backup_id: event.backupId,
        level: event.level,
        message: event.message,
      };
    case 'restore':
      return { change: event.change, restore_id: event.restoreId, connection_id: event.connectionId };
    case 'storage':
      return { change: event.change, storage_id: event.storageId };
    case 'connection':
      return { change: event.change, connection_id: event.connectionId };
    case 'schedule':
      return { change: event.change, schedule_id: event.scheduleId };
    case 'status':
      return {};
  }
}
