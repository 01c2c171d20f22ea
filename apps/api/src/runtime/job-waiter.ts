import { Inject, Injectable } from '@nestjs/common';
import type { JobRecord } from '@app/catalog';
import type { JsonObject } from '@app/domain';
import { resultOf } from '@app/jobs';
import type { JobQueue } from '@app/jobs';
import { JOB_QUEUE } from '../foundation/tokens.js';

/** For the calls that answer when the work is done. Whoever hangs up meanwhile does not end the job. */
@Injectable()
export class JobWaiter {
  constructor(@Inject(JOB_QUEUE) private readonly queue: JobQueue) {}

  /** The job's result, or the failure that it ended with, thrown as it was. */
  async resultOf(job: JobRecord): Promise<JsonObject> {
    return resultOf(await this.queue.ended(job.id));
  }
}
