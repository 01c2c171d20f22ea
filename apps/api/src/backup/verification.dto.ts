import { ApiProperty } from '@nestjs/swagger';
import { COMPARE_DEPTHS, VERIFICATION_LEVELS } from '@app/domain';
import type { CompareDepth, RestoredVerificationResult, Verification, VerificationLevel } from '@app/domain';

/** A verification that could not be made. */
export class UntriedVerificationEntry {
  @ApiProperty({ example: '2023-12-20T12:00:05.000Z' })
  at!: string;

  @ApiProperty({ example: 'cannot verify here, because no PostgreSQL server is installed on this machine.' })
  message!: string;
}

export class FailedVerificationEntry extends UntriedVerificationEntry {
  @ApiProperty({ example: 'mydb_20231220_120000.sql: table public.orders has 11 rows instead of 12.' })
  override message!: string;

  @ApiProperty({
    enum: VERIFICATION_LEVELS,
    required: false,
    description: 'The level that was being verified. Absent: `stored`.',
  })
  level?: VerificationLevel;
}

export class RestoredVerificationEntry implements RestoredVerificationResult {
  @ApiProperty({ example: 'PostgreSQL 17.6', description: 'The server that it was loaded into.' })
  server!: string;

  @ApiProperty({ example: 42 })
  tables!: number;

  @ApiProperty({ example: 1203321 })
  rows!: number;

  @ApiProperty({
    enum: ['snapshot', 'dump'],
    description: 'What the rows were compared with: the dump’s own snapshot of the source, or what the dump holds.',
  })
  compared_with!: 'snapshot' | 'dump';

  @ApiProperty({
    enum: COMPARE_DEPTHS,
    required: false,
    description:
      '`content`: the checksums of the rows were equal, too. `counts`, or absent: only their number was compared, because ' +
      'that was asked for, or the backup has no checksums.',
  })
  compared?: CompareDepth;

  @ApiProperty({
    type: [String],
    required: false,
    description:
      'With `content`: the tables (and single columns, as `table.column`) whose content was not compared nevertheless; ' +
      '`warnings` says why. On MySQL and MariaDB these are the tables that were written while the dump began.',
  })
  by_count?: readonly string[];

  @ApiProperty({ example: 8412, description: 'How long the load took: the measured recovery time.' })
  restore_ms!: number;

  @ApiProperty({ type: [String], required: false, description: 'What differed and does not have to be the same.' })
  warnings?: readonly string[];

  @ApiProperty({
    type: [String],
    required: false,
    description: 'What had to be made with more rights than those of the account that loads a backup for verification.',
  })
  notes?: readonly string[];
}

export class VerificationEntry {
  @ApiProperty({ enum: VERIFICATION_LEVELS, example: 'stored' })
  level!: string;

  @ApiProperty({ example: '2023-12-20T12:00:05.000Z', description: 'When that level was reached.' })
  at!: string;

  @ApiProperty({
    type: () => FailedVerificationEntry,
    nullable: true,
    description: 'The last attempt if it failed. Such a backup does not count any more.',
  })
  failed!: FailedVerificationEntry | null;

  @ApiProperty({
    type: () => RestoredVerificationEntry,
    nullable: true,
    description: 'The findings of level `restored`.',
  })
  details!: RestoredVerificationEntry | null;

  @ApiProperty({
    type: () => UntriedVerificationEntry,
    nullable: true,
    description: 'The last time that `restored` could not be tried here, and why.',
  })
  untried!: UntriedVerificationEntry | null;

  static of({ level, at, failed, details, untried }: Verification): VerificationEntry {
    return { level, at, failed: failed ?? null, details: details ?? null, untried: untried ?? null };
  }
}
