import { JobDefinition } from '@app/jobs';
import type { JobContext, JobRequest, Nothing, TypedHandler } from '@app/jobs';
import type { StorageSweep } from '../housekeeping/storage-sweep.js';

interface Swept {
  completed: string[];
  removed: string[];
}

export const SWEEP_JOB = new JobDefinition<Nothing, Swept>('sweep');

export function sweepJob(): JobRequest {
  return SWEEP_JOB.request({}, { urgency: 'background', abandonedByRestart: true });
}

export class SweepJob implements TypedHandler<Nothing, Swept> {
  constructor(private readonly sweep: StorageSweep) {}

  async run(_job: unknown, work: JobContext): Promise<Swept> {
    const { completed, removed } = await this.sweep.run();
    for (const backup of completed) work.log(`finished publishing ${backup}`);
    for (const backup of removed) work.log(`removed what was left of ${backup}`);
    return { completed, removed };
  }
}
