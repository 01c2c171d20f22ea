import { Module } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { StoragesController } from './storages.controller.js';
import { StoragesService } from './storages.service.js';

@Module({ imports: [RuntimeModule], controllers: [StoragesController], providers: [StoragesService] })
export class StoragesModule {}
