import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { AppConfig } from '@app/config';
import { errorCodeOf } from '@app/domain';
import { BackupLocations } from '@app/storage';
import { ShutdownService } from '../engine/shutdown.service.js';
import { APP_CONFIG } from '../foundation/tokens.js';
import type { ReadyResponse } from './health.dto.js';

@Injectable()
export class HealthService {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly locations: BackupLocations,
    private readonly shutdown: ShutdownService,
  ) {}

  /** Ready means: a backup could be written. Whether the database answers is told by the status call. */
  async readiness(): Promise<ReadyResponse> {
    const [backup_folder, data_folder] = await Promise.all([
      folderState(this.locations.roots[0] ?? this.config.backupDir),
      folderState(this.config.dataDir),
    ]);
    const success = backup_folder === 'ok' && data_folder === 'ok' && !this.shutdown.shuttingDown;
    const status = this.shutdown.shuttingDown ? 'shutting down' : success ? 'ready' : 'not ready';
    return { success, status, checks: { backup_folder, data_folder } };
  }
}

async function folderState(path: string): Promise<string> {
  try {
    if (!(await stat(path)).isDirectory()) return 'is not a folder';
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK);
    return 'ok';
  } catch (error) {
    return errorCodeOf(error) === 'ENOENT'
      ? 'is missing'
      : `cannot be written (${errorCodeOf(error) ?? 'unknown fault'})`;
  }
}
