import { Controller, Get, Res } from '@nestjs/common';
import { ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { LiveResponse, ReadyResponse } from './health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('Health')
@Controller('api/health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('live')
  @ApiAnswer({ summary: 'Whether the process answers', type: LiveResponse, open: true })
  live(): LiveResponse {
    return { success: true, status: 'alive' };
  }

  @Get('ready')
  @ApiAnswer({ summary: 'Whether a backup could be written', type: ReadyResponse, open: true })
  @ApiResponse({ status: 503, description: 'Not ready, or shutting down', type: ReadyResponse })
  async ready(@Res({ passthrough: true }) response: Response): Promise<ReadyResponse> {
    const readiness = await this.health.readiness();
    if (!readiness.success) response.status(503);
    return readiness;
  }
}
