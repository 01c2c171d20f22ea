import { Module } from '@nestjs/common';
import { ActiveConnectionModule } from '../connection/active-connection.module.js';
import { RuntimeModule } from '../runtime/runtime.module.js';
import { ConfigController } from './config.controller.js';
import { ConfigService } from './config.service.js';

@Module({
  imports: [RuntimeModule, ActiveConnectionModule],
  controllers: [ConfigController],
  providers: [ConfigService],
})
export class ConfigModule {}
