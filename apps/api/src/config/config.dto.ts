import { ApiProperty } from '@nestjs/swagger';
import { DB_TYPES, SSL_MODES } from '@app/domain';
import {
  DB_TYPE_ALIASES,
  hostFault,
  MAX_NAME_LENGTH,
  MAX_PASSWORD_LENGTH,
  MessageResponse,
} from '../connection/connection.dto.js';
import { PortField, TextField, WordField } from '../http/requests/request-fields.js';

const MAX_PATH_LENGTH = 4096;
const part = { optional: true, mayBeEmpty: true } as const;
const toolPath = { ...part, maxLength: MAX_PATH_LENGTH, description: 'Empty: find the program by itself.' } as const;

/** All parts are optional; absent leaves a setting as it is, `""` clears it. */
export class ConfigRequest {
  @TextField({ ...part, maxLength: MAX_NAME_LENGTH, faultOf: hostFault, example: 'localhost' })
  host?: string | undefined;

  @PortField({ ...part, example: '5432' })
  port?: number | '' | undefined;

  @TextField({ ...part, maxLength: MAX_NAME_LENGTH, example: 'mydb' })
  database?: string | undefined;

  @TextField({ ...part, maxLength: MAX_NAME_LENGTH, example: 'user' })
  username?: string | undefined;

  @TextField({
    ...part,
    maxLength: MAX_PASSWORD_LENGTH,
    example: 'password',
    description: 'A stored password is forgotten when host, port or username change and none is sent with them.',
  })
  password?: string | undefined;

  @WordField(DB_TYPES, { ...part, aliases: DB_TYPE_ALIASES, example: 'PostgreSQL' })
  db_type?: string | undefined;

  @WordField(SSL_MODES, { ...part, example: 'prefer' })
  ssl_mode?: string | undefined;

  @TextField({ ...toolPath, example: '/usr/bin/pg_dump' })
  pg_dump_path?: string | undefined;

  @TextField({ ...toolPath, example: '/usr/bin/pg_restore' })
  pg_restore_path?: string | undefined;

  @TextField({ ...toolPath, example: '' })
  mysqldump_path?: string | undefined;

  @TextField({ ...toolPath, example: '' })
  mysql_path?: string | undefined;
}

/** Texts; `""` for what is not set. Never the password. */
export class ConfigEntry {
  @ApiProperty({ example: 'localhost' })
  host!: string;

  @ApiProperty({ example: '5432' })
  port!: string;

  @ApiProperty({ example: 'mydb' })
  database!: string;

  @ApiProperty({ example: 'user' })
  username!: string;

  @ApiProperty({ example: 'PostgreSQL' })
  db_type!: string;

  @ApiProperty({
    example: '/usr/bin/pg_dump',
    description: 'The path that was set by hand; empty when the service finds the program itself.',
  })
  pg_dump_path!: string;

  @ApiProperty({ example: '/usr/bin/pg_restore' })
  pg_restore_path!: string;

  @ApiProperty({ example: '' })
  mysqldump_path!: string;

  @ApiProperty({ example: '' })
  mysql_path!: string;

  @ApiProperty({ example: 'prefer' })
  ssl_mode!: string;

  @ApiProperty({ example: true })
  password_set!: boolean;
}

export class ConfigResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => ConfigEntry })
  config!: ConfigEntry;
}

export class ConfigSavedResponse extends MessageResponse {
  @ApiProperty({ example: 'Configuration saved successfully' })
  override message!: string;

  @ApiProperty({ required: false, example: 'The active connection stays as it is until the next connect or restart.' })
  note?: string;
}

export class ToolPathsEntry {
  @ApiProperty({ example: '/usr/bin/pg_dump', description: 'Empty where there is none.' })
  pg_dump_path!: string;

  @ApiProperty({ example: '/usr/bin/pg_restore' })
  pg_restore_path!: string;

  @ApiProperty({ example: '/usr/bin/mysqldump' })
  mysqldump_path!: string;

  @ApiProperty({ example: '/usr/bin/mysql' })
  mysql_path!: string;
}

export class ToolEntry {
  @ApiProperty({ example: '/usr/bin/pg_dump' })
  path!: string;

  @ApiProperty({ example: '15.20' })
  version!: string;

  @ApiProperty({ enum: ['PostgreSQL', 'MariaDB', 'MySQL'], example: 'PostgreSQL' })
  flavour!: string;
}

export class ToolDetails {
  @ApiProperty({ example: 'pg_dump_path' })
  key!: string;

  @ApiProperty({ type: String, nullable: true, example: '15.20' })
  version!: string | null;

  @ApiProperty({ type: String, nullable: true, enum: ['PostgreSQL', 'MariaDB', 'MySQL'], example: 'PostgreSQL' })
  flavour!: string | null;

  @ApiProperty({ type: () => [ToolEntry], description: 'Every one that was found.' })
  all!: ToolEntry[];
}

export class ToolsResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => ToolPathsEntry })
  tools!: ToolPathsEntry;

  @ApiProperty({ type: () => [ToolDetails] })
  details!: ToolDetails[];
}
