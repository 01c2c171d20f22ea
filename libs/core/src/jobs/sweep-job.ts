import type { JobContext, JobHandler, JobRequest } from '@app/jobs';
import type { JsonObject } from '@app/domain';
import type { StorageSweep } from '../housekeeping/storage-sweep.js';

export function sweepJob(): JobRequest {
  return { type: 'sweep', payload: {}, urgency: 'background', abandonedByRestart: true };
}

export class SweepJob implements JobHandler {
  constructor(private readonly sweep: StorageSweep) {}

  async run(_job: unknown, work: JobContext): Promise<JsonObject> {
    const { completed, removed } = await this.sweep.run();
    for (const backup of completed) work.log(`finished publishing ${backup}`);
    for (const backup of removed) work.log(`removed what was left of ${backup}`);
    return { completed, removed };
  }
}
