import { ApiProperty } from '@nestjs/swagger';
import type { RestorePlan } from '@app/core';
import { RESTORE_STRATEGIES, VERIFICATION_LEVELS } from '@app/domain';

export class PlannedBackupEntry {
  @ApiProperty({ type: String, nullable: true, example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'mydb' })
  database!: string | null;

  @ApiProperty({ example: 'plain' })
  format!: string;

  @ApiProperty({ description: 'Bytes of the file.', example: 1024000 })
  size!: number;

  @ApiProperty({ type: Number, nullable: true, description: 'Bytes of the dump inside the file.', example: 4096000 })
  dump_size!: number | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The moment of the data.',
    example: '2023-12-20T12:00:00.000Z',
  })
  started_at!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The server that it was made from.',
    example: 'PostgreSQL 17.6',
  })
  server!: string | null;

  @ApiProperty({ enum: VERIFICATION_LEVELS, type: String, nullable: true, example: 'restored' })
  verification!: string | null;
}

export class PlannedTargetEntry {
  @ApiProperty({ example: 'PostgreSQL 17.6' })
  server!: string;

  @ApiProperty({ description: 'Bytes that the database holds now.', example: 73400320 })
  bytes!: number;

  @ApiProperty({
    type: Object,
    nullable: true,
    description: 'The objects of each kind that it holds now and that would be replaced; null where it does not exist.',
    example: { tables: 12, views: 3 },
  })
  objects!: object | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Sessions that are open now; a swap ends them.',
    example: 2,
  })
  sessions!: number | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'Free bytes where the server keeps its data.',
    example: 53687091200,
  })
  free_bytes!: number | null;
}

export class LockoutEstimateEntry {
  @ApiProperty({ description: 'How many tables are renamed, in either direction.', example: 3000 })
  tables!: number;

  @ApiProperty({ description: 'The estimate for a server that does not wait for its disk.', example: 1500 })
  least_ms!: number;

  @ApiProperty({ description: 'The estimate for a server with a slow disk.', example: 45000 })
  most_ms!: number;
}

/** The plan of a restore: what it would do. */
export class RestorePlanEntry {
  @ApiProperty({ example: './backups/mydb_20231220_120000.sql' })
  path!: string;

  @ApiProperty({ example: 'mydb' })
  database!: string;

  @ApiProperty({ enum: [...RESTORE_STRATEGIES, 'new'], example: 'swap' })
  strategy!: string;

  @ApiProperty({ type: [String], description: 'The blockers: why the strategy would not be `swap`.', example: [] })
  obstacles!: readonly string[];

  @ApiProperty({
    type: Boolean,
    nullable: true,
    description:
      'For a restore in place on MySQL and MariaDB: true where the backup is loaded and compared in a staging database before anything is taken away, unless it holds what cannot be moved from there; false where it is loaded directly into the target, for the reason among the warnings. null for all others.',
    example: null,
  })
  staged!: boolean | null;

  @ApiProperty({ description: 'The database does not exist and would be made.', example: false })
  creates_database!: boolean;

  @ApiProperty({
    description: 'For how many hours it could be undone; 0: no previous database would be kept.',
    example: 24,
  })
  undo_hours!: number;

  @ApiProperty({
    type: [String],
    nullable: true,
    description: 'The tables that are restored; null: everything.',
    example: null,
  })
  tables!: readonly string[] | null;

  @ApiProperty({ type: () => PlannedBackupEntry })
  backup!: PlannedBackupEntry;

  @ApiProperty({ type: () => PlannedTargetEntry })
  target!: PlannedTargetEntry;

  @ApiProperty({
    type: () => LockoutEstimateEntry,
    nullable: true,
    description:
      'MySQL and MariaDB, where the tables are renamed one by one: the estimated time for which the database could not be used. ' +
      'null: the time does not depend on the number of tables, or the database is not in use, or the backup is loaded directly into it.',
  })
  lockout!: LockoutEstimateEntry | null;

  @ApiProperty({ type: [String], example: [] })
  warnings!: readonly string[];

  static of({ backup, target, lockout, ...plan }: RestorePlan): RestorePlanEntry {
    return {
      path: plan.path,
      database: plan.database,
      strategy: plan.strategy,
      obstacles: plan.blockers,
      staged: plan.staged,
      creates_database: plan.creates,
      undo_hours: plan.undoHours,
      tables: plan.tables,
      backup: {
        id: backup.id,
        database: backup.database,
        format: backup.format,
        size: backup.size,
        dump_size: backup.dumpSize,
        started_at: backup.startedAt,
        server: backup.server,
        verification: backup.verification,
      },
      target: {
        server: target.server,
        bytes: target.bytes,
        objects: target.objects,
        sessions: target.sessions,
        free_bytes: target.freeBytes,
      },
      lockout: lockout === null ? null : { tables: lockout.tables, least_ms: lockout.leastMs, most_ms: lockout.mostMs },
      warnings: plan.warnings,
    };
  }
}

/** Describes the plan in one sentence. */
export function messageOfPlan({ strategy, database, tables, undoHours }: RestorePlan): string {
  const what = tables === null ? 'the backup' : tables.length === 1 ? '1 table' : `${tables.length} tables`;
  return `Nothing was changed. ${wordsFor(strategy, JSON.stringify(database), what)}${undoWords(undoHours)}.`;
}

function wordsFor(strategy: RestorePlan['strategy'], database: string, what: string): string {
  switch (strategy) {
    case 'new':
      return `The restore would make the database ${database} and load ${what} into it`;
    case 'swap':
      return `The restore would load ${what} into a staging database and swap it in for ${database}`;
    case 'transaction':
      return `The restore would load ${what} into ${database} in place, in one transaction`;
    case 'safety_backup':
      return `The restore would back ${database} up, and load ${what} into it in place`;
  }
}

function undoWords(hours: number): string {
  return hours === 0 ? '' : `; that could be undone for ${hours} ${hours === 1 ? 'hour' : 'hours'}`;
}
