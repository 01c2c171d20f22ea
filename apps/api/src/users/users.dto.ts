import { ApiProperty } from '@nestjs/swagger';
import { MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MessageResponse } from '../connection/connection.dto.js';
import { TextField, TextListField, WordField } from '../http/requests/request-fields.js';

export const USER_OPERATIONS = ['Create User', 'Modify Users', 'Delete Users'] as const;
export type UserOperation = (typeof USER_OPERATIONS)[number];

export class UserRequest {
  @WordField(USER_OPERATIONS, {
    example: 'Create User',
    aliases: { 'create users': 'Create User', 'modify user': 'Modify Users', 'delete user': 'Delete Users' },
  })
  operation!: UserOperation;

  @TextField({ maxLength: MAX_NAME_LENGTH, example: 'new_user' })
  username!: string;

  @TextField({
    maxLength: MAX_PASSWORD_LENGTH,
    optional: true,
    mayBeEmpty: true,
    example: 'password',
    description: 'When modifying: an absent password stays as it is.',
  })
  password?: string | undefined;

  @TextListField({
    maxItems: 200,
    maxLength: 200,
    optional: true,
    example: ['LOGIN', 'CREATEDB'],
    description:
      'PostgreSQL: LOGIN, SUPERUSER, CREATEDB, CREATEROLE, REPLICATION, BYPASSRLS, INHERIT and their NO… forms. ' +
      'MySQL: global privileges such as SELECT or CREATE USER, and privileges on a database.',
  })
  privileges?: string[] | undefined;

  @TextField({
    maxLength: MAX_NAME_LENGTH,
    optional: true,
    example: '%',
    description: 'MySQL only: the host part of the account. Default: %',
  })
  host?: string | undefined;
}

export class UserResponse extends MessageResponse {
  @ApiProperty({ example: "User operation 'Create User' for 'new_user' successful." })
  override message!: string;
}

export class UserEntry {
  @ApiProperty({ example: 'user1' })
  username!: string;

  @ApiProperty({ example: false })
  superuser!: boolean;

  @ApiProperty({ example: true })
  create_db!: boolean;

  @ApiProperty({ example: false })
  replication!: boolean;

  @ApiProperty({ example: false })
  bypass_rls!: boolean;

  @ApiProperty({
    required: false,
    example: false,
    description: 'Whether the service itself is logged in as this user.',
  })
  in_use?: boolean;

  @ApiProperty({ required: false, example: true, description: 'PostgreSQL only: may create roles.' })
  create_role?: boolean;

  @ApiProperty({ required: false, example: true, description: 'PostgreSQL only: may log in; those alone are listed.' })
  login?: boolean;

  @ApiProperty({ required: false, example: true, description: 'PostgreSQL only: inherits the rights of its roles.' })
  inherit?: boolean;

  @ApiProperty({ required: false, example: -1, description: 'PostgreSQL only: sessions at a time; -1: any number.' })
  connection_limit?: number;

  @ApiProperty({
    required: false,
    type: String,
    nullable: true,
    example: null,
    description: 'PostgreSQL only: when the password expires, ISO 8601 or `infinity`.',
  })
  valid_until?: string | null;

  @ApiProperty({ required: false, example: '%', description: 'MySQL only.' })
  host?: string;

  @ApiProperty({ required: false, example: false, description: 'MySQL only; absent where the server does not say.' })
  locked?: boolean;

  @ApiProperty({ required: false, example: 'mysql_native_password', description: 'MySQL only: how it logs in.' })
  plugin?: string;

  @ApiProperty({
    required: false,
    type: [String],
    example: ['PROCESS'],
    description: 'MySQL only: granted on the whole server.',
  })
  privileges?: string[];

  @ApiProperty({
    required: false,
    type: [String],
    example: ['SELECT'],
    description: 'MySQL only: granted on the whole of the connected database.',
  })
  database_privileges?: string[];
}

export class UserListResponse extends MessageResponse {
  @ApiProperty({ example: 'Users listed successfully.' })
  override message!: string;

  @ApiProperty({ type: () => [UserEntry] })
  users!: UserEntry[];
}
