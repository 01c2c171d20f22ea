import { JobDefinition } from '@app/jobs';
import type { JobRequest, Nothing, TypedHandler } from '@app/jobs';
import type { RestoreUndo } from '../restore/restore-undo.js';

interface Dropped {
  dropped: string[];
  failed: string[];
}

export const EXPIRY_JOB = new JobDefinition<Nothing, Dropped>('expiry');

/** Drops the previous databases of restores whose time is over. */
export function expiryJob(): JobRequest {
  return EXPIRY_JOB.request({}, { lockKey: 'expiry', urgency: 'background', abandonedByRestart: true });
}

export class ExpiryJob implements TypedHandler<Nothing, Dropped> {
  constructor(private readonly undo: RestoreUndo) {}

  run(): Promise<Dropped> {
    return this.undo.dropExpired();
  }
}
