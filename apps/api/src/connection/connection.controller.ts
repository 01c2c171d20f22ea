import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { ConnectRequest, ConnectResponse, DisconnectResponse, StatusResponse } from './connection.dto.js';
import { ScheduleCoverage } from '../scheduler/schedule-coverage.service.js';
import { ConnectionService } from './connection.service.js';
import { sameDatabaseWarning } from './same-database.service.js';

@ApiTags('Connection')
@Controller('api')
export class ConnectionController {
  constructor(
    private readonly connections: ConnectionService,
    private readonly coverage: ScheduleCoverage,
  ) {}

  @Post('connect')
  @ApiAnswer({
    summary: 'Connect to a database',
    description: 'Logs in, saves the details to config.ini and starts the scheduler. A failure changes nothing.',
    type: ConnectResponse,
    errors: {
      INVALID_INPUT: 'port must be a number from 1 to 65535; username is missing.',
      WRONG_CREDENTIALS: 'The server refuses user "user": wrong user name or password.',
      DATABASE_NOT_FOUND: 'The server has no database "mydb".',
      TLS_FAILED: 'The server does not offer TLS.',
      WRONG_ENGINE: 'The server is not a PostgreSQL server.',
      POOLED_CONNECTION: 'A connection pooler answers, not the PostgreSQL server itself.',
      HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
      CONNECTION_TIMEOUT: 'The server did not answer in time.',
      SERVER_REFUSED: 'The server accepts no more connections.',
    },
  })
  async connect(@Body() request: ConnectRequest): Promise<ConnectResponse> {
    const { db_type, ssl_mode, replace = false, ...rest } = request;
    const others = await this.connections.connect({ ...rest, dbType: db_type, sslMode: ssl_mode }, replace);
    const { warnings = [] } = await this.coverage.warnings();
    const all = [...(others.length === 0 ? [] : [sameDatabaseWarning(others)]), ...warnings];
    return {
      success: true,
      message: 'Connection successful.',
      ...(all.length === 0 ? {} : { warnings: all }),
      ...(others.length === 0 ? {} : { same_database: others.map(({ id }) => id) }),
    };
  }

  @Post('disconnect')
  @ApiAnswer({
    summary: 'Disconnect from the current database',
    description: 'Stops the scheduler as well. The details stay in config.ini.',
    type: DisconnectResponse,
  })
  async disconnect(): Promise<DisconnectResponse> {
    await this.connections.disconnect();
    return { success: true, message: 'Logged out successfully.' };
  }

  @Get('status')
  @ApiAnswer({ summary: 'Connection and scheduler status', type: StatusResponse })
  status(): StatusResponse {
    const { connected, wanted, lastError, scheduler } = this.connections.status();
    return {
      success: true,
      connected: connected !== undefined,
      db_type: connected?.params.dbType ?? null,
      database: connected?.params.database ?? null,
      scheduler_running: scheduler.running,
      next_backup: scheduler.nextBackup ?? null,
      next_backup_at: scheduler.nextBackupAt?.toISOString() ?? null,
      timezone: scheduler.schedule.timezone,
      host: wanted?.params.host ?? null,
      port: wanted?.params.port ?? null,
      username: wanted?.params.username ?? null,
      flavour: connected?.server.flavour ?? null,
      server_version: connected?.server.version ?? null,
      last_error: lastError ?? null,
    };
  }
}
