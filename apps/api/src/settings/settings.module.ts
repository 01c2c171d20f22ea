import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { StorageStates } from '../overview/storage-states.js';
import { SettingsController } from './settings.controller.js';
import { SettingsService, VERSION } from './settings.service.js';

@Module({})
export class SettingsModule {
  static register(version: string): DynamicModule {
    return {
      module: SettingsModule,
      imports: [RuntimeModule],
      controllers: [SettingsController],
      providers: [SettingsService, StorageStates, { provide: VERSION, useValue: version }],
    };
  }
}
