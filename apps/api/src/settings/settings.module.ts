import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { EngineModule } from '../engine/engine.module.js';
import { SettingsController } from './settings.controller.js';
import { SettingsService, VERSION } from './settings.service.js';

@Module({})
export class SettingsModule {
  static register(version: string): DynamicModule {
    return {
      module: SettingsModule,
      imports: [EngineModule],
      controllers: [SettingsController],
      providers: [SettingsService, { provide: VERSION, useValue: version }],
    };
  }
}
