import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable } from '@nestjs/common';
import type { Catalog } from '@app/catalog';
import type { AppConfig } from '@app/config';
import { errorCodeOf } from '@app/domain';
import { ConnectionStore } from '@app/core';
import { folderBlocker } from '@app/storage';
import type { StorageRegistry } from '@app/storage';
import { Shutdown } from '@app/runtime';
import { APP_CONFIG, CATALOG, STORAGES } from '../foundation/tokens.js';
import type { ReadyResponse } from './health.dto.js';

const ANSWER_MS = 2_000;
const NO_ANSWER = `no answer within ${ANSWER_MS / 1000} s`;
/** More than what SQLite can still write within its own files on a full disk. */
const PROBE = Buffer.alloc(256 * 1024, 'probe');
/** Written over and removed by the next probe where a service was killed before it removed it. */
const PROBE_FILE = '.ready.probe';

@Injectable()
export class HealthService {
  /** By what they look at. Calls at the same time share one: each look at a folder that hangs keeps a thread of the process. */
  private readonly looking = new Map<string, Promise<string>>();

  constructor(
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(STORAGES) private readonly storages: StorageRegistry,
    private readonly shutdown: Shutdown,
    @Inject(CATALOG) private readonly catalog: Pick<Catalog, 'ping'>,
    @Inject(ConnectionStore) private readonly connections: Pick<ConnectionStore, 'locked'>,
  ) {}

  /** Ready means: a backup could be written. Whether the database answers is told by the status call. */
  async readiness(): Promise<ReadyResponse> {
    const [backup_folder, data_folder, catalog, other_folders, secrets] = await Promise.all([
      this.look('backup folder', () => this.storageState()),
      this.look('data folder', () => this.dataState()),
      this.catalogState(),
      this.look('other folders', () => this.otherFoldersState()),
      this.secretsState(),
    ]);
    // Told of when it fails only: what a healthy service answers stays as supervisors know it.
    const checks = { backup_folder, data_folder, ...(catalog === 'ok' ? {} : { catalog }) };
    // A service that could back up some of its databases is ready: this is told, and decides nothing.
    const told = {
      ...checks,
      ...(other_folders === 'ok' ? {} : { other_folders }),
      ...(secrets === 'ok' ? {} : { secrets }),
    };
    const { shuttingDown } = this.shutdown;
    const success = Object.values(checks).every((state) => state === 'ok') && !shuttingDown;
    return { success, status: shuttingDown ? 'shutting down' : success ? 'ready' : 'not ready', checks: told };
  }

  private look(at: string, look: () => Promise<string>): Promise<string> {
    let running = this.looking.get(at);
    if (running === undefined) {
      running = look().finally(() => this.looking.delete(at));
      this.looking.set(at, running);
    }
    return inTime(running, NO_ANSWER);
  }

  /** Those of BACKUP_ALLOWED_DIRS, one after the other: of those that hang, only one keeps a thread. */
  private async otherFoldersState(): Promise<string> {
    const others = this.storages.all().slice(1);
    let away = 0;
    for (const storage of others) await storage.requirePresent().catch(() => (away += 1));
    if (away === 0) return 'ok';
    const are = away === 1 ? 'is not the storage that was' : 'are not the storages that were';
    return `${away} of ${others.length} ${are} used before: see /api/settings`;
  }

  private async secretsState(): Promise<string> {
    // The check of the catalog tells about a failure here.
    const locked = await this.connections.locked().catch((): string[] => []);
    return locked.length === 0
      ? 'ok'
      : `sealed with another secret key: those of ${locked.length} ${locked.length === 1 ? 'connection' : 'connections'}, which the log names`;
  }

  /** Only a write tells that the disk is full: SQLite goes on as long as its own files have room. */
  private async dataState(): Promise<string> {
    const { dataDir } = this.config;
    const blocker = await folderBlocker(dataDir);
    if (blocker !== undefined) return blocker;
    const probe = join(dataDir, PROBE_FILE);
    try {
      await writeFile(probe, PROBE, { mode: 0o600 });
      return 'ok';
    } catch (error) {
      return `cannot be written (${errorCodeOf(error) ?? 'unknown fault'})`;
    } finally {
      await rm(probe, { force: true }).catch(() => undefined);
    }
  }

  private async storageState(): Promise<string> {
    const storage = this.storages.default;
    const blocker = await storage.blocker();
    if (blocker !== undefined) return blocker;
    return storage.requirePresent().then(
      () => 'ok',
      (error: unknown) =>
        errorCodeOf(error) === 'STORAGE_MISSING'
          ? 'is not the storage that was used before: see /api/settings'
          : `cannot be checked (${errorCodeOf(error) ?? 'unknown fault'})`,
    );
  }

  private catalogState(): Promise<string> {
    // The code alone: this call asks for no password, and a message may name the server.
    const state = this.catalog.ping().then(
      () => 'ok',
      (error: unknown) => `failed (${errorCodeOf(error) ?? 'unknown fault'})`,
    );
    return inTime(state, `failed (${NO_ANSWER})`);
  }
}

async function inTime(state: Promise<string>, otherwise: string): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), ANSWER_MS);
  });
  const first = await Promise.race([state, tooLate]);
  clearTimeout(timer);
  return first;
}
