import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import type { ConnectionParams } from '@app/domain';
import { DATABASE } from './fault-fixture.js';
import type { FaultFixture } from './fault-fixture.js';

interface Session {
  query(sql: string): Promise<Record<string, unknown>[]>;
  end(): Promise<void>;
}

/** Sees when a staging database is about to take the place of `shop`: nobody is let in (PostgreSQL), or its new home is made (MySQL). */
export class SwapWatch {
  private constructor(
    private readonly session: Session,
    private readonly condition: string,
    private readonly known: string,
  ) {}

  static async start(fixture: FaultFixture): Promise<SwapWatch> {
    const session = await sessionOf(fixture.admin);
    const condition =
      fixture.side.name === 'PostgreSQL'
        ? `select count(*) as n from pg_database where not datallowconn and datname like '${DATABASE}%'`
        : `select count(*) as n from information_schema.schemata where schema_name like '${DATABASE}\\_\\_before%'`;
    const [row] = await session.query(condition);
    return new SwapWatch(session, condition, String(row?.['n']));
  }

  /** Whether it was seen before `ended`. Looks as often as it can. */
  async untilSwap(ended: Promise<unknown>): Promise<boolean> {
    let over = false;
    void ended.then(() => (over = true));
    while (!over) {
      const [row] = await this.session.query(this.condition);
      if (String(row?.['n']) !== this.known) return true;
    }
    return false;
  }

  end(): Promise<void> {
    return this.session.end();
  }
}

/** Reads `shop` again and again, in transactions, as an application would, and logs in again when it was thrown out. */
export class Reader {
  private reading = true;
  private readonly faults: string[] = [];
  private readonly work: Promise<void>;

  private constructor(
    private readonly connection: ConnectionParams,
    private readonly wanted: readonly string[],
  ) {
    this.work = this.read();
  }

  static async start(fixture: FaultFixture): Promise<Reader> {
    const now = await readOnce(await sessionOf(fixture.direct()));
    return new Reader(fixture.direct(), [now]);
  }

  /** What it saw that it should not have. */
  async end(): Promise<readonly string[]> {
    this.reading = false;
    await this.work;
    return this.faults;
  }

  private async read(): Promise<void> {
    const seen = new Set(this.wanted);
    let changes = 0;
    while (this.reading) {
      try {
        const now = await readOnce(await sessionOf(this.connection));
        if (seen.has(now)) continue;
        seen.add(now);
        changes += 1;
        if (changes > 1) this.faults.push(`it changed ${changes} times`);
      } catch (error) {
        const { code = '', message } = error as { code?: string; message: string };
        // At the swap: not let in, thrown out (PostgreSQL); a transaction given up for the swap's locks, or the tables
        // away for a moment, where triggers must be moved (MySQL).
        if (
          !/^(55000|57P01|3D000|ECONNRESET|ER_NO_SUCH_TABLE|ER_LOCK_DEADLOCK)$/.test(code) &&
          !/terminated/.test(message)
        ) {
          this.faults.push(`${code}: ${message}`);
        }
      }
    }
  }
}

/** Both tables in one transaction: a mixture of two states would have two marks. */
async function readOnce(session: Session): Promise<string> {
  try {
    await session.query('begin');
    const [customer] = await session.query('select name from customer where id = 1');
    const [big] = await session.query('select body from big where i = 7');
    await session.query('commit');
    return JSON.stringify([customer, big]);
  } finally {
    await session.end().catch(() => undefined);
  }
}

async function sessionOf({
  dbType,
  host,
  port,
  username: user,
  password,
  database,
}: ConnectionParams): Promise<Session> {
  if (dbType === 'PostgreSQL') {
    const client = new Client({ host, port, user, password, database });
    // Thrown out between two queries, the next one only says that it cannot be asked any more.
    let broken: Error | undefined;
    client.on('error', (error) => (broken ??= error));
    await client.connect();
    const query: Session['query'] = async (sql) => {
      try {
        return (await client.query<Record<string, unknown>>(sql)).rows;
      } catch (error) {
        throw broken ?? error;
      }
    };
    return { query, end: () => client.end() };
  }
  const client = await createConnection({ host, port, user, password, database });
  client.on('error', () => undefined);
  return { query: async (sql) => (await client.query(sql))[0] as Record<string, unknown>[], end: () => client.end() };
}
