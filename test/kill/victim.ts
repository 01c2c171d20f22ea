import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startService } from '../support/service-process.js';
import type { ServiceProcess } from '../support/service-process.js';
import { temporaryFolderOf } from './leftovers.js';

/** The service that is killed or told to end, and started again, in one home. */
export class Victim {
  readonly home: string;
  private readonly env: Readonly<Record<string, string>>;
  private service: ServiceProcess | undefined;
  /** What it logged from its starts on, since `forgetLogs`. */
  private logs: string[] = [];

  private constructor(home: string, env: Readonly<Record<string, string>>) {
    this.home = home;
    this.env = { TMPDIR: temporaryFolderOf(home), ...env };
  }

  static async prepare(env: Readonly<Record<string, string>>): Promise<Victim> {
    const home = await mkdtemp(join(tmpdir(), 'kill-run-'));
    // Verification servers run as another user below it.
    await chmod(home, 0o711);
    await mkdir(temporaryFolderOf(home));
    await chmod(temporaryFolderOf(home), 0o1777);
    return new Victim(home, env);
  }

  get url(): string {
    if (this.service === undefined) throw new Error('The service does not run.');
    return this.service.url;
  }

  get pid(): number | undefined {
    return this.service?.pid;
  }

  async start(): Promise<void> {
    this.service = await startService(this.env, { home: this.home });
  }

  /** SIGKILL comes so long after its birth, mostly before it is ready. */
  async startAndKill(afterMs: number): Promise<void> {
    let killed = false;
    let timer: NodeJS.Timeout | undefined;
    const onSpawn = (pid: number): void => {
      timer = setTimeout(() => {
        killed = true;
        process.kill(pid, 'SIGKILL');
      }, afterMs);
    };
    try {
      this.service = await startService(this.env, { home: this.home, onSpawn });
      await this.buried();
    } catch (error) {
      clearTimeout(timer);
      this.logs.push((error as Error).message);
      if (!killed) throw error;
    }
  }

  /** Another one on the same data, while this one lives: rejects unless it is refused. */
  async startSecond(): Promise<void> {
    const second = await startService(this.env, { home: this.home }).catch((error: unknown) => String(error));
    if (typeof second === 'string' && /in use|another|lock/i.test(second)) return;
    if (typeof second !== 'string') second.signal('SIGKILL');
    throw new Error(`A second service on the same data was not refused: ${typeof second === 'string' ? second : ''}`);
  }

  /** It may take its time to end what it works on. */
  terminate(): void {
    this.service?.signal('SIGTERM');
  }

  /** At once. */
  kill(): void {
    this.service?.signal('SIGKILL');
  }

  /** Until it is dead. */
  async buried(): Promise<void> {
    await this.service?.ended;
    if (this.service !== undefined) this.logs.push(this.service.log());
    this.service = undefined;
  }

  async end(): Promise<void> {
    this.kill();
    await this.buried();
    await rm(this.home, { recursive: true, force: true });
  }

  forgetLogs(): void {
    this.logs = [];
  }

  /** Of each start, oldest first. */
  allLogs(): string[] {
    return [...this.logs, this.service?.log() ?? '(it does not run)'];
  }
}
