import { ApiProperty } from '@nestjs/swagger';
import type { RestoreRecord } from '@app/catalog';
import { undoStrategyOf, whyLost } from '@app/core';
import { DomainError } from '@app/domain';

const UNDO_STATES = [
  'available',
  'in_progress',
  'failed',
  'used',
  'expired',
  'dropping',
  'dropped',
  'lost',
  'none',
] as const;
type UndoState = (typeof UNDO_STATES)[number];

/** The state that a restore replaced, and whether it can be restored. */
export class UndoEntry {
  @ApiProperty({ description: 'POST /api/restores/{id}/undo brings it back.', example: true })
  available!: boolean;

  @ApiProperty({
    enum: UNDO_STATES,
    example: 'available',
    description:
      '`in_progress`: it is being undone. `failed`: the last attempt failed or was interrupted, `reason` says why; it can be ' +
      'tried again. `expired`: its time is over. `dropping`: it cannot be restored any more, but is still ' +
      'there. `dropped`: somebody gave it up. `lost`: it disappeared without the service having dropped it, or with ' +
      'the database that it was in; a safety backup also counts as lost while it is altered or cannot be reached. `none`: nothing was kept.',
  })
  state!: UndoState;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it is dropped. For a safety backup: until when it cannot be deleted. null: no time is set.',
    example: '2026-01-03T03:04:05.678Z',
  })
  until!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The previous database on the server; null where there is none (any more).',
    example: 'mydb__before_6f1c8f8e',
  })
  copy!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    description: 'The bytes that the previous database takes on the server.',
    example: 73400320,
  })
  bytes!: number | null;

  @ApiProperty({
    type: String,
    required: false,
    description: 'Why it cannot be undone, or why the last attempt failed. Absent where there is nothing to say.',
    example: 'The last attempt failed: "mydb" is in use by sessions which do not end. Nothing was changed.',
  })
  reason?: string;

  /** Shows a restore's undo; `undoing` is the last attempt to undo it. */
  static of(record: RestoreRecord, undoing?: RestoreRecord): UndoEntry {
    const state = stateOf(record, undoing);
    const kept = isKept(record);
    const reason = reasonOf(record, state, undoing);
    return {
      available: state === 'available' || state === 'failed',
      state,
      until: kept && record.copyUntil !== null ? new Date(record.copyUntil).toISOString() : null,
      copy: kept ? record.copy : null,
      bytes: kept ? record.copyBytes : null,
      ...(reason === undefined ? {} : { reason }),
    };
  }
}

/** Also while it is being dropped. */
function isKept({ copyState }: RestoreRecord): boolean {
  return copyState === 'kept' || copyState === 'dropping';
}

function stateOf(record: RestoreRecord, undoing: RestoreRecord | undefined): UndoState {
  if (undoing?.state === 'running') return 'in_progress';
  if (canBeUndone(record)) return undoing === undefined || undoing.state === 'succeeded' ? 'available' : 'failed';
  switch (record.copyState) {
    case 'used':
      return 'used';
    case 'lost':
    case 'dropping':
      return record.copyState;
    case 'dropped':
      // Dropping a previous database by hand clears its expiry time.
      return record.copyUntil === null ? 'dropped' : 'expired';
    default:
      return 'none';
  }
}

function reasonOf(record: RestoreRecord, state: UndoState, undoing: RestoreRecord | undefined): string | undefined {
  if (state === 'lost') {
    const why = whyLost(record);
    const sentence = `${why.charAt(0).toUpperCase()}${why.slice(1)}.`;
    const returns = record.tables !== null && record.copyUntil !== null;
    return returns ? `${sentence} If a later restore has replaced the whole database, undo that one first.` : sentence;
  }
  if (state !== 'failed') return undefined;
  return `The last attempt failed: ${undoing?.failure?.message ?? 'nobody knows why.'}`;
}

function canBeUndone(record: RestoreRecord): boolean {
  try {
    undoStrategyOf(record);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'UNDO_UNAVAILABLE') return false;
    throw error;
  }
}
