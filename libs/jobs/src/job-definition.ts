import type { JobRecord, NewEvent } from '@app/catalog';
import type { JobType, JsonObject } from '@app/domain';
import type { JobContext, JobHandler } from './job-handler.js';
import type { JobRequest } from './job-request.js';

/** Does the work of the jobs of one definition. */
export interface TypedHandler<Payload extends object, Result extends object> {
  /** Runs one attempt, as {@link JobHandler.run} does. */
  run(job: TypedJob<Payload>, context: JobContext): Promise<Result>;
}

/** The payload of a job without parameters, and the result of a job without a result. */
export type Nothing = Record<string, never>;

export type TypedJob<Payload> = Omit<JobRecord, 'payload'> & { payload: Payload };

/**
 * Defines one job type with its payload and its result. JSON must be able to hold both, as the catalog stores them. Only this class
 * gives the stored values their types back.
 */
export class JobDefinition<Payload extends object, Result extends object> {
  /** `failureEvents` says what it means that a job of this type has failed for good. */
  constructor(
    readonly type: JobType,
    private readonly failureEvents: (job: TypedJob<Payload>) => readonly NewEvent[] = () => [],
  ) {}

  /** Returns the events that tell of a job that has failed, or was interrupted and is not repeated. */
  failureEventsOf(job: JobRecord): readonly NewEvent[] {
    return this.failureEvents(job as unknown as TypedJob<Payload>);
  }

  request(payload: Payload, rest: Omit<JobRequest, 'type' | 'payload'> = {}): JobRequest {
    return { ...rest, type: this.type, payload: payload as JsonObject };
  }

  /** Returns the result of a job of this type that succeeded. */
  resultOf(result: JsonObject): Result {
    return result as unknown as Result;
  }

  /** Returns a handler for a queue, which knows jobs only as the catalog stores them. */
  untyped(handler: TypedHandler<Payload, Result>): JobHandler {
    return {
      run: async (job, context) => (await handler.run(job as unknown as TypedJob<Payload>, context)) as JsonObject,
    };
  }
}
