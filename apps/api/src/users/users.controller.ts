import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ApiAnswer } from '../http/api-answer.decorator.js';
import { UserListResponse, UserRequest, UserResponse } from './users.dto.js';
import { UsersService } from './users.service.js';

@ApiTags('Users')
@Controller('api/users')
export class UsersController {
  constructor(private readonly users: UsersService) {}

  @Get()
  @ApiAnswer({
    summary: 'List database users',
    type: UserListResponse,
    errors: { NOT_CONNECTED: 'No database is connected.', MISSING_PRIVILEGE: 'User "user" may not list users.' },
  })
  async list(): Promise<UserListResponse> {
    const users = await this.users.list();
    return {
      success: true,
      message: 'Users listed successfully.',
      users: users.map((user) => ({
        username: user.username,
        superuser: user.superuser,
        create_db: user.createDb,
        replication: user.replication,
        bypass_rls: user.bypassRls,
        ...user.details,
      })),
    };
  }

  @Post()
  @ApiAnswer({
    summary: 'Create, modify, or delete a database user',
    type: UserResponse,
    errors: {
      INVALID_INPUT: 'operation must be "Create User" or "Modify Users" or "Delete Users".',
      USER_NOT_FOUND: 'There is no user "new_user".',
      NOT_CONNECTED: 'No database is connected.',
      USER_EXISTS: 'There is a user "new_user" already.',
      USER_OWNS_OBJECTS: 'User "new_user" owns objects.',
      USER_IN_USE: 'The service itself is connected as "new_user".',
      UNKNOWN_PRIVILEGE: 'There is no privilege "FLY".',
      MISSING_PRIVILEGE: 'User "user" may not create users.',
      DATABASE_ERROR: 'The server refused the statement.',
    },
  })
  async perform(@Body() request: UserRequest): Promise<UserResponse> {
    const { operation, username, password, privileges, host } = request;
    await this.users.perform(operation, {
      username,
      ...(password === undefined ? {} : { password }),
      ...(privileges === undefined ? {} : { privileges }),
      ...(host === undefined ? {} : { host }),
    });
    return { success: true, message: `User operation '${operation}' for '${username}' successful.` };
  }
}
