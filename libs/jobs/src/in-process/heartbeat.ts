import { randomUUID } from 'node:crypto';
import type { Catalog, JobRecord } from '@app/catalog';
import { messageOf, SerialExecutor } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import type { JobStates } from './job-states.js';
import { accountFor } from './restart-rules.js';

export interface Instance {
  /** The id of this run, which is new with each start. */
  id: string;
  host: string;
  pid: number;
}

export interface HeartbeatParts {
  catalog: Catalog;
  states: JobStates;
  clock: Clock;
  logger: Logger;
  instance: Instance;
  /** Earlier runs of this service, which ended before this one could begin. */
  pastRuns: ReadonlySet<string>;
  /** No other process uses the catalog: every instance that signed on before is dead, so nobody waits for a heartbeat. */
  alone: boolean;
  heartbeatMs: number;
  deadAfterMs: number;
  /** A monotonic clock, in milliseconds. */
  steadyMs: () => number;
  /** Called when others counted this instance as dead: its jobs are theirs now, and it goes on under a new id. */
  onReborn: () => void;
  /** Called after each heartbeat. */
  onBeat: () => Promise<void>;
  /** Called after jobs of dead instances were ended or taken over. The catalog has the latter under this instance's id now. */
  onTakenOver: (interrupted: readonly JobRecord[]) => Promise<void>;
}

/** The owner of jobs whose instance was shut down before they could run. The first instance to send a heartbeat takes them over. */
const NOBODY = 'nobody';

/** Signs this instance on, sends its heartbeats, and ends or takes over the jobs of instances without one (FAILURES 44, 45). */
export class Heartbeat {
  private instance: Instance;
  private timer: NodeJS.Timeout | undefined;
  private retiring = false;
  private readonly beats = new SerialExecutor();
  /** The last heartbeat of each instance that was silent at the last look, and since when it is known. */
  private silent = new Map<string, { beatAt: number; since: number }>();

  constructor(private readonly parts: HeartbeatParts) {
    this.instance = parts.instance;
  }

  get id(): string {
    return this.instance.id;
  }

  async begin(): Promise<void> {
    await this.parts.catalog.instances.beat(this.instance);
    await this.takeOver();
    this.timer = setInterval(() => void this.beats.run(() => this.beat()), this.parts.heartbeatMs).unref();
  }

  /** Takes over no more jobs, but still sends heartbeats, so that others do not take over its running jobs. */
  retire(): void {
    this.retiring = true;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.beats.idle();
  }

  /**
   * Leaves queued jobs to the other instances, or to the next start. If the end of a job could not be written, it stays signed
   * on, so that another instance ends that job.
   */
  async signOff(): Promise<void> {
    const { jobs, instances } = this.parts.catalog;
    await jobs.adopt(this.id, NOBODY);
    if ((await jobs.unfinished(this.id)).length === 0) await instances.signOff(this.id);
  }

  private async beat(): Promise<void> {
    const { catalog, logger, alone, onReborn, onBeat } = this.parts;
    try {
      if (!alone && !(await catalog.instances.beat(this.instance))) {
        logger.error(
          { instance: this.id },
          'this instance was silent for so long that others have taken its jobs over; what still runs is stopped',
        );
        this.instance = { ...this.instance, id: randomUUID() };
        onReborn();
        await catalog.instances.beat(this.instance);
      }
      if (!alone && !this.retiring) await this.takeOver();
      await onBeat();
    } catch (error) {
      logger.warn({ err: error }, `the heartbeat failed: ${messageOf(error)}`);
    }
  }

  private async takeOver(): Promise<void> {
    const { catalog, states, logger, clock } = this.parts;
    for (const { id, host } of await this.dead()) {
      const interrupted = await accountFor(catalog, states, id, this.id, clock.now().getTime());
      if (interrupted === undefined) continue;
      const jobs = interrupted.length;
      if (jobs > 0) logger.warn({ instance: id, host, jobs }, 'jobs were interrupted by the end of the service');
      await this.parts.onTakenOver(interrupted);
    }
    if ((await catalog.jobs.adopt(NOBODY, this.id)) > 0) await this.parts.onTakenOver([]);
  }

  private async dead(): Promise<Instance[]> {
    const { catalog, alone, deadAfterMs, pastRuns } = this.parts;
    const others = (await catalog.instances.all()).filter(({ id }) => id !== this.id);
    if (alone || others.length === 0) return others;
    const silent = this.stillSilent(await catalog.instances.silent(deadAfterMs));
    return others.filter(({ id }) => silent.has(id) || pastRuns.has(id));
  }

  /**
   * When the clock of the catalog is set forward, all instances look silent for too long at once. So an instance is dead only if it
   * sends no heartbeat between two looks that are further apart than two heartbeats.
   */
  private stillSilent(found: readonly { id: string; beatAt: number }[]): ReadonlySet<string> {
    const now = this.parts.steadyMs();
    this.silent = new Map(
      found.map(({ id, beatAt }) => {
        const before = this.silent.get(id);
        return [id, before?.beatAt === beatAt ? before : { beatAt, since: now }];
      }),
    );
    const dead = [...this.silent].filter(([, { since }]) => now - since >= 2 * this.parts.heartbeatMs);
    return new Set(dead.map(([id]) => id));
  }
}
