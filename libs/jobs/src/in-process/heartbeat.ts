import { randomUUID } from 'node:crypto';
import type { Catalog, JobRecord } from '@app/catalog';
import { messageOf } from '@app/domain';
import type { Clock, Logger } from '@app/domain';
import { accountFor } from './restart-rules.js';

export interface Instance {
  /** New with each start. */
  id: string;
  host: string;
  pid: number;
}

export interface HeartbeatParts {
  catalog: Catalog;
  clock: Clock;
  logger: Logger;
  instance: Instance;
  /** Earlier runs of this service, which ended before this one could begin. */
  pastRuns: ReadonlySet<string>;
  /** No other process uses the catalog: whoever signed on before is dead, and nobody waits for a sign of life. */
  alone: boolean;
  heartbeatMs: number;
  deadAfterMs: number;
  /** A clock that nobody can set, in milliseconds. */
  steadyMs: () => number;
  /** Others had believed this one to be dead: its jobs are theirs now, and it goes on under a new id. */
  onReborn: () => void;
  /** After each beat. */
  onBeat: () => Promise<void>;
  /** Jobs of the dead were ended, or are to be run: those are in the catalog under this instance's id now. */
  onTakenOver: (interrupted: readonly JobRecord[]) => Promise<void>;
}

/** The owner of jobs whose instance was shut down before they could run: for whoever beats first. */
const NOBODY = 'nobody';

/** Signs this instance on, beats, and accounts for the jobs of those that do not any more (FAILURES 44, 45). */
export class Heartbeat {
  private instance: Instance;
  private timer: NodeJS.Timeout | undefined;
  private retiring = false;
  private beating: Promise<void> = Promise.resolve();
  /** The last beat of those that were silent when this one last looked, and since when it is that one. */
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
    this.timer = setInterval(() => {
      this.beating = this.beating.then(() => this.beat());
    }, this.parts.heartbeatMs).unref();
  }

  /** Takes no more jobs over, but lives: what runs is not to be taken over either. */
  retire(): void {
    this.retiring = true;
  }

  async end(): Promise<void> {
    clearInterval(this.timer);
    await this.beating;
  }

  /**
   * Leaves what is queued to the others, or to the next start. If the end of a job could not be written it stays signed
   * on, so that somebody accounts for that.
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
      logger.warn({ err: error }, `the sign of life failed: ${messageOf(error)}`);
    }
  }

  private async takeOver(): Promise<void> {
    const { catalog, logger, clock } = this.parts;
    for (const { id, host } of await this.dead()) {
      const interrupted = await accountFor(catalog, id, this.id, clock.now().getTime());
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
   * When the clock of the catalog is set forward, all are silent for too long at once: only those are dead that do not beat
   * between two looks that are further apart than two beats.
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
