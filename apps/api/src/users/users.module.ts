import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { EngineModule } from '../engine/engine.module.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [EngineModule, ActiveConnectionModule],
  controllers: [UsersController],
  providers: [UsersService],
})
export class UsersModule {}
