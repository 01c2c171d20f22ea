import { Body, Controller, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ConnectionStore, GlobalsRestore } from '@app/core';
import { ActiveConnection } from '../connection/active-connection.js';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { IdParams } from '../http/requests/id-params.js';
import { FIND_ERRORS } from './backup.controller.js';
import { RolesRestoreRequest, RolesRestoreResponse } from './backup-globals.dto.js';

/** The roles of the server that are stored with a backup. */
@ApiTags('Backup')
@Controller('api')
export class BackupGlobalsController {
  constructor(
    private readonly globals: GlobalsRestore,
    private readonly active: ActiveConnection,
    private readonly connections: ConnectionStore,
  ) {}

  @Post('backups/:id/globals/restore')
  @ApiAnswer({
    summary: 'Create the roles that a backup refers to and that the server does not have',
    description:
      'PostgreSQL only. Runs the script that is stored with the backup (`BACKUP_GLOBALS`): attributes, settings, comments ' +
      'and memberships, all or none. Existing roles stay as they are. With `dry_run` nothing is changed.',
    type: RolesRestoreResponse,
    errors: {
      ...FIND_ERRORS,
      NOT_A_BACKUP: './backups/old.sql has no manifest of this service.',
      BACKUP_DAMAGED: 'mydb_20231220_120000.sql.globals.sql is not as it was written. No role was made.',
      UNSUPPORTED: 'No roles are stored with ./backups/mydb_20231220_120000.sql.',
      WRONG_ENGINE: 'The backup is of MySQL, the server is PostgreSQL.',
      NOT_CONNECTED: 'No database is connected.',
      CONNECTION_NOT_FOUND: 'There is no connection 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52.',
      MISSING_PRIVILEGE: 'Role "app" could not be made: permission denied to create role. No role was made.',
      DATABASE_ERROR: 'Role "app" could not be made.',
      HOST_UNREACHABLE: 'Nothing answers at localhost:5432.',
    },
  })
  async restore(@Param() { id }: IdParams, @Body() request: RolesRestoreRequest): Promise<RolesRestoreResponse> {
    const connection = await this.connections.paramsOf(request.connection_id ?? this.active.require().id);
    const dryRun = request.dry_run ?? false;
    const restored = await this.globals.run({ backupId: id, connection, roles: request.roles, dryRun });
    return RolesRestoreResponse.of(restored, dryRun);
  }
}
