import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { RestoresController } from './restores.controller.js';
import { RestoresService } from './restores.service.js';

@Module({
  imports: [EngineModule, ActiveConnectionModule],
  controllers: [RestoresController],
  providers: [RestoresService],
})
export class RestoresModule {}
