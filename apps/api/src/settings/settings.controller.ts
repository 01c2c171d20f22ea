import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { SettingsResponse } from './settings.dto.js';
import { SettingsService } from './settings.service.js';

@ApiTags('Configuration')
@Controller('api/settings')
export class SettingsController {
  constructor(private readonly settings: SettingsService) {}

  @Get()
  @ApiAnswer({
    summary: 'What the operator has set, as it is in effect',
    description: 'From the environment; it takes a restart to change. What can be changed here is at /api/config.',
    type: SettingsResponse,
  })
  inEffect(): Promise<SettingsResponse> {
    return this.settings.inEffect();
  }
}
