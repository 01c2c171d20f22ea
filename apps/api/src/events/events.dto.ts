import { ApiProperty } from '@nestjs/swagger';
import type { Happening } from '@app/jobs';
import { TextField } from '../http/request-fields.js';
import { JobEntry } from '../jobs/job.dto.js';

export const EVENT_NAMES = [
  'job',
  'backup',
  'verification',
  'restore',
  'connection',
  'schedule',
  'status',
  'reset',
] as const;

export class EventsQuery {
  @TextField({
    maxLength: 200,
    optional: true,
    description: 'In place of the header Last-Event-ID, for who cannot set one.',
  })
  last_event_id?: string | undefined;
}

/** One event, as its lines `id`, `event` and `data` tell it. */
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
      'JSON. `job`: the job without its log. `backup`, `restore`, `connection`, `schedule`: `change` and the id, ' +
      'such as `backup_id`. `verification`: `outcome` (passed, failed or unavailable), `backup_id`, `level`, `message`. ' +
      '`status`, `reset`: nothing.',
    example: { change: 'published', backup_id: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52', connection_id: null },
  })
  data!: object;
}

/** The `data` of an event. */
export function dataOf(happening: Happening): object {
  switch (happening.type) {
    case 'job':
      return JobEntry.of(happening.job);
    case 'backup':
      return { change: happening.change, backup_id: happening.backupId, connection_id: happening.connectionId };
    case 'verification':
      return {
        outcome: happening.outcome,
        backup_id: happening.backupId,
        level: happening.level,
        message: happening.message,
      };
    case 'restore':
      return { change: happening.change, restore_id: happening.restoreId, connection_id: happening.connectionId };
    case 'connection':
      return { change: happening.change, connection_id: happening.connectionId };
    case 'schedule':
      return { change: happening.change, schedule_id: happening.scheduleId };
    case 'status':
      return {};
  }
}
