import type { JobRecord } from '@app/catalog';
import type { Json, JsonObject, Verification } from '@app/domain';
import { backupOf, restoreOf } from '@app/core';
import { BackupEntry } from '../backup/backup.dto.js';
import { VerificationEntry } from '../backup/verification.dto.js';
import { RestoreResult } from '../restores/restore.dto.js';

/** What came of a job as the API shows things: a backup or restore as the calls that wait for it do. */
export function shownResult({ type, state, result }: Pick<JobRecord, 'type' | 'state' | 'result'>): object | null {
  if (state !== 'succeeded' || result === null) return null;
  switch (type) {
    case 'backup':
      return { backup: BackupEntry.of(backupOf(result)) };
    // Whether it can be undone changes with time: `/api/restores` tells.
    case 'restore':
    case 'undo': {
      const outcome = restoreOf(result);
      return { restore: Object.assign(RestoreResult.of(outcome), { path: outcome.path }) };
    }
    case 'verify':
      return { verification: VerificationEntry.of(result['verification'] as unknown as Verification) };
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
