import { ApiProperty } from '@nestjs/swagger';
import { COMPARE_DEPTHS, VERIFICATION_LEVELS } from '@app/domain';
import type { CompareDepth, RestoredVerificationResult, Verification, VerificationLevel } from '@app/domain';

/** An attempt to prove a backup that came to nothing. */
export class UntriedProofEntry {
  @ApiProperty({ example: '2023-12-20T12:00:05.000Z' })
  at!: string;

  @ApiProperty({ example: 'cannot verify here, because no PostgreSQL server is installed on this machine.' })
  message!: string;
}

export class FailedProofEntry extends UntriedProofEntry {
  @ApiProperty({ example: 'mydb_20231220_120000.sql: table public.orders has 11 rows instead of 12.' })
  override message!: string;

  @ApiProperty({
    enum: VERIFICATION_LEVELS,
    required: false,
    description: 'What was being proven; absent: `stored`.',
  })
  level?: VerificationLevel;
}

export class RestoreProofEntry implements RestoredVerificationResult {
  @ApiProperty({ example: 'PostgreSQL 17.6', description: 'That it was loaded into.' })
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
      'With `content`: the tables (and single columns, as `table.column`) of which the content was not compared all the same; ' +
      '`warnings` say why. On MySQL and MariaDB those that were written while the dump began.',
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
    type: () => FailedProofEntry,
    nullable: true,
    description: 'The last attempt when it failed: the backup counts for nothing any more.',
  })
  failed!: FailedProofEntry | null;

  @ApiProperty({ type: () => RestoreProofEntry, nullable: true, description: 'Of level `restored`.' })
  details!: RestoreProofEntry | null;

  @ApiProperty({
    type: () => UntriedProofEntry,
    nullable: true,
    description: 'The last time that `restored` could not be tried here, and why.',
  })
  untried!: UntriedProofEntry | null;

  static of({ level, at, failed, details, untried }: Verification): VerificationEntry {
    return { level, at, failed: failed ?? null, details: details ?? null, untried: untried ?? null };
  }
}
