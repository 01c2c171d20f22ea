import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { SchedulerModule } from '../scheduler/scheduler.module.js';
import { LastFailures } from './last-failures.js';
import { LostBackups } from './lost-backups.js';
import { OverviewController } from './overview.controller.js';
import { OverviewService } from './overview.service.js';
import { StorageStates } from './storage-states.js';
import { UsableBackups } from './usable-backups.js';

@Module({
  imports: [RuntimeModule, ActiveConnectionModule, SchedulerModule],
  controllers: [OverviewController],
  providers: [OverviewService, UsableBackups, LastFailures, LostBackups, StorageStates],
})
export class OverviewModule {}
