import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { CatalogRebuild } from '@app/core';
import { BackupCatalogService } from '../backup/backup-catalog.service.js';
import { BackupPageQuery, BackupPageResponse, CatalogedBackup } from '../backup/backup.dto.js';
import { MessageResponse } from '../connection/connection.dto.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { FlagField } from '../http/requests/request-fields.js';

export class RebuildResponse extends MessageResponse {
  @ApiProperty({ example: 'The catalog was rebuilt from storage: 12 backups.' })
  override message!: string;

  @ApiProperty({ example: 0, description: 'Restored from the newest copy of the catalog; existing ones stayed.' })
  connections!: number;

  @ApiProperty({ example: 0 })
  schedules!: number;

  @ApiProperty({ example: 12, description: 'The number of backups whose manifests were found in the backup folders.' })
  backups!: number;

  @ApiProperty({ type: [String], example: [] })
  warnings!: readonly string[];
}

export class RebuildRequest {
  @FlagField({
    optional: true,
    example: false,
    description:
      'true: also accepts a copy of the catalog that this installation has not signed. Set it only if nobody else can write ' +
      'into the storage. It brings connections back without passwords, and no history of restores.',
  })
  accept_foreign_copy?: boolean | undefined;
}

@ApiTags('Catalog')
@Controller('api/catalog')
export class CatalogController {
  constructor(
    private readonly backups: BackupCatalogService,
    private readonly rebuilding: CatalogRebuild,
  ) {}

  @Get('backups')
  @ApiAnswer({
    summary: 'List backups by page, newest first',
    description:
      'Lists what `/api/backups` lists, with what only the catalog knows, at a cost that does not grow with their number.',
    type: BackupPageResponse,
    errors: {
      INVALID_PATH: 'backup_location leads outside the backup folders.',
      LOCATION_NOT_FOUND: 'There is no folder ./backups/old.',
      STORAGE_MISSING: 'The storage /backups is not there.',
    },
  })
  async list(@Query() query: BackupPageQuery): Promise<BackupPageResponse> {
    const { records, next, total } = await this.backups.page(query);
    return { success: true, backups: records.map((record) => CatalogedBackup.of(record)), next: next ?? null, total };
  }

  @Post('rebuild')
  @ApiAnswer({
    summary: 'Rebuild the catalog from storage',
    description:
      'Reads every manifest again, and restores what the newest copy of the catalog has and the catalog does not have: ' +
      'connections, schedules, pins. Changes no backup. Passes over a copy that this installation has not signed, and ' +
      'says so in `warnings`.',
    type: RebuildResponse,
    errors: {
      CATALOG_UNAVAILABLE: 'The catalog cannot be reached.',
      STORAGE_MISSING: 'The storage /backups is not there.',
    },
  })
  async rebuild(@Body() { accept_foreign_copy: acceptForeign = false }: RebuildRequest): Promise<RebuildResponse> {
    const { connections, schedules, backups, warnings } = await this.rebuilding.rebuild({ acceptForeign });
    const found = `${backups} ${backups === 1 ? 'backup' : 'backups'}`;
    return {
      success: true,
      message: `The catalog was rebuilt from storage: ${found}.`,
      connections,
      schedules,
      backups,
      warnings,
    };
  }
}
