import { ApiProperty } from '@nestjs/swagger';
import type { RestoredRole, RolesRestored } from '@app/drivers';
import { MessageResponse } from '../connection/connection.dto.js';
import { FlagField, TextListField } from '../http/requests/request-fields.js';
import { IdField } from './backup.dto.js';

const MAX_ROLES = 1_000;
const MAX_NAME_LENGTH = 63;

export class RolesRestoreRequest {
  @TextListField({
    maxLength: MAX_NAME_LENGTH,
    minItems: 1,
    maxItems: MAX_ROLES,
    optional: true,
    example: ['app'],
    description: 'Default: those that the backup refers to.',
  })
  roles?: string[] | undefined;

  @FlagField({
    optional: true,
    example: true,
    description: 'true: changes nothing, and answers with what would be done.',
  })
  dry_run?: boolean | undefined;

  @IdField({
    description: 'A connection to the server on which to create them. Default: the active connection.',
    refusesEmpty: true,
  })
  connection_id?: string | undefined;
}

class RestoredRoleEntry implements RestoredRole {
  @ApiProperty({ example: 'app' })
  name!: string;

  @ApiProperty({ enum: ['create', 'exists'], example: 'create' })
  action!: 'create' | 'exists';

  @ApiProperty({
    type: [String],
    description: 'The statements that create it, without passwords; empty for a role that exists.',
    example: ['CREATE ROLE "app" WITH LOGIN'],
  })
  commands!: readonly string[];
}

export class RolesRestoreResponse extends MessageResponse {
  @ApiProperty({ example: '1 role was made; 2 were there.' })
  override message!: string;

  @ApiProperty({ example: false })
  dry_run!: boolean;

  @ApiProperty({ type: () => [RestoredRoleEntry] })
  roles!: readonly RestoredRoleEntry[];

  @ApiProperty({ type: [String], example: [] })
  warnings!: readonly string[];

  static of({ roles, warnings }: RolesRestored, dryRun: boolean): RolesRestoreResponse {
    const made = roles.filter(({ action }) => action === 'create').length;
    const one = made === 1 ? '1 role' : `${made} roles`;
    const verb = dryRun ? 'would be made' : made === 1 ? 'was made' : 'were made';
    const there = roles.length - made;
    const rest = there === 0 ? '' : `; ${there} ${there === 1 ? 'was' : 'were'} there`;
    return { success: true, message: `${one} ${verb}${rest}.`, dry_run: dryRun, roles, warnings };
  }
}
