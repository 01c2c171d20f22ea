import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { BackupCatalogService } from './backup-catalog.service.js';
import { BackupController } from './backup.controller.js';
import { BackupGlobalsController } from './backup-globals.controller.js';
import { BackupDeletionService } from './backup-deletion.service.js';
import { BackupDownloadController } from './backup-download.controller.js';
import { BackupDownloadService } from './backup-download.service.js';
import { BackupService } from './backup.service.js';

@Module({
  imports: [RuntimeModule, ActiveConnectionModule],
  controllers: [BackupController, BackupDownloadController, BackupGlobalsController],
  providers: [BackupCatalogService, BackupDeletionService, BackupDownloadService, BackupService],
  exports: [BackupCatalogService, BackupService],
})
export class BackupModule {}
