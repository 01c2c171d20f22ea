import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { RestoresController } from './restores.controller.js';
import { RestoresService } from './restores.service.js';

@Module({
  imports: [RuntimeModule, ActiveConnectionModule],
  controllers: [RestoresController],
  providers: [RestoresService],
})
export class RestoresModule {}
