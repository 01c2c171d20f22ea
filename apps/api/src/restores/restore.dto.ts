import { ApiProperty } from '@nestjs/swagger';
import type { RestoreRecord } from '@app/catalog';
import { COLLATION_CHOICES, DEFINER_CHOICES, RESTORE_STRATEGIES } from '@app/domain';
import type { CollationChoice, CompareDepth, DefinerChoice, RestoreChoice } from '@app/domain';
import type { RestoreOutcome } from '@app/core';
import { BackupEntry, CompareField, IdField, MAX_PATH_LENGTH } from '../backup/backup.dto.js';
import { MAX_NAME_LENGTH, MessageResponse } from '../connection/connection.dto.js';
import { FlagField, TextField, TextListField, WordField } from '../http/requests/request-fields.js';
import { RestorePlanEntry } from './restore-plan.dto.js';
import { UndoEntry } from './undo.dto.js';

const MAX_TABLES = 1_000;
const MAX_TABLE_LENGTH = 200;

export class RestoreRequestBody {
  @TextField({ maxLength: MAX_PATH_LENGTH, example: './backups/mydb_20231220_120000.sql' })
  backup_file_path!: string;

  @TextField({
    maxLength: MAX_NAME_LENGTH,
    optional: true,
    refusesEmpty: true,
    example: 'mydb_copy',
    description: 'Default: the connected database. Made if it does not exist.',
  })
  target_database?: string | undefined;

  @WordField(['auto', ...RESTORE_STRATEGIES], {
    optional: true,
    example: 'auto',
    description:
      '`swap`: loads into a staging database, compares, and swaps it in; can be undone. `transaction` (PostgreSQL) and ' +
      '`safety_backup` (MySQL): restore in place. Default `auto`: `swap` where it is possible, else the other strategy.',
  })
  strategy?: RestoreChoice | undefined;

  @TextListField({
    maxLength: MAX_TABLE_LENGTH,
    minItems: 1,
    maxItems: MAX_TABLES,
    optional: true,
    example: ['public.orders'],
    description: 'Only these. PostgreSQL: `schema.table`, or `table` for one in `public`. Default: everything.',
  })
  tables?: string[] | undefined;

  @FlagField({
    optional: true,
    example: false,
    description: 'true: changes nothing, and answers with what would be done.',
  })
  dry_run?: boolean | undefined;

  @FlagField({ optional: true, example: false, description: 'Leave out owners and grants (PostgreSQL).' })
  no_owner?: boolean | undefined;

  @WordField(DEFINER_CHOICES, {
    optional: true,
    example: 'keep',
    description:
      'The definer of restored views, routines, triggers and events (MySQL, MariaDB). `keep`: the accounts that the backup ' +
      'names; `warnings` names those that the server does not have. `current_user`: the account of the connection. ' +
      '`skip`: as `keep`, but leaves out the objects whose account the server does not have.',
  })
  definer?: DefinerChoice | undefined;

  @WordField(COLLATION_CHOICES, {
    optional: true,
    example: 'keep',
    description:
      'For a backup of MySQL restored into MariaDB, the reverse, or an older server: what to do with collations that the server does not have. ' +
      '`keep`: the restore is refused and names them. `map`: each is replaced by the nearest one, named in `warnings`; texts may sort otherwise.',
  })
  collations?: CollationChoice | undefined;

  @FlagField({
    optional: true,
    example: false,
    description:
      'When the target database is created and the server does not have the locale, encoding or collation of the backup: ' +
      'true takes the nearest one, with a warning. Default: refuse.',
  })
  locale_fallback?: boolean | undefined;

  @FlagField({
    optional: true,
    example: false,
    description:
      'Put everything into the tablespace of the database, for a server without the other ones (PostgreSQL).',
  })
  no_tablespaces?: boolean | undefined;

  @FlagField({
    optional: true,
    example: false,
    description:
      'Restore a foreign script that has no header or end mark of a dump program. Whether it is whole cannot be told then.',
  })
  accept_incomplete?: boolean | undefined;

  @TextField({
    optional: true,
    maxLength: 200,
    example: 'shop',
    description:
      'For a foreign dump of several databases (pg_dumpall, mysqldump --databases or --all-databases): the one to restore. ' +
      'The target is `target_database`, or that of the connection.',
  })
  source_database?: string | undefined;

  @CompareField()
  compare?: CompareDepth | undefined;

  @IdField({ description: 'Default: the active connection.', refusesEmpty: true })
  connection_id?: string | undefined;
}

/** The result of a restore or of an undo. */
export class RestoreResult {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The id of the restore for `/api/restores`.',
    example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52',
  })
  id!: string | null;

  @ApiProperty({
    enum: [...RESTORE_STRATEGIES, 'new'],
    description:
      '`swap`: loaded into a staging database and swapped in. `transaction`, `safety_backup`: restored in place, and what ' +
      'would have undone a failure. `new`: there was no such database.',
    example: 'swap',
  })
  strategy!: string;

  @ApiProperty({ example: 'mydb' })
  database!: string;

  @ApiProperty({ example: false })
  database_created!: boolean;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'The tables that are restored; null: everything.',
    example: null,
  })
  tables!: readonly string[] | null;

  @ApiProperty({ example: 2380 })
  duration_ms!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description:
      'How long the database could not be used; null where everything was done in place, or where it was not measured.',
    example: 38,
  })
  lockout_ms!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'How many sessions the swap ended.', example: 2 })
  sessions_ended!: number | null;

  @ApiProperty({ type: () => BackupEntry, nullable: true, description: 'The safety backup of the previous data.' })
  safety_backup!: BackupEntry | null;

  @ApiProperty({ type: [String], example: [] })
  warnings!: readonly string[];

  static of(outcome: RestoreOutcome): RestoreResult {
    return {
      id: outcome.id ?? null,
      strategy: outcome.strategy,
      database: outcome.database,
      database_created: outcome.created,
      tables: outcome.tables ?? null,
      duration_ms: outcome.durationMs,
      lockout_ms: outcome.lockoutMs ?? null,
      sessions_ended: outcome.sessionsEnded ?? null,
      safety_backup: outcome.safetyBackup === undefined ? null : BackupEntry.of(outcome.safetyBackup),
      warnings: outcome.warnings,
    };
  }
}

export class RestoreDetails extends RestoreResult {
  @ApiProperty({ type: () => UndoEntry, nullable: true, description: 'null: there was nothing to keep.' })
  undo!: UndoEntry | null;

  /** Makes the entry; `record` is its record in the catalog. */
  static override of(outcome: RestoreOutcome, record?: RestoreRecord): RestoreDetails {
    const undo = record === undefined ? null : UndoEntry.of(record);
    return Object.assign(RestoreResult.of(outcome), { undo: undo?.state === 'none' ? null : undo });
  }
}

export class RestoreResponse extends MessageResponse {
  @ApiProperty({ example: 'Restore successful from ./backups/mydb_20231220_120000.sql' })
  override message!: string;

  @ApiProperty({ type: () => RestoreDetails, required: false, description: 'Absent from the answer to a dry run.' })
  restore?: RestoreDetails;

  @ApiProperty({ type: () => RestorePlanEntry, required: false, description: 'The answer to a dry run.' })
  plan?: RestorePlanEntry;
}
