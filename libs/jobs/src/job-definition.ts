import type { JobRecord } from '@app/catalog';
import type { JobType, JsonObject } from '@app/domain';
import type { JobContext, JobHandler } from './job-handler.js';
import type { JobRequest } from './job-request.js';

/** Does the work of the jobs of one definition. */
export interface TypedHandler<Payload extends object, Result extends object> {
  /** One attempt, as {@link JobHandler.run}. */
  run(job: TypedJob<Payload>, context: JobContext): Promise<Result>;
}

/** The payload of a job that is asked nothing, the result of one that tells nothing. */
export type Nothing = Record<string, never>;

export type TypedJob<Payload> = Omit<JobRecord, 'payload'> & { payload: Payload };

/**
 * One type of jobs: what is asked, and what comes of it. Both must survive JSON, as they lie in the catalog; here alone they are taken
 * from there for what they were.
 */
export class JobDefinition<Payload extends object, Result extends object> {
  constructor(readonly type: JobType) {}

  request(payload: Payload, rest: Omit<JobRequest, 'type' | 'payload'> = {}): JobRequest {
    return { ...rest, type: this.type, payload: payload as JsonObject };
  }

  /** The result of a job of this type that succeeded. */
  resultOf(result: JsonObject): Result {
    return result as unknown as Result;
  }

  /** For a queue, which knows jobs as the catalog keeps them. */
  untyped(handler: TypedHandler<Payload, Result>): JobHandler {
    return {
      run: async (job, context) => (await handler.run(job as unknown as TypedJob<Payload>, context)) as JsonObject,
    };
  }
}
