import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { AuditController } from './audit.controller.js';
import { AuditTrail } from './audit-trail.js';

@Module({ imports: [EngineModule], controllers: [AuditController], providers: [AuditTrail] })
export class AuditModule {}
