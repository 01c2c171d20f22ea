import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { ConfigModule as NestConfigModule, ConfigService as NestConfigService } from '@nestjs/config';
import { LoggerModule, PinoLogger } from 'nestjs-pino';
import { readEnvironment } from '@app/config';
import type { AppConfig } from '@app/config';
import { systemClock } from '@app/domain';
import { rootLogger } from './root-logger.js';
import { APP_CONFIG, CLOCK, LOGGER } from './tokens.js';

export interface FoundationOptions {
  /** In place of the process's environment and the file `.env`. */
  environment?: Readonly<Record<string, string>>;
  /** In place of the process's. */
  workingDirectory?: string;
}

/** The ground of every other module: the settings of the environment, the clock, the log. */
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
      ],
      exports: [APP_CONFIG, CLOCK, LOGGER],
    };
  }
}
