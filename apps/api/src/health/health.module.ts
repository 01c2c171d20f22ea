import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

@Module({ imports: [EngineModule], controllers: [HealthController], providers: [HealthService] })
export class HealthModule {}
