import { dirname } from 'node:path';
import { MANIFEST_PURPOSE, ManifestSigner } from '@app/artifact';
import { openCatalog } from '@app/catalog';
import type { Catalog } from '@app/catalog';
import { SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import { CATALOG_COPY_PURPOSE } from '@app/core';
import { DomainError } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { EventLog } from '@app/events';
import {
  closeFolderToOthers,
  closeToOthers,
  loadPreviousKeys,
  loadSecretKey,
  SecretBox,
  SigningKeys,
} from '@app/security';
import { lockFolder } from '@app/storage';
import type { FolderLock } from '@app/storage';
import { openStorages } from './open-storages.js';
import type { Storages } from './open-storages.js';

/** A server that is started together with the service may take its time. */
const CATALOG_SERVER_MS = 30_000;

/** Everything else is built on this. */
export interface Foundation extends Storages {
  readonly config: AppConfig;
  readonly clock: Clock;
  readonly logger: Logger;
  /** This process is the only one that works on DATA_DIR. Nothing there is read or made before. */
  readonly lock: FolderLock;
  readonly secrets: SecretBox;
  readonly signer: ManifestSigner;
  /** They sign copies of the catalog. */
  readonly catalogCopyKeys: SigningKeys;
  readonly settings: SettingsStore;
  /** It has the backups of the storages of this service alone. */
  readonly catalog: Catalog;
  readonly events: EventLog;
}

/** Locks DATA_DIR, reads the keys and `config.ini`, and opens the catalog. A failure leaves nothing locked or open. */
export async function openFoundation(config: AppConfig, clock: Clock, logger: Logger): Promise<Foundation> {
  const lock = await lockData(config, logger);
  try {
    const secrets = new SecretBox(await loadSecretKey(config.secretKeyFile, (message) => logger.warn({}, message)));
    const signer = new ManifestSigner(await signingKeys(config, MANIFEST_PURPOSE));
    const catalogCopyKeys = await signingKeys(config, CATALOG_COPY_PURPOSE);
    const settings = await openSettings(config, secrets);
    const catalog = await openCatalog({ ...config.catalog, clock, logger, readyWithinMs: CATALOG_SERVER_MS });
    const storages = await openStorages(config, catalog, lock).catch(async (error: unknown) => {
      await catalog.close();
      throw error;
    });
    const seen = catalog.seeing(() => storages.storages.ids);
    const events = new EventLog();
    return {
      ...{ config, clock, logger, lock, secrets, signer, catalogCopyKeys, settings, events },
      ...storages,
      catalog: seen,
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Before anything in the folder is read: who may write there decides which passwords go where. */
async function lockData(config: AppConfig, logger: Logger): Promise<FolderLock> {
  const { dataDir, secretKeyFile, catalog } = config;
  const lock = await lockFolder(dataDir);
  try {
    const warn = (message: string): void => logger.warn({}, message);
    await closeFolderToOthers(dataDir, { isOurs: true, warn });
    const keyFolder = dirname(secretKeyFile);
    if (keyFolder !== dataDir) await closeFolderToOthers(keyFolder, { isOurs: false, warn });
    const ifRead = 'If others may have written it, look at each connection and schedule.';
    if ('file' in catalog) await closeToOthers({ path: catalog.file, called: 'The catalog', ifRead, warn });
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** After the secret box, which makes the first key when there is none. */
async function signingKeys({ secretKeyFile }: AppConfig, purpose: string): Promise<SigningKeys> {
  const previous = await loadPreviousKeys(secretKeyFile);
  return new SigningKeys(await loadSecretKey(secretKeyFile), purpose, previous);
}

/** A file that cannot be understood stops the start: a schedule that silently does not run would be worse. */
async function openSettings(config: AppConfig, secrets: SecretBox): Promise<SettingsStore> {
  const store = new SettingsStore(config.configFile, secrets);
  try {
    await store.load();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    throw new DomainError(error.code, `${config.configFile}: ${error.message}`, { ...hint, cause: error });
  }
  return store;
}
