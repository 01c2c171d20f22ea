import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { ConnectionRecord } from '@app/catalog';
import type { ErrorCode } from '@app/domain';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { pageOf, PageQuery } from '../http/requests/page-query.js';
import { ConnectionDeletion, deletionMessage } from './connection-deletion.service.js';
import {
  ConnectionChangeRequest,
  ConnectionCreateRequest,
  ConnectionDeletedResponse,
  ConnectionDeleteRequest,
  ConnectionEntry,
  ConnectionResponse,
  ConnectionSavedResponse,
  ConnectionsResponse,
  ConnectionTestResponse,
  editOf,
  newConnectionOf,
} from './connections.dto.js';
import { ConnectionsService } from './connections.service.js';
import { DiscoverRequest, DiscoverResponse, FoundDatabaseEntry, givenLogin } from './discovery.dto.js';
import { ScheduleCoverage } from '../scheduler/schedule-coverage.service.js';
import { DiscoveryService } from './discovery.service.js';

const NOT_FOUND: Partial<Record<ErrorCode, string>> = {
  CONNECTION_NOT_FOUND: 'There is no connection 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
};
const LOGIN_ERRORS: Partial<Record<ErrorCode, string>> = {
  WRONG_CREDENTIALS: 'The server refuses user "user": wrong user name or password.',
  DATABASE_NOT_FOUND: 'The server has no database "mydb".',
  TLS_FAILED: 'The server does not offer TLS.',
  WRONG_ENGINE: 'The server is not a PostgreSQL server.',
  POOLED_CONNECTION: 'A connection pooler answers, not the PostgreSQL server itself.',
  HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
  CONNECTION_TIMEOUT: 'The server did not answer in time.',
  SERVER_REFUSED: 'The server accepts no more connections.',
};
const EXISTS = 'There is a connection of "user" to "mydb" on localhost:5432 already.';

@ApiTags('Connections')
@Controller('api/connections')
export class ConnectionsController {
  constructor(
    private readonly connections: ConnectionsService,
    private readonly deletion: ConnectionDeletion,
    private readonly discovery: DiscoveryService,
    private readonly coverage: ScheduleCoverage,
  ) {}

  @Get()
  @ApiAnswer({ summary: 'List the connections', type: ConnectionsResponse })
  async list(@Query() query: PageQuery): Promise<ConnectionsResponse> {
    const { rows, next } = await this.connections.page(pageOf(query));
    return { success: true, connections: rows.map((row) => this.entry(row)), next: next ?? null };
  }

  @Post()
  @ApiAnswer({
    summary: 'Add a connection',
    description: 'Logs in first, and saves nothing when that fails. POST /api/connect does the same and activates it.',
    type: ConnectionSavedResponse,
    errors: { ...LOGIN_ERRORS, CONNECTION_EXISTS: EXISTS },
  })
  async create(@Body() request: ConnectionCreateRequest): Promise<ConnectionSavedResponse> {
    const record = await this.connections.create(newConnectionOf(request));
    return {
      success: true,
      message: 'Connection created.',
      connection: this.entry(record),
      ...(await this.coverage.warnings()),
    };
  }

  @Post('discover')
  @ApiAnswer({
    summary: 'List the databases of a server, those without a backup first, and add them',
    description: 'With the login of a connection, or with another one. Nothing is added unless `add` says so.',
    type: DiscoverResponse,
    errors: { ...NOT_FOUND, ...LOGIN_ERRORS, MISSING_PRIVILEGE: 'The login may not open "shop". None was added.' },
  })
  async discover(@Body() request: DiscoverRequest): Promise<DiscoverResponse> {
    const login = givenLogin(request) ?? (await this.discovery.loginOf(request.connection_id ?? ''));
    const databases = await this.discovery.discover(login, request.add ?? false);
    return { success: true, databases: databases.map((database) => FoundDatabaseEntry.of(database)) };
  }

  @Get(':id')
  @ApiAnswer({ summary: 'One connection', type: ConnectionResponse, errors: NOT_FOUND })
  async details(@Param() { id }: IdParams): Promise<ConnectionResponse> {
    return { success: true, connection: this.entry(await this.connections.get(id)) };
  }

  @Patch(':id')
  @ApiAnswer({
    summary: 'Change a connection',
    description:
      'Absent fields stay as they are. Logs in first when a part of the login is given, and changes all or nothing.',
    type: ConnectionSavedResponse,
    errors: {
      ...NOT_FOUND,
      ...LOGIN_ERRORS,
      CONNECTION_EXISTS: EXISTS,
      CONNECTION_IN_USE: 'The connection is to name another database, but has 1 job that waits or runs.',
    },
  })
  async change(@Param() { id }: IdParams, @Body() request: ConnectionChangeRequest): Promise<ConnectionSavedResponse> {
    const record = await this.connections.change(id, editOf(request));
    return { success: true, message: 'Connection changed.', connection: this.entry(record) };
  }

  @Delete(':id')
  @ApiAnswer({
    summary: 'Delete a connection and its schedules',
    description:
      'Its backups stay, unless `delete_backups` and the name of the database in `confirm` say that they go, too.',
    type: ConnectionDeletedResponse,
    errors: { ...NOT_FOUND, CONNECTION_IN_USE: '"mydb" is the active connection.' },
  })
  async delete(
    @Param() { id }: IdParams,
    @Body() { delete_backups: deleteBackups = false, confirm }: ConnectionDeleteRequest,
  ): Promise<ConnectionDeletedResponse> {
    const deleted = await this.deletion.delete(id, { deleteBackups, confirm });
    return {
      success: true,
      message: deletionMessage(deleted),
      deleted_schedules: deleted.schedules,
      deleted_backups: deleted.backups,
      remaining_backups: deleted.remaining,
    };
  }

  @Post(':id/test')
  @ApiAnswer({
    summary: 'Log in with the stored login',
    type: ConnectionTestResponse,
    errors: { ...NOT_FOUND, ...LOGIN_ERRORS },
  })
  async test(@Param() { id }: IdParams): Promise<ConnectionTestResponse> {
    const { server, latencyMs } = await this.connections.test(id);
    const { flavour, version } = server;
    return { success: true, message: 'The login works.', flavour, server_version: version, latency_ms: latencyMs };
  }

  @Post(':id/activate')
  @ApiAnswer({
    summary: 'Make it the active connection',
    description: 'As POST /api/connect does: logs in, saves the details to config.ini and starts the scheduler.',
    type: ConnectionSavedResponse,
    errors: { ...NOT_FOUND, ...LOGIN_ERRORS },
  })
  async activate(@Param() { id }: IdParams): Promise<ConnectionSavedResponse> {
    const record = await this.connections.activate(id);
    return { success: true, message: 'Connection successful.', connection: this.entry(record) };
  }

  private entry(record: ConnectionRecord): ConnectionEntry {
    return ConnectionEntry.of(record, this.connections.activeId);
  }
}
