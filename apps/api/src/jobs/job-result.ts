import type { JobRecord } from '@app/catalog';
import type { Json, JsonObject } from '@app/domain';
import { BACKUP_JOB, RESTORE_JOB, VERIFY_JOB } from '@app/core';
import { BackupEntry } from '../backup/backup.dto.js';
import { VerificationEntry } from '../backup/verification.dto.js';
import { RestoreResult } from '../restores/restore.dto.js';

/** The result of a job in the shape of the API: backups and restores look as in the blocking calls. */
export function shownResult({ type, state, result }: Pick<JobRecord, 'type' | 'state' | 'result'>): object | null {
  if (state !== 'succeeded' || result === null) return null;
  switch (type) {
    case 'backup':
      return { backup: BackupEntry.of(BACKUP_JOB.resultOf(result)) };
    // The result leaves the undo out, because it changes with time: `/api/restores` has it.
    case 'restore':
    case 'undo': {
      const outcome = RESTORE_JOB.resultOf(result);
      return { restore: Object.assign(RestoreResult.of(outcome), { path: outcome.path }) };
    }
    case 'verify':
      return { verification: VerificationEntry.of(VERIFY_JOB.resultOf(result).verification) };
    default:
      return inSnakeCase(result);
  }
}

function inSnakeCase(object: JsonObject): object {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [snakeCase(key), shown(value)]));
}

function shown(value: Json | undefined): unknown {
  if (Array.isArray(value)) return value.map((item: Json) => shown(item));
  return typeof value === 'object' && value !== null ? inSnakeCase(value as JsonObject) : value;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
