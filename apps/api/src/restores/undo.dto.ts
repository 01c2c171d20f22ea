import { ApiProperty } from '@nestjs/swagger';
import type { RestoreRecord } from '@app/catalog';
import { undoWayOf } from '@app/engine';
import { DomainError } from '@app/domain';

const UNDO_STATES = ['available', 'used', 'expired', 'dropped', 'none'] as const;
type UndoState = (typeof UNDO_STATES)[number];

/** What a restore has replaced, and whether it can be had back. */
export class UndoEntry {
  @ApiProperty({ description: 'POST /api/restores/{id}/undo brings it back.', example: true })
  available!: boolean;

  @ApiProperty({
    enum: UNDO_STATES,
    example: 'available',
    description: '`expired`: it was kept for its time. `dropped`: somebody gave it up. `none`: never kept.',
  })
  state!: UndoState;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description:
      'When it is dropped, or for a safety backup: until when no retention and nobody deletes it. null: no time is set.',
    example: '2026-01-03T03:04:05.678Z',
  })
  until!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'The copy on the server; null where there is none (any more).',
    example: 'mydb__before_6f1c8f8e',
  })
  copy!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'That the copy takes on the server.', example: 73400320 })
  bytes!: number | null;

  static of(record: RestoreRecord): UndoEntry {
    const state = stateOf(record);
    const kept = isKept(record);
    return {
      available: state === 'available',
      state,
      until: kept && record.copyUntil !== null ? new Date(record.copyUntil).toISOString() : null,
      copy: kept ? record.copy : null,
      bytes: kept ? record.copyBytes : null,
    };
  }
}

/** Also while it is being dropped. */
function isKept({ copyState }: RestoreRecord): boolean {
  return copyState === 'kept' || copyState === 'dropping';
}

function stateOf(record: RestoreRecord): UndoState {
  if (canBeUndone(record)) return 'available';
  switch (record.copyState) {
    case 'used':
      return 'used';
    case 'dropping':
    case 'dropped':
      // Who drops one before its time takes that away from it.
      return record.copyUntil === null ? 'dropped' : 'expired';
    default:
      return 'none';
  }
}

function canBeUndone(record: RestoreRecord): boolean {
  try {
    undoWayOf(record);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'UNDO_UNAVAILABLE') return false;
    throw error;
  }
}
