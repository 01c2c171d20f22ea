import { randomUUID } from 'node:crypto';
import type { JobRecord } from '@app/catalog';
import type { JobState } from '@app/domain';
import type { JobRequest } from './job-request.js';

/** All urgencies, the most urgent first. */
export const URGENCIES = ['manual', 'scheduled', 'background'] as const;
export type Urgency = (typeof URGENCIES)[number];

const PRIORITY_OF: Readonly<Record<Urgency, number>> = { manual: 20, scheduled: 10, background: 0 };

export function jobRecordOf(request: JobRequest, owner: string, now: number): JobRecord {
  return {
    id: randomUUID(),
    type: request.type,
    state: 'queued',
    lockKey: request.lockKey ?? null,
    connectionId: request.connectionId ?? null,
    scheduleId: request.scheduleId ?? null,
    dueAt: request.dueAt?.getTime() ?? null,
    uniqueKey: request.uniqueKey ?? null,
    retryOf: null,
    priority: PRIORITY_OF[request.urgency ?? 'manual'],
    abandonedByRestart: request.abandonedByRestart ?? false,
    payload: request.payload,
    result: null,
    failure: null,
    progress: null,
    log: [],
    attempt: 0,
    maxAttempts: request.maxAttempts ?? 1,
    runAfter: request.runAfter?.getTime() ?? now,
    cancelRequestedAt: null,
    owner,
    createdAt: now,
    startedAt: null,
    finishedAt: null,
  };
}

/** Returns the name of a priority. */
export function urgencyOf(priority: number): Urgency {
  return URGENCIES.find((urgency) => PRIORITY_OF[urgency] <= priority) ?? 'background';
}

export function hasEnded({ state }: { state: JobState }): boolean {
  return state !== 'queued' && state !== 'running';
}
