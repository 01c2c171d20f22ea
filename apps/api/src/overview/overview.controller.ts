import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { OverviewDatabase, OverviewResponse } from './overview.dto.js';
import { OverviewService } from './overview.service.js';

@ApiTags('Overview')
@Controller('api/overview')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @ApiAnswer({
    summary: 'Whether each database could be restored right now',
    description: 'Of each connection: its newest backup and how far it is proven, the next run, the last failure.',
    type: OverviewResponse,
  })
  async databases(): Promise<OverviewResponse> {
    const states = await this.overview.databases();
    return { success: true, databases: states.map((state) => OverviewDatabase.of(state)) };
  }
}
