import { Module } from '@nestjs/common';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { SchedulerModule } from '../scheduler/scheduler.module.js';
import { ActiveConnectionModule } from './active-connection.module.js';
import { ConnectionController } from './connection.controller.js';
import { ConnectionService } from './connection.service.js';
import { ConnectionDeletion } from './connection-deletion.service.js';
import { ConnectionsController } from './connections.controller.js';
import { ConnectionsService } from './connections.service.js';
import { DiscoveryService } from './discovery.service.js';
import { Reconnector } from './reconnector.js';
import { SameDatabase } from './same-database.service.js';

@Module({
  imports: [RuntimeModule, ActiveConnectionModule, SchedulerModule],
  controllers: [ConnectionController, ConnectionsController],
  providers: [ConnectionService, ConnectionsService, ConnectionDeletion, DiscoveryService, Reconnector, SameDatabase],
})
export class ConnectionModule {}
