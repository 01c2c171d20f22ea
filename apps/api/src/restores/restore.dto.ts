import { ApiProperty } from '@nestjs/swagger';
import type { RestoreRecord } from '@app/catalog';
import type { CompareDepth } from '@app/domain';
import { COLLATION_CHOICES, DEFINER_CHOICES } from '@app/drivers';
import type { CollationChoice, DefinerChoice } from '@app/drivers';
import { RESTORE_STRATEGIES } from '@app/core';
import type { RestoreChoice, RestoreOutcome } from '@app/core';
import { BackupEntry, CompareField, IdField, MAX_PATH_LENGTH } from '../backup/backup.dto.js';
import { MAX_NAME_LENGTH, MessageResponse } from '../connection/connection.dto.js';
import { FlagField, TextField, TextListField, WordField } from '../http/request-fields.js';
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
      '`swap`: beside the database, compared, and put in its place; can be undone. `transaction` (PostgreSQL) and ' +
      '`safety_backup` (MySQL): in place. Default `auto`: `swap` where it can be done, else the other way.',
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

  @FlagField({ optional: true, example: false, description: 'true: change nothing, and tell what would be done.' })
  dry_run?: boolean | undefined;

  @FlagField({ optional: true, example: false, description: 'Leave out owners and grants (PostgreSQL).' })
  no_owner?: boolean | undefined;

  @WordField(DEFINER_CHOICES, {
    optional: true,
    example: 'keep',
    description:
      'In whose name views, routines, triggers and events are made (MySQL, MariaDB). `keep`: of the accounts that the backup ' +
      'names; those that the server lacks are named in `warnings`. `current_user`: of the account of the connection. ' +
      '`skip`: as `keep`, without the objects whose account the server lacks.',
  })
  definer?: DefinerChoice | undefined;

  @WordField(COLLATION_CHOICES, {
    optional: true,
    example: 'keep',
    description:
      'For a backup of MySQL restored into MariaDB, the reverse, or an older server: what becomes of collations that the server lacks. ' +
      '`keep`: the restore is refused and names them. `map`: the nearest that it has, named in `warnings`; texts may sort otherwise.',
  })
  collations?: CollationChoice | undefined;

  @FlagField({
    optional: true,
    example: false,
    description:
      'When the target database is made and the server lacks the locale, encoding or collation of the backup: take the ' +
      'nearest that it has, with a warning. Default: refuse.',
  })
  locale_fallback?: boolean | undefined;

  @FlagField({
    optional: true,
    example: false,
    description: 'Put everything into the tablespace of the database, for a server that lacks others (PostgreSQL).',
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
      'Of a foreign dump of several databases (pg_dumpall, mysqldump --databases or --all-databases): the one to restore. ' +
      'The target is `target_database`, or that of the connection.',
  })
  source_database?: string | undefined;

  @CompareField()
  compare?: CompareDepth | undefined;

  @IdField({ description: 'Default: the active connection.', refusesEmpty: true })
  connection_id?: string | undefined;
}

/** What came of a restore or of undoing one. */
export class RestoreResult {
  @ApiProperty({
    type: String,
    nullable: true,
    description: 'For `/api/restores`.',
    example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52',
  })
  id!: string | null;

  @ApiProperty({
    enum: [...RESTORE_STRATEGIES, 'new'],
    description:
      '`swap`: loaded beside the database and put in its place. `transaction`, `safety_backup`: in place, and what a ' +
      'failure would have been undone by. `new`: there was no such database.',
    example: 'swap',
  })
  strategy!: string;

  @ApiProperty({ example: 'mydb' })
  database!: string;

  @ApiProperty({ example: false })
  database_created!: boolean;

  @ApiProperty({ type: [String], nullable: true, description: 'Only these; null: everything.', example: null })
  tables!: readonly string[] | null;

  @ApiProperty({ example: 2380 })
  duration_ms!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'How long the database could not be used; null where all of it was done in place, or nobody saw it.',
    example: 38,
  })
  lockout_ms!: number | null;

  @ApiProperty({ type: Number, nullable: true, description: 'At the swap, and not before.', example: 2 })
  sessions_ended!: number | null;

  @ApiProperty({ type: () => BackupEntry, nullable: true, description: 'What the database held before, as a backup.' })
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
  @ApiProperty({ type: () => UndoEntry, nullable: true, description: 'null: nothing was there to be kept.' })
  undo!: UndoEntry | null;

  /** `record`: what the catalog says of it now. */
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
