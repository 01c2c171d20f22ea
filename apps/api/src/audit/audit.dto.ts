import { ApiProperty } from '@nestjs/swagger';
import type { AuditRecord } from '@app/catalog';
import { PageResponse } from '../http/requests/page-query.js';

export class AuditEntryBody {
  @ApiProperty({ format: 'date-time', example: '2026-01-02T03:04:05.678Z' })
  at!: string;

  @ApiProperty({
    description:
      '`admin`: a caller with the password. `anonymous`: a caller without it, if none is required or the call was refused.',
  })
  actor!: string;

  @ApiProperty({ type: String, nullable: true, example: '192.0.2.7' })
  address!: string | null;

  @ApiProperty({ example: 'POST /api/connections/:id/activate' })
  action!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52',
    description: 'The id of what it acted on, or the name of a user or database.',
  })
  subject!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 200,
    description: 'How it was answered; null when the caller hung up before.',
  })
  status!: number | null;

  @ApiProperty({
    type: Object,
    example: { database: 'mydb' },
    description: 'The fields of the request without secrets, and the `code` of an error.',
  })
  details!: object;

  static of({ at, actor, address, action, subject, status, details }: AuditRecord): AuditEntryBody {
    return { at: new Date(at).toISOString(), actor, address, action, subject, status, details };
  }
}

export class AuditResponse extends PageResponse {
  @ApiProperty({ type: () => [AuditEntryBody], description: 'Newest first.' })
  audit!: AuditEntryBody[];
}
