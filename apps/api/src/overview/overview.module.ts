import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { OverviewController } from './overview.controller.js';
import { OverviewService } from './overview.service.js';

@Module({
  imports: [EngineModule, ActiveConnectionModule],
  controllers: [OverviewController],
  providers: [OverviewService],
})
export class OverviewModule {}
