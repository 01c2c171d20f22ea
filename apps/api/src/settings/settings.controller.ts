import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { MessageResponse } from '../connection/connection.dto.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { AcceptStorageRequest, SettingsResponse } from './settings.dto.js';
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

  @Post('storage/accept')
  @ApiAnswer({
    summary: 'Accept what is in a folder of backups as its storage from now on',
    description:
      'For a storage that was replaced on purpose. One that is only not mounted is to be mounted again: what is known of ' +
      'its backups is forgotten at the next look once another folder was accepted in its place. ' +
      'One below a folder of backups whose folder is not there any more is forgotten.',
    type: MessageResponse,
    errors: {
      STORAGE_MISSING: 'The storage ./backups is not there.',
      INVALID_PATH: '/tmp is no storage.',
      STORAGE_FAILED: 'Could not make ./backups the storage (EROFS).',
    },
  })
  async accept(@Body() { path }: AcceptStorageRequest): Promise<MessageResponse> {
    const done = await this.settings.accept(path);
    const message =
      done === 'forgotten' ? 'The storage is not there any more: it was forgotten.' : 'The storage was accepted.';
    return { success: true, message };
  }
}
