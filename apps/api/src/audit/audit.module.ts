import { Module } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { AuditController } from './audit.controller.js';
import { AuditTrail } from './audit-trail.js';

@Module({ imports: [RuntimeModule], controllers: [AuditController], providers: [AuditTrail] })
export class AuditModule {}
