import { Module } from '@nestjs/common';
import { BackupModule } from '../backup/backup.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { CatalogController } from './catalog.controller.js';

@Module({ imports: [BackupModule, EngineModule], controllers: [CatalogController] })
export class CatalogModule {}
