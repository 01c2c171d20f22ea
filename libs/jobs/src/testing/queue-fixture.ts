import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Catalog, JobRecord } from '@app/catalog';
import { silentLogger } from '@app/domain';
import type { Clock, JsonObject } from '@app/domain';
import { EventLog } from '../event-log.js';
import { InProcessQueue } from '../in-process-queue.js';
import type { InProcessQueueOptions } from '../in-process-queue.js';
import type { JobContext, JobHandler } from '../job-queue.js';

/** A process id that no process can have (Linux ends at 2^22). */
export const NO_PROCESS = 2 ** 22 + 1;

interface Begun {
  job: JobRecord;
  work: JobContext;
  resolve: (result: JsonObject) => void;
  reject: (error: unknown) => void;
}

/** Begins jobs, named by their payload, and ends them when the test says so. */
export class ManualHandler implements JobHandler {
  /** In the order in which they began. */
  readonly order: string[] = [];
  private readonly open = new Map<string, Begun>();

  run(job: JobRecord, work: JobContext): Promise<JsonObject> {
    const name = String(job.payload['name']);
    this.order.push(name);
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
}

/** Settles a stopped job as a handler should. */
export function endsWhenStopped(error: unknown): JobHandler['run'] {
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
  handler: ManualHandler;
}

export function testQueue(catalog: Catalog, options: Partial<InProcessQueueOptions> = {}): TestQueue {
  const events = options.events ?? new EventLog();
  const handler = new ManualHandler();
  const queue = new InProcessQueue({
    catalog,
    events,
    clock: { now: () => new Date() },
    logger: silentLogger,
    concurrency: 1,
    instance: { id: randomUUID(), host: 'here', pid: process.pid },
    retryDelaysMs: [0],
    pauseMs: 10,
    ...options,
  });
  queue.register('backup', handler);
  return { queue, events, handler };
}

/** Waits for what comes by itself; the test's own time limit ends it if it does not. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(2);
}
