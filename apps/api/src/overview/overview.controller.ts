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
      'Of each database, however many connections reach it: whether it could be restored now, is scheduled and not overdue, ' +
      'its storage and the last failure; what follows from these as a colour and a sentence, for it and for all together.',
    type: OverviewResponse,
  })
  async databases(): Promise<OverviewResponse> {
    return OverviewResponse.of(await this.overview.state());
  }
}
