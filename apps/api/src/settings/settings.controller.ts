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
    summary: 'The settings of the operator, as they are in effect',
    description:
      'They come from the environment and change with a restart. /api/config has the settings that can be changed at run time.',
    type: SettingsResponse,
  })
  inEffect(): Promise<SettingsResponse> {
    return this.settings.inEffect();
  }

  @Post('storage/accept')
  @ApiAnswer({
    summary: 'Accept what is mounted at a backup folder as its storage',
    description:
      'For a storage that was replaced on purpose. If a storage is only not mounted, mount it again instead: after another ' +
      'folder is accepted in its place, the catalog forgets its backups at the next look. ' +
      'A storage below a backup folder that does not exist any more is forgotten.',
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
