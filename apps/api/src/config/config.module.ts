import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { ConfigController } from './config.controller.js';
import { ConfigService } from './config.service.js';

@Module({
  imports: [EngineModule, ActiveConnectionModule],
  controllers: [ConfigController],
  providers: [ConfigService],
})
export class ConfigModule {}
