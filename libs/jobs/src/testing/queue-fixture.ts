import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Catalog, JobRecord } from '@app/catalog';
import { DomainError, silentLogger } from '@app/domain';
import type { Clock, JsonObject } from '@app/domain';
import type { CatalogKind } from '../../../catalog/src/testing/catalog-matrix.js';
import { givenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import type { GivenCatalog } from '../../../catalog/src/testing/given-catalog.js';
import { EventLog } from '@app/events';
import { InProcessQueue } from '../in-process/in-process-queue.js';
import type { InProcessQueueOptions } from '../in-process/in-process-queue.js';
import { JobDefinition } from '../job-definition.js';
import type { JobContext, JobHandler } from '../job-handler.js';
import type { JobRequest } from '../job-request.js';
import type { Instance } from '../in-process/heartbeat.js';

/** The id of a run of this service that every queue knows to be over. */
export const PAST_RUN = randomUUID();

interface Begun {
  job: JobRecord;
  work: JobContext;
  resolve: (result: JsonObject) => void;
  reject: (error: unknown) => void;
}

/** A handler that begins jobs, named by their payload, and ends them when the test says so. */
export class ManualHandler implements JobHandler {
  /** The names of the jobs in the order in which they began. */
  readonly order: string[] = [];
  private stopped = false;
  private readonly open = new Map<string, Begun>();

  run(job: JobRecord, work: JobContext): Promise<JsonObject> {
    const name = job.payload['name'] as string;
    this.order.push(name);
    if (this.stopped) return Promise.reject(new DomainError('CANCELLED', 'The test is over.'));
    return new Promise((resolve, reject) => this.open.set(name, { job, work, resolve, reject }));
  }

  async begun(name: string): Promise<Begun> {
    await until(() => this.open.has(name));
    return this.open.get(name) as Begun;
  }

  async finish(name: string, result: JsonObject = {}): Promise<void> {
    const { resolve } = await this.begun(name);
    this.open.delete(name);
    resolve(result);
  }

  async fail(name: string, error: unknown): Promise<void> {
    const { reject } = await this.begun(name);
    this.open.delete(name);
    reject(error);
  }

  get running(): string[] {
    return [...this.open.keys()];
  }

  /** Ends all running jobs, and every later one at once. */
  stopAll(): void {
    this.stopped = true;
    for (const { reject } of this.open.values()) reject(new DomainError('CANCELLED', 'The test is over.'));
  }
}

/** Ends a stopped job as a handler should. */
export function endsWhenStopped(error: Error): JobHandler['run'] {
  return (_job, { signal }) =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(error);
      signal.addEventListener('abort', () => reject(error));
    });
}

export class SettableClock implements Clock {
  constructor(public time: number) {}

  now(): Date {
    return new Date(this.time);
  }
}

export interface TestQueue {
  queue: InProcessQueue;
  events: EventLog;
  /** The handler of backups. A `verify` job runs until it is stopped. */
  handler: ManualHandler;
  instance: Instance;
}

export interface GivenQueues extends GivenCatalog {
  /** Makes a queue that has not begun, with a concurrency of 1. */
  prepare(options?: Partial<InProcessQueueOptions>): TestQueue;
  start(options?: Partial<InProcessQueueOptions>): Promise<TestQueue>;
  /** Returns the job as the catalog has it. */
  stored(id: string): Promise<JobRecord>;
}

/** Makes queues on a catalog of the test's own. After the test they are shut down and their jobs stopped. */
export function givenQueues(kind: CatalogKind): GivenQueues {
  const given = givenCatalog(kind) as GivenQueues;
  const queues: TestQueue[] = [];
  afterEach(async () => {
    for (const { queue, handler } of queues.splice(0)) {
      handler.stopAll();
      await queue.shutdown(0);
    }
  });
  given.prepare = (options = {}) => {
    const made = testQueue(options.catalog ?? given.catalog, options);
    queues.push(made);
    return made;
  };
  given.start = async (options) => {
    const made = given.prepare(options);
    await made.queue.start();
    return made;
  };
  given.stored = async (id) => (await given.catalog.jobs.get(id)) as JobRecord;
  return given;
}

/** Makes a job that the handler of backups knows by this name. */
export function named(name: string, some: Partial<JobRequest> = {}): JobRequest {
  return { type: 'backup', payload: { name }, ...some };
}

function testQueue(catalog: Catalog, options: Partial<InProcessQueueOptions>): TestQueue {
  const events = options.events ?? new EventLog();
  const handler = new ManualHandler();
  const instance = options.instance ?? { id: randomUUID(), host: 'here', pid: process.pid };
  const queue = new InProcessQueue({
    catalog,
    events,
    clock: { now: () => new Date() },
    logger: silentLogger,
    concurrency: 1,
    instance,
    pastRuns: new Set([PAST_RUN]),
    retryDelaysMs: [0],
    pauseMs: 10,
    writePausesMs: [5],
    ...options,
  });
  queue.register(new JobDefinition('backup'), handler);
  queue.register(new JobDefinition('verify'), {
    run: endsWhenStopped(new DomainError('CANCELLED', 'Nothing of it is left.')),
  });
  return { queue, events, handler, instance };
}

/** Waits until a condition holds; the time limit of the test ends the wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(2);
}
