import { Module } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';

@Module({ imports: [RuntimeModule], controllers: [HealthController], providers: [HealthService] })
export class HealthModule {}
