import { Module } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { CatalogController } from './catalog.controller.js';

@Module({ imports: [EngineModule], controllers: [CatalogController] })
export class CatalogModule {}
