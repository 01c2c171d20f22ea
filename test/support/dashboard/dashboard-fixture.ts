import type { SandboxServer } from '@app/sandbox';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { ServiceProcess } from '../service-process.js';
import { startService } from '../service-process.js';
import { faultsInBothThemes } from './accessibility.js';
import { TestBrowser } from './browser.js';
import type { View, ViewOptions } from './browser.js';

export type Engine = 'PostgreSQL' | 'MySQL';

/** The built service, real servers and a browser, for the tests of one file. Everything ends with `close`. */
export class DashboardFixture {
  private readonly views: View[] = [];

  private constructor(
    public service: ServiceProcess,
    private readonly env: Record<string, string>,
    readonly browser: TestBrowser,
    private readonly servers: Readonly<Partial<Record<Engine, SandboxServer>>>,
  ) {}

  static async start(engines: readonly Engine[], env: Record<string, string> = {}): Promise<DashboardFixture> {
    const [postgres, mariadb, service, browser] = await Promise.all([
      engines.includes('PostgreSQL') ? startPostgres() : undefined,
      engines.includes('MySQL') ? startMariadb() : undefined,
      startService({ BACKUP_TIMEZONE: 'UTC', ...env }),
      TestBrowser.launch(),
    ]);
    const servers = {
      ...(postgres === undefined ? {} : { PostgreSQL: postgres }),
      ...(mariadb === undefined ? {} : { MySQL: mariadb }),
    };
    return new DashboardFixture(service, env, browser, servers);
  }

  server(engine: Engine): SandboxServer {
    const server = this.servers[engine];
    if (server === undefined) throw new Error(`${engine} was not started`);
    return server;
  }

  /** The body of /api/connect for a database of that server, which must exist. */
  login(engine: Engine, database: string): Record<string, string> {
    const { host, port, username, password } = this.server(engine);
    return { db_type: engine, host, port: String(port), database, username, password };
  }

  /** Calls the API in parallel with the page, as another client would. */
  async call<T = Record<string, unknown>>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(this.service.url + path, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content = (await answer.json()) as T;
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(content)}`);
    return content;
  }

  /** Opens a page of the dashboard in a new profile and waits until it is live. */
  async open(path: string, options: ViewOptions = {}): Promise<View> {
    const view = await this.browser.open(this.service.url + path, options);
    this.views.push(view);
    await view.page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
    return view;
  }

  /** Kills the service, lets `meanwhile` look, and starts it again where it was. */
  async restart(meanwhile: () => Promise<unknown>): Promise<void> {
    const { home, url } = this.service;
    this.service.signal('SIGKILL');
    await this.service.ended;
    await meanwhile();
    const port = Number(new URL(url).port);
    this.service = await startService({ BACKUP_TIMEZONE: 'UTC', ...this.env }, { home, port });
  }

  /** To be called after each test: no page may have complained. Closes them. */
  async endTest(): Promise<void> {
    const complaints = this.views.flatMap((view) => view.complaints());
    for (const view of this.views.splice(0)) await view.close();
    if (complaints.length > 0) throw new Error(`The page complained:\n${complaints.join('\n')}`);
  }

  /** Fails when axe-core finds anything serious on a page, in either theme. */
  async expectAccessible(path: string, ready: (view: View) => Promise<unknown>): Promise<void> {
    const view = await this.open(path);
    await ready(view);
    const faults = await faultsInBothThemes(view);
    if (faults.length > 0) throw new Error(`${path}, ${faults.join('\n')}`);
  }

  async close(): Promise<void> {
    await this.browser[Symbol.asyncDispose]();
    await this.service.stop();
    await Promise.all(Object.values(this.servers).map((server) => server.stop()));
  }
}
