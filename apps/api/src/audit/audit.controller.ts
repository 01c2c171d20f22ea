import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { pageOf, PageQuery } from '../http/requests/page-query.js';
import { AuditEntryBody, AuditResponse } from './audit.dto.js';
import { AuditTrail } from './audit-trail.js';

@ApiTags('Audit')
@Controller('api/audit')
export class AuditController {
  constructor(private readonly trail: AuditTrail) {}

  @Get()
  @ApiAnswer({
    summary: 'Who changed what, newest first',
    description: 'Every call that changes something, refused ones too. Kept for a year.',
    type: AuditResponse,
  })
  async list(@Query() query: PageQuery): Promise<AuditResponse> {
    const { rows, next } = await this.trail.page(pageOf(query));
    return { success: true, audit: rows.map((row) => AuditEntryBody.of(row)), next: next ?? null };
  }
}
