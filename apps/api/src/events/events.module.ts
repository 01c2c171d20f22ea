import { Module } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { EventsController } from './events.controller.js';
import { EventsService, KEEP_ALIVE_MS } from './events.service.js';

@Module({
  imports: [RuntimeModule],
  controllers: [EventsController],
  providers: [EventsService, { provide: KEEP_ALIVE_MS, useValue: 15_000 }],
})
export class EventsModule {}
