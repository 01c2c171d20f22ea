import { Module } from '@nestjs/common';
import { BackupModule } from '../backup/backup.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { CatalogController } from './catalog.controller.js';

@Module({ imports: [BackupModule, RuntimeModule], controllers: [CatalogController] })
export class CatalogModule {}
