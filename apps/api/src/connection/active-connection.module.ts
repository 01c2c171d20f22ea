import { Module } from '@nestjs/common';
import { ActiveConnection } from './active-connection.js';

/** Apart from the ConnectionModule, since the modules that it stands on need it too. */
@Module({ providers: [ActiveConnection], exports: [ActiveConnection] })
export class ActiveConnectionModule {}
