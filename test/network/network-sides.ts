import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from '../support/run-sql.js';
import { Subject } from '../kill/subject.js';
import type { EngineName } from '../kill/target.js';
import { FaultyProxy } from './faulty-proxy.js';
import type { Side } from './spoiled-operation.js';
import { tlsSettings } from './tls-settings.js';

const URL_SETTING = { postgres: 'VERIFY_POSTGRES_URL', mariadb: 'VERIFY_MYSQL_URL' } as const;
const VERIFICATION_DATABASES = {
  postgres: `select datname as name from pg_database where datname like 'verify%'`,
  mariadb: `select schema_name as name from information_schema.schemata where schema_name like 'verify%'`,
} as const;

/** The servers of a run, each behind a proxy. */
export class NetworkSides {
  readonly sides: readonly Side[];
  /** Of the service: servers to verify on, where they were asked for. */
  readonly env: Readonly<Record<string, string>>;
  private readonly verifiers: ReadonlyMap<EngineName, SandboxServer>;

  private constructor(
    sides: readonly Side[],
    verifiers: ReadonlyMap<EngineName, SandboxServer>,
    env: Readonly<Record<string, string>>,
  ) {
    this.sides = sides;
    this.verifiers = verifiers;
    this.env = env;
  }

  /** `folder`: for files of the servers, which run as other accounts. */
  static async start(engines: readonly EngineName[], folder: string, withVerification: boolean): Promise<NetworkSides> {
    const env: Record<string, string> = {};
    const verifiers = new Map<EngineName, SandboxServer>();
    const sides: Side[] = [];
    for (const engine of engines) {
      const subject = await Subject.start(engine, { settings: await tlsSettings(engine, folder) });
      const proxy = await FaultyProxy.start(subject.target.server);
      if (!withVerification) {
        sides.push({ subject, proxy });
        continue;
      }
      const verifier = await (engine === 'postgres' ? startPostgres() : startMariadb());
      verifiers.set(engine, verifier);
      const verification = await FaultyProxy.start(verifier);
      env[URL_SETTING[engine]] = urlOf(engine, verifier, verification.port);
      sides.push({ subject, proxy, verification });
    }
    return new NetworkSides(sides, verifiers, env);
  }

  /** Databases that verifications have left on a verification server. */
  async verificationServers(): Promise<string[]> {
    const lists = [...this.verifiers].map(([engine, server]) =>
      runSql(adminOf(engine, server), [VERIFICATION_DATABASES[engine]]),
    );
    return (await Promise.all(lists)).flat().map(({ name }) => String(name));
  }

  async stop(): Promise<void> {
    const proxies = this.sides.flatMap(({ proxy, verification }) => [proxy, ...(verification ? [verification] : [])]);
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await Promise.all([
      ...this.sides.map(({ subject }) => subject.target.stop()),
      ...[...this.verifiers.values()].map((server) => server.stop()),
    ]);
  }
}

function adminOf(engine: EngineName, server: SandboxServer): ConnectionParams {
  return server.connection(engine === 'postgres' ? 'postgres' : 'mysql');
}

function urlOf(engine: EngineName, server: SandboxServer, port: number): string {
  const { username, password } = adminOf(engine, server);
  const login = [username, password].map(encodeURIComponent).join(':');
  return `${engine === 'postgres' ? 'postgres' : 'mysql'}://${login}@127.0.0.1:${port}`;
}
