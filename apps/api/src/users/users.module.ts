import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

@Module({
  imports: [RuntimeModule, ActiveConnectionModule],
  controllers: [UsersController],
  providers: [UsersService],
})
export class UsersModule {}
