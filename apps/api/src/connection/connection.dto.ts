import { isIP } from 'node:net';
import { ApiProperty } from '@nestjs/swagger';
import { DB_TYPES, SSL_MODES } from '@app/domain';
import type { DbType, SslMode } from '@app/domain';
import { WarningsProperty } from '../scheduler/warnings.dto.js';
import { FlagField, PortField, TextField, WordField } from '../http/requests/request-fields.js';

/** Other names under which people know the two. */
export const DB_TYPE_ALIASES = { postgres: 'PostgreSQL', postgresql: 'PostgreSQL', mysql: 'MySQL', mariadb: 'MySQL' };
/** `verify-ca` asks for a CA of one's own, which `/api/connections` takes. */
const LOGIN_SSL_MODES = SSL_MODES.filter((mode) => mode !== 'verify-ca');
export const MAX_NAME_LENGTH = 255;
export const MAX_PASSWORD_LENGTH = 1024;

/** A host name or an IP address: nothing that a client program could take for an option or a list. */
export function hostFault(host: string): string | undefined {
  if (isIP(host) !== 0 || /^[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?$/u.test(host)) return undefined;
  return 'must be a host name or an IP address, without scheme and port';
}

export class ConnectRequest {
  @WordField(DB_TYPES, {
    aliases: DB_TYPE_ALIASES,
    example: 'PostgreSQL',
    description: 'Upper or lower case. MariaDB servers are `MySQL`.',
  })
  db_type!: DbType;

  @TextField({ maxLength: MAX_NAME_LENGTH, faultOf: hostFault, example: 'localhost' })
  host!: string;

  @PortField({ example: '5432' })
  port!: number;

  @TextField({ maxLength: MAX_NAME_LENGTH, example: 'mydb' })
  database!: string;

  @TextField({ maxLength: MAX_NAME_LENGTH, example: 'user' })
  username!: string;

  @TextField({
    maxLength: MAX_PASSWORD_LENGTH,
    mayBeEmpty: true,
    example: 'password',
    description: 'Empty for an account without one.',
  })
  password!: string;

  @WordField(LOGIN_SSL_MODES, {
    optional: true,
    example: 'prefer',
    description:
      'Default: the mode in which this login was last used, else `prefer`, which uses TLS where the server offers it. ' +
      '`verify-full` also checks the certificate and the host name.',
  })
  ssl_mode?: SslMode | undefined;

  @FlagField({
    optional: true,
    example: true,
    description:
      'For a database that another connection reaches by another host name or as another user. true: that ' +
      'connection gets this login in place of its own, and keeps its backups and schedules. Otherwise there are two, and a warning.',
  })
  replace?: boolean | undefined;
}

export class MessageResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty()
  message!: string;
}

export class ConnectResponse extends MessageResponse {
  @ApiProperty({ example: 'Connection successful.' })
  override message!: string;

  @WarningsProperty()
  warnings?: string[];

  @ApiProperty({
    type: [String],
    required: false,
    description: 'Ids of the connections that reach the same database by another login. Absent when there are none.',
  })
  same_database?: string[];
}

export class DisconnectResponse extends MessageResponse {
  @ApiProperty({ example: 'Logged out successfully.' })
  override message!: string;
}

export class StatusResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ example: true })
  connected!: boolean;

  @ApiProperty({ enum: DB_TYPES, nullable: true, example: 'PostgreSQL' })
  db_type!: DbType | null;

  @ApiProperty({ type: String, nullable: true, example: 'mydb' })
  database!: string | null;

  @ApiProperty({ example: true })
  scheduler_running!: boolean;

  @ApiProperty({ type: String, nullable: true, example: '2023-12-23 00:00:00', description: 'In `timezone`.' })
  next_backup!: string | null;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: '`next_backup` as an instant.',
    example: '2023-12-22T23:00:00.000Z',
  })
  next_backup_at!: string | null;

  @ApiProperty({ description: 'The time zone of the default schedule, see BACKUP_TIMEZONE.', example: 'Europe/Berlin' })
  timezone!: string;

  @ApiProperty({ type: String, nullable: true, example: 'localhost' })
  host!: string | null;

  @ApiProperty({ type: Number, nullable: true, example: 5432 })
  port!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'user' })
  username!: string | null;

  @ApiProperty({ enum: ['PostgreSQL', 'MariaDB', 'MySQL'], nullable: true, example: 'PostgreSQL' })
  flavour!: string | null;

  @ApiProperty({ type: String, nullable: true, example: '15.20' })
  server_version!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'Why the connection of the last run is not restored yet; the service keeps trying.',
  })
  last_error!: string | null;
}
