import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ErrorCode } from '@app/domain';
import { MessageResponse } from '../connection/connection.dto.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import {
  StorageChangeRequest,
  StorageCreateRequest,
  StorageDeleteRequest,
  StorageResponse,
  StorageSavedResponse,
  StoragesResponse,
  StorageTestResponse,
} from './storages.dto.js';
import { StoragesService } from './storages.service.js';

const NOT_FOUND: Partial<Record<ErrorCode, string>> = {
  STORAGE_NOT_FOUND: 'There is no storage 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
};
const TEST_ERRORS: Partial<Record<ErrorCode, string>> = {
  STORAGE_MISSING: 'The storage cannot be reached: the bucket "backups" does not exist.',
  STORAGE_FAILED: 'The storage took no object: access to the bucket "backups" was denied.',
  NO_SPACE: 'The storage took no object: it is full.',
};
const EXISTS = 'There is a storage "offsite" already.';

@ApiTags('Storages')
@Controller('api/storages')
export class StoragesController {
  constructor(private readonly storages: StoragesService) {}

  @Get()
  @ApiAnswer({ summary: 'List the storages', type: StoragesResponse })
  async list(): Promise<StoragesResponse> {
    return { success: true, storages: await this.storages.all(), kinds: this.storages.kinds };
  }

  @Post()
  @ApiAnswer({
    summary: 'Add a storage',
    description: 'Tests it first, and saves nothing when that fails. Backups that it holds are listed soon afterwards.',
    type: StorageSavedResponse,
    errors: { ...TEST_ERRORS, STORAGE_EXISTS: EXISTS },
  })
  async create(@Body() { name, kind, settings, test = true }: StorageCreateRequest): Promise<StorageSavedResponse> {
    const storage = await this.storages.create({ name, kind, settings, test });
    return { success: true, message: 'Storage added.', storage };
  }

  @Get(':id')
  @ApiAnswer({ summary: 'One storage', type: StorageResponse, errors: NOT_FOUND })
  async details(@Param() { id }: IdParams): Promise<StorageResponse> {
    return { success: true, storage: await this.storages.get(id) };
  }

  @Patch(':id')
  @ApiAnswer({
    summary: 'Change a storage',
    description: 'Absent fields stay as they are. Tests it first when a setting is given, and changes all or nothing.',
    type: StorageSavedResponse,
    errors: { ...NOT_FOUND, ...TEST_ERRORS, STORAGE_EXISTS: EXISTS, STORAGE_IN_USE: 'A schedule names "offsite".' },
  })
  async change(
    @Param() { id }: IdParams,
    @Body() { name, settings, test = true }: StorageChangeRequest,
  ): Promise<StorageSavedResponse> {
    const storage = await this.storages.change(id, { name, settings, test });
    return { success: true, message: 'Storage changed.', storage };
  }

  @Delete(':id')
  @ApiAnswer({
    summary: 'Take a storage from the list',
    description: 'Its backups stay where they are, and can be listed again by adding the storage again.',
    type: MessageResponse,
    errors: { ...NOT_FOUND, STORAGE_IN_USE: '"offsite" holds 12 backups.' },
  })
  async delete(@Param() { id }: IdParams, @Body() { confirm }: StorageDeleteRequest): Promise<MessageResponse> {
    await this.storages.remove(id, confirm);
    return { success: true, message: 'The storage was taken from the list. Its backups stay where they are.' };
  }

  @Post(':id/test')
  @ApiAnswer({
    summary: 'Write, read, list and delete a small object',
    description: 'An error tells the step that failed, and why.',
    type: StorageTestResponse,
    errors: { ...NOT_FOUND, ...TEST_ERRORS },
  })
  async test(@Param() { id }: IdParams): Promise<StorageTestResponse> {
    return { success: true, message: 'The storage works.', steps: await this.storages.test(id) };
  }
}
