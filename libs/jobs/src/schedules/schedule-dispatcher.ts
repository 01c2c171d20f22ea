import { createHash } from 'node:crypto';
import type { Catalog, JobRecord, NewEvent, ScheduleRecord } from '@app/catalog';
import { JOB_STATES, messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { domainEvent } from '@app/events';
import { CLOCK_CORRECTION_MS, nextDue, scheduleOf } from './due-times.js';
import type { JobQueue } from '../job-queue.js';
import type { JobRequest } from '../job-request.js';

const CHUNK = 500;
/** The tolerance for a late dispatcher, and for the difference between two: a run of this age is not missed. */
const LEAST_CATCH_UP_MS = 120_000;
/** A clock that goes back by less is adjusted, not set. */
const SET_BACK_MS = 1_000;

export interface DueSchedule {
  schedule: ScheduleRecord;
  due: Date;
}

export interface ScheduleDispatcherOptions {
  catalog: Catalog;
  queue: Pick<JobQueue, 'recordsOf' | 'admit'>;
  clock: Clock;
  logger: Logger;
  /** The age up to which runs are made up that were missed while the service was down. */
  catchUpMs: number;
  /**
   * Makes the jobs of due schedules. Each has its `scheduleId`, and a `uniqueKey` when a schedule has several. A schedule that
   * cannot be served has none.
   */
  requestsOf: (due: readonly DueSchedule[]) => Promise<readonly JobRequest[]>;
}

/**
 * Makes the jobs of due schedules: exactly one for each (schedule, due instant), for any number of dispatchers on the catalog
 * (FAILURES 43, 44). It has no timer: its owner calls {@link tick} at {@link nextDueAt}, and once a minute, as clocks can be set
 * and other instances can change schedules.
 */
export class ScheduleDispatcher {
  private next: number | undefined;
  private started = false;
  /** The time at the last look at the clock. */
  private seen = 0;
  /** The jobs of a step whose outcome is unknown, as the catalog did not answer. */
  private uncertain: readonly JobRecord[] = [];

  constructor(private readonly options: ScheduleDispatcherOptions) {}

  /** When the earliest schedule is due, in epoch milliseconds; undefined when none is enabled. Other methods update it. */
  nextDueAt(): number | undefined {
    return this.next;
  }

  /**
   * Makes up runs that were missed while nothing ran: one job for the latest missed instant of each schedule, if it is within
   * the catch-up time; else it skips and logs the run. Rejects when the catalog fails; the next {@link tick} then does it.
   */
  async start(): Promise<void> {
    this.seen = this.now();
    await this.realign();
    await this.serve(Math.max(this.options.catchUpMs, LEAST_CATCH_UP_MS));
    this.started = true;
  }

  /** Makes the jobs that are due now. Rejects when the catalog fails; the next call makes the missing jobs. */
  async tick(): Promise<void> {
    if (!this.started) return this.start();
    const now = this.now();
    const setBack = now < this.seen - SET_BACK_MS;
    if (setBack) await this.realign();
    this.seen = now;
    await this.serve(Infinity);
  }

  /** To be called after schedules were changed. */
  async refresh(): Promise<void> {
    this.next = await this.options.catalog.schedules.nextDueAt();
  }

  private async serve(withinMs: number): Promise<void> {
    const { catalog } = this.options;
    try {
      await this.resolveUncertain();
      const now = this.now();
      const served = new Set<string>();
      for (;;) {
        const schedules = await catalog.schedules.due(now, CHUNK);
        const fresh = schedules.filter(({ id, nextDueAt }) => !served.has(`${id} ${nextDueAt}`));
        if (fresh.length === 0) break;
        for (const { id, nextDueAt } of fresh) served.add(`${id} ${nextDueAt}`);
        await this.step(fresh, now, withinMs);
      }
    } finally {
      await this.refresh();
    }
  }

  /** Writes the jobs and the next due instants in one transaction. */
  private async step(schedules: readonly ScheduleRecord[], now: number, withinMs: number): Promise<void> {
    const { catalog, queue, logger, requestsOf } = this.options;
    const due: DueSchedule[] = [];
    const missed: NewEvent[] = [];
    const steps: { id: string; due: number; next: number }[] = [];
    for (const schedule of schedules) {
      const next = this.nextOf(schedule, now);
      if (next === undefined) {
        await catalog.schedules.update(schedule.id, { nextDueAt: null });
        continue;
      }
      const waitedFor = schedule.nextDueAt ?? now;
      const latest = scheduleOf(schedule).latest(new Date(waitedFor), new Date(now));
      steps.push({ id: schedule.id, due: waitedFor, next });
      if (now - latest.getTime() <= withinMs) due.push({ schedule, due: latest });
      else {
        logger.warn({ schedule: schedule.id, due: latest.toISOString() }, 'a run was missed for too long');
        const { id: scheduleId, connectionId, action } = schedule;
        missed.push(domainEvent('ScheduleRunMissed', { scheduleId, connectionId, action, dueAt: latest.getTime() }));
      }
    }
    const records = queue.recordsOf(timed(await requestsOf(due), due));
    this.uncertain = records;
    const inserted = await catalog.transaction(async ({ jobs, schedules: table, outbox }) => {
      const ids = new Set(await jobs.insert(records));
      await table.advance(steps);
      await outbox.append(missed);
      return ids;
    });
    this.uncertain = [];
    queue.admit(records.filter(({ id }) => inserted.has(id)));
  }

  /** Takes over jobs of a transaction that succeeded although its answer was lost: otherwise nobody would run them. */
  private async resolveUncertain(): Promise<void> {
    for (const { id } of this.uncertain) {
      const job = await this.options.catalog.jobs.get(id);
      if (job !== undefined) this.options.queue.admit([job]);
    }
    this.uncertain = [];
  }

  /**
   * Sets every schedule to its real next instant, since the clock was far ahead, now or before the last start, or the schedule
   * came from a copy of the catalog. It does not change schedules that are due already.
   */
  private async realign(): Promise<void> {
    const { schedules } = this.options.catalog;
    const now = this.now();
    let after: string | undefined;
    do {
      const page = await schedules.page({ limit: CHUNK, ...(after === undefined ? {} : { after }) });
      for (const schedule of page.rows.filter(({ enabled }) => enabled)) await this.realignOne(schedule, now);
      after = page.next;
    } while (after !== undefined);
  }

  private async realignOne(schedule: ScheduleRecord, now: number): Promise<void> {
    const { nextDueAt, servedDueAt, id } = schedule;
    if (nextDueAt !== null && nextDueAt <= now) return;
    const next = this.nextOf(schedule, now);
    if (next === undefined || (nextDueAt !== null && nextDueAt <= next)) return;
    await this.options.catalog.schedules.update(id, { nextDueAt: next });
    if (servedDueAt !== null && servedDueAt - now >= CLOCK_CORRECTION_MS) await this.forgetServed(id, now);
  }

  /** Returns undefined when the times of a schedule cannot be read, which must not block the others. */
  private nextOf(schedule: ScheduleRecord, now: number): number | undefined {
    try {
      return nextDue(schedule, now);
    } catch (error) {
      const { id, cron, timezone } = schedule;
      this.options.logger.error({ schedule: id, cron, timezone }, `a schedule never comes due: ${messageOf(error)}`);
      return undefined;
    }
  }

  /** Forgets a run by a clock that was far ahead, so that the schedule runs at the right time. */
  private async forgetServed(scheduleId: string, now: number): Promise<void> {
    const { jobs } = this.options.catalog;
    const { rows } = await jobs.page({ scheduleId, limit: CHUNK });
    for (const { id, dueAt, uniqueKey } of rows) {
      if (uniqueKey !== null && dueAt !== null && dueAt > now) await jobs.update(id, JOB_STATES, { uniqueKey: null });
    }
  }

  private now(): number {
    return this.options.clock.now().getTime();
  }
}

function timed(requests: readonly JobRequest[], due: readonly DueSchedule[]): JobRequest[] {
  const bySchedule = new Map(due.map((one) => [one.schedule.id, one]));
  return requests.map((request) => {
    const found = bySchedule.get(request.scheduleId ?? '');
    if (found === undefined) throw new Error(`A job was asked for that is of no schedule that is due`);
    const { schedule, due: dueAt } = found;
    const which = request.uniqueKey === undefined ? '' : `:${request.uniqueKey}`;
    const uniqueKey = `${schedule.id}${which}:${dueAt.toISOString()}`;
    const runAfter = new Date(dueAt.getTime() + offsetMs(uniqueKey, schedule.jitterSeconds));
    return { ...request, scheduleId: schedule.id, dueAt, uniqueKey, ...(runAfter > dueAt ? { runAfter } : {}) };
  });
}

/** Returns the delay of a run: the same in every process, and spread evenly over different runs. */
function offsetMs(uniqueKey: string, jitterSeconds: number): number {
  const share = createHash('sha256').update(uniqueKey).digest().readUInt32BE() / 2 ** 32;
  return Math.floor(share * jitterSeconds * 1_000);
}
