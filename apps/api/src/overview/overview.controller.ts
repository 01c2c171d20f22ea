import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { OverviewResponse } from './overview.dto.js';
import { OverviewService } from './overview.service.js';

@ApiTags('Overview')
@Controller('api/overview')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @ApiAnswer({
    summary: 'How well each database is protected',
    description:
      'For each database, however many connections reach it: whether it could be restored now, is scheduled or overdue, ' +
      'its storage and the last failure; and the verdict as a colour and a sentence, for each database and for all together.',
    type: OverviewResponse,
  })
  async databases(): Promise<OverviewResponse> {
    return OverviewResponse.of(await this.overview.state());
  }
}
