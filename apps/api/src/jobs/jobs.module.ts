import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';

@Module({ imports: [EngineModule], controllers: [JobsController], providers: [JobsService] })
export class JobsModule {}
