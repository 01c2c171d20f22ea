import { Module } from '@nestjs/common';
import { ActiveConnection } from './active-connection.js';

/** This is not part of the ConnectionModule, because the modules that it imports need the active connection too. */
@Module({ providers: [ActiveConnection], exports: [ActiveConnection] })
export class ActiveConnectionModule {}
