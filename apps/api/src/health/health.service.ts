import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import { errorCodeOf } from '@app/domain';
import { BackupLocations } from '@app/storage';
import { ShutdownService } from '../engine/shutdown.service.js';
import { APP_CONFIG, CATALOG } from '../foundation/tokens.js';
import type { ReadyResponse } from './health.dto.js';

const CATALOG_MS = 2_000;

@Injectable()
export class HealthService {
  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    private readonly locations: BackupLocations,
    private readonly shutdown: ShutdownService,
    @Inject(CATALOG) private readonly catalog: Pick<Catalog, 'ping'>,
  ) {}

  /** Ready means: a backup could be written. Whether the database answers is told by the status call. */
  async readiness(): Promise<ReadyResponse> {
    const [backup_folder, data_folder, catalog] = await Promise.all([
      this.storageState(),
      folderState(this.config.dataDir),
      this.catalogState(),
    ]);
    // Told of when it fails only: what a healthy service answers stays as supervisors know it.
    const checks = { backup_folder, data_folder, ...(catalog === 'ok' ? {} : { catalog }) };
    const { shuttingDown } = this.shutdown;
    const success = Object.values(checks).every((state) => state === 'ok') && !shuttingDown;
    return { success, status: shuttingDown ? 'shutting down' : success ? 'ready' : 'not ready', checks };
  }

  private async storageState(): Promise<string> {
    const root = this.locations.roots[0] ?? this.config.backupDir;
    const state = await folderState(root);
    if (state !== 'ok') return state;
    return this.locations.requirePresent(root).then(
      () => 'ok',
      (error: unknown) =>
        errorCodeOf(error) === 'STORAGE_MISSING'
          ? 'is not the storage that was used before: see /api/settings'
          : `cannot be checked (${errorCodeOf(error) ?? 'unknown fault'})`,
    );
  }

  private async catalogState(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const tooLate = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`failed (no answer within ${CATALOG_MS / 1000} s)`), CATALOG_MS);
    });
    // The code alone: this call asks for no password, and a message may name the server.
    const state = this.catalog.ping().then(
      () => 'ok',
      (error: unknown) => `failed (${errorCodeOf(error) ?? 'unknown fault'})`,
    );
    const first = await Promise.race([state, tooLate]);
    clearTimeout(timer);
    return first;
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
