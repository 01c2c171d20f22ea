import { Injectable } from '@nestjs/common';
import { DomainError } from '@app/domain';
import type { DbType } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import type { DatabaseUser, UserChange } from '@app/drivers';
import { ActiveConnection } from '../connection/active-connection.js';
import type { UserOperation } from './users.dto.js';

/** Lists and changes the users of the connected server. */
@Injectable()
export class UsersService {
  constructor(
    private readonly active: ActiveConnection,
    private readonly drivers: DriverRegistry,
  ) {}

  list(): Promise<DatabaseUser[]> {
    const { params } = this.active.require();
    return this.drivers.get(params.dbType).users.list(params);
  }

  async perform(operation: UserOperation, change: UserChange): Promise<void> {
    const { params } = this.active.require();
    checkHost(params.dbType, change);
    const driver = this.drivers.get(params.dbType);
    driver.checkNames([{ kind: 'user', name: change.username, field: 'username' }]);
    const { users } = driver;
    switch (operation) {
      case 'Create User':
        return users.create(params, change);
      case 'Modify Users':
        checkModify(change);
        return users.modify(params, change);
      case 'Delete Users':
        return users.remove(params, change);
    }
  }
}

function checkHost(dbType: DbType, change: UserChange): void {
  if (change.host === undefined || dbType === 'MySQL') return;
  throw invalid('host', 'has no meaning for PostgreSQL', 'Leave it out: PostgreSQL users have no host part.');
}

function checkModify(change: UserChange): void {
  if (change.password !== undefined || change.privileges !== undefined) return;
  throw invalid('password', 'and privileges are missing', 'Send what is to be changed: one of the two, or both.');
}

function invalid(field: string, fault: string, hint: string): DomainError {
  return new DomainError('INVALID_INPUT', `${field} ${fault}.`, { hint, fields: [{ field, message: fault }] });
}
