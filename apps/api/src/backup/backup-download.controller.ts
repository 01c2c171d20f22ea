import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiOkResponse, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { FIND_ERRORS } from './backup.controller.js';
import { BackupCatalogService } from './backup-catalog.service.js';
import { BackupDetailsResponse } from './backup.dto.js';
import { BackupDownloadService } from './backup-download.service.js';
import { answerWith } from './download-answer.js';

const FILE = 'application/octet-stream';
const BYTES = { [FILE]: { schema: { type: 'string', format: 'binary' } } };
const header = (description: string, example: string) => ({ description, schema: { type: 'string', example } });
const HEADERS = {
  'Content-Disposition': header('The file’s name.', 'attachment; filename="mydb_20231220_120000.sql"'),
  'Repr-Digest': header(
    'SHA-256 of the whole file as it was written (RFC 9530). Absent for files made elsewhere.',
    'sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:',
  ),
  ETag: header('For `If-None-Match` and `If-Range`.', '"b94d27b9934d3e08"'),
  'Accept-Ranges': header('`bytes`.', 'bytes'),
};

@ApiTags('Backup')
@Controller('api')
export class BackupDownloadController {
  constructor(
    private readonly downloads: BackupDownloadService,
    private readonly catalog: BackupCatalogService,
  ) {}

  @Get('backups/:id/download')
  @ApiAnswer({
    summary: 'The file of a backup, as it is stored',
    description:
      'Returns the whole file or one range of it. A caller that accepts only JSON gets the answer of ' +
      '`GET /api/backups/{id}` instead.',
    type: BackupDetailsResponse,
    errors: FIND_ERRORS,
  })
  @ApiOkResponse({
    description: 'The file.',
    headers: HEADERS,
    content: { ...BYTES, 'application/json': { schema: { $ref: getSchemaPath(BackupDetailsResponse) } } },
  })
  @ApiResponse({
    status: 206,
    description: 'The part of the file that `Range` names.',
    headers: HEADERS,
    content: BYTES,
  })
  @ApiResponse({ status: 304, description: 'The file is the one that `If-None-Match` names.' })
  @ApiResponse({ status: 416, description: 'The file has no such bytes. `Content-Range` tells how many it has.' })
  @ApiHeader({ name: 'Range', required: false, schema: { type: 'string' }, example: 'bytes=1048576-' })
  @ApiHeader({ name: 'If-Range', required: false, schema: { type: 'string' }, example: '"b94d27b9934d3e08"' })
  @ApiHeader({ name: 'If-None-Match', required: false, schema: { type: 'string' }, example: '"b94d27b9934d3e08"' })
  async download(@Param() { id }: IdParams, @Req() request: Request, @Res() response: Response): Promise<void> {
    if (request.accepts(FILE) === false && request.accepts('json') !== false) {
      const { record, manifest } = await this.catalog.find(id);
      response.status(200).json(BackupDetailsResponse.of(record, manifest));
      return;
    }
    await using download = await this.downloads.open(id);
    await answerWith(download, request, response);
  }
}
