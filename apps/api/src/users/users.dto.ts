import { ApiProperty } from '@nestjs/swagger';
import { MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MessageResponse } from '../connection/connection.dto.js';
import { TextField, TextListField, WordField } from '../http/request-fields.js';

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
    description: 'To modify: absent leaves it as it is.',
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

  @ApiProperty({ required: false, example: '%', description: 'MySQL only. Other engine-specific fields may follow.' })
  host?: string;
}

export class UserListResponse extends MessageResponse {
  @ApiProperty({ example: 'Users listed successfully.' })
  override message!: string;

  @ApiProperty({ type: () => [UserEntry] })
  users!: UserEntry[];
}
