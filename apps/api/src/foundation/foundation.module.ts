import { dirname } from 'node:path';
import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule as NestConfigModule, ConfigService as NestConfigService } from '@nestjs/config';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import { readEnvironment, SettingsStore } from '@app/config';
import type { AppConfig } from '@app/config';
import { DomainError, systemClock } from '@app/domain';
import type { Logger } from '@app/domain';
import { CATALOG_COPY_PURPOSE, MANIFEST_PURPOSE, ManifestSigner } from '@app/core';
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
import { rootLogger } from './root-logger.js';
import { APP_CONFIG, CATALOG_COPY_KEYS, CLOCK, DATA_LOCK, LOGGER } from './tokens.js';

export interface FoundationOptions {
  /** In place of the process's environment and the file `.env`. */
  environment?: Readonly<Record<string, string>>;
  /** In place of the process's. */
  workingDirectory?: string;
}

/** What every other module stands on: the settings, the clock, the log, `config.ini`. */
@Module({})
export class FoundationModule {
  static async register(options: FoundationOptions): Promise<DynamicModule> {
    return {
      module: FoundationModule,
      global: true,
      imports: [
        await NestConfigModule.forRoot({
          isGlobal: true,
          ignoreEnvFile: options.environment !== undefined,
          validate: (environment) => ({
            app: readEnvironment(options.environment ?? environment, options.workingDirectory),
          }),
        }),
        LoggerModule.forRootAsync({
          inject: [NestConfigService],
          // The request middleware is mounted by `configureHttp`, before all others: here it is only made use of.
          useFactory: (config: NestConfigService) => ({
            pinoHttp: { logger: rootLogger(config.getOrThrow<AppConfig>('app').logLevel) },
            useExisting: true,
          }),
        }),
      ],
      providers: [
        {
          provide: APP_CONFIG,
          inject: [NestConfigService],
          useFactory: (config: NestConfigService) => config.getOrThrow<AppConfig>('app'),
        },
        { provide: CLOCK, useValue: systemClock },
        { provide: LOGGER, useExisting: PinoLogger },
        {
          provide: DATA_LOCK,
          inject: [APP_CONFIG, LOGGER],
          useFactory: lockData,
        },
        {
          provide: SecretBox,
          inject: [APP_CONFIG, LOGGER, DATA_LOCK],
          useFactory: async (config: AppConfig, logger: Logger) =>
            new SecretBox(await loadSecretKey(config.secretKeyFile, (message) => logger.warn({}, message))),
        },
        {
          provide: ManifestSigner,
          // After the box, so that two of them do not both make the first key.
          inject: [APP_CONFIG, SecretBox],
          useFactory: async (config: AppConfig) => new ManifestSigner(await signingKeys(config, MANIFEST_PURPOSE)),
        },
        {
          provide: CATALOG_COPY_KEYS,
          inject: [APP_CONFIG, SecretBox],
          useFactory: (config: AppConfig) => signingKeys(config, CATALOG_COPY_PURPOSE),
        },
        { provide: SettingsStore, inject: [APP_CONFIG, SecretBox], useFactory: openSettings },
      ],
      exports: [APP_CONFIG, CATALOG_COPY_KEYS, CLOCK, DATA_LOCK, LOGGER, ManifestSigner, SecretBox, SettingsStore],
    };
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
