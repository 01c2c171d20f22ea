import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { AuditModule } from './audit/audit.module.js';
import { BackupModule } from './backup/backup.module.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { ConfigModule } from './config/config.module.js';
import { ConnectionModule } from './connection/connection.module.js';
import { DashboardModule } from './dashboard/dashboard.module.js';
import { EventsModule } from './events/events.module.js';
import { FoundationModule } from './foundation/foundation.module.js';
import type { FoundationOptions } from './foundation/foundation.module.js';
import { HealthModule } from './health/health.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { OverviewModule } from './overview/overview.module.js';
import { RestoresModule } from './restores/restores.module.js';
import { SchedulerModule } from './scheduler/scheduler.module.js';
import { SettingsModule } from './settings/settings.module.js';
import { StoragesModule } from './storages/storages.module.js';
import { UsersModule } from './users/users.module.js';

export interface AppOptions extends FoundationOptions {
  /** The folder of the built dashboard. Without it the service has only the API. */
  dashboard?: string;
  /** The version of the service, as it is shown. */
  version?: string;
}

@Module({})
export class AppModule {
  /** Throws INVALID_INPUT if a setting of the environment is wrong. */
  static async register({ dashboard, version = 'development', ...options }: AppOptions = {}): Promise<DynamicModule> {
    return {
      module: AppModule,
      imports: [
        await FoundationModule.register(options),
        ConnectionModule,
        BackupModule,
        CatalogModule,
        StoragesModule,
        RestoresModule,
        SchedulerModule,
        UsersModule,
        ConfigModule,
        JobsModule,
        EventsModule,
        AuditModule,
        HealthModule,
        OverviewModule,
        SettingsModule.register(version),
        DashboardModule.register(dashboard),
      ],
    };
  }
}
