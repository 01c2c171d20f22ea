import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { silentLogger, systemClock } from '@app/domain';
import type { Logger } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { Client } from 'pg';
import type { Catalog } from '../catalog.js';
import { openCatalog } from '../open-catalog.js';
import { openPool, poolConfig } from './postgres-pool.js';
import { urlOf } from '../testing/catalog-matrix.js';
import { aJob, anAuditEntry } from '../testing/sample-records.js';

describe('a catalog on PostgreSQL', () => {
  let server: SandboxServer;
  let catalog: Catalog;

  beforeAll(async () => {
    server = await startPostgres();
    await asAdministrator(`create database catalog`);
    catalog = await open(urlOf(server, 'catalog'));
  });

  afterAll(async () => {
    await catalog.close();
    await server.stop();
  });

  function open(url: string, more: { logger?: Logger; readyWithinMs?: number } = {}): Promise<Catalog> {
    return openCatalog({ url, clock: systemClock, logger: silentLogger, ...more });
  }

  async function asAdministrator(sql: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: urlOf(server, database) });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  const killAll = (): Promise<unknown> =>
    asAdministrator(
      `select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'database-backup-service'`,
    );

  it('gives its application name to the server', async () => {
    await catalog.ping();
    const rows = await asAdministrator(
      `select datname from pg_stat_activity where application_name = 'database-backup-service'`,
    );
    expect(rows).toContainEqual({ datname: 'catalog' });
  });

  it.each([
    ['the password is wrong', { password: 'wrong-secret' }, /does not let us in/, /Correct user and password/],
    ['the user is unknown', { username: 'nobody' }, /does not let us in/, /Correct user and password/],
    ['the database does not exist', { pathname: '/nowhere' }, /does not exist/, /Create the database/],
    ['nothing listens there', { port: '1' }, /cannot be reached \(ECONNREFUSED\)/, /Start its server/],
  ])('names itself and says what to do when %s, without the password', async (_, change, words, hint) => {
    const url = new URL(urlOf(server, 'catalog'));
    Object.assign(url, change);
    const error: unknown = await open(url.href).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({
      code: 'CATALOG_UNAVAILABLE',
      message: expect.stringMatching(words),
      hint: expect.stringMatching(hint),
    });
    expect(error).toMatchObject({
      message: expect.stringContaining(`${url.pathname.slice(1)} on 127.0.0.1:${url.port}`),
    });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(url.password);
  });

  it('refuses an invalid URL, and does not repeat text that may hold a password', async () => {
    const error: unknown = await open('postgres://user:secret@host:port/db').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'INVALID_INPUT' });
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain('secret');
  });

  it('is waited for on request while its server starts', async () => {
    await asAdministrator('create database waited_for');
    const door = new Door(server.port);
    const port = await door.choosePort();
    const target = new URL(urlOf(server, 'waited_for'));
    target.port = String(port);
    const opening = open(target.href, { readyWithinMs: 30_000 });
    await sleep(300);
    await door.open();
    const opened = await opening;
    await opened.ping();
    await opened.close();
    await door.close();
  });

  it('survives the loss of idle connections', async () => {
    await Promise.all(Array.from({ length: 5 }, () => catalog.ping()));
    await killAll();
    await sleep(50); // until the sockets report the loss
    await catalog.audit.insert(anAuditEntry());
  });

  it('fails a transaction whose connection was lost, keeps nothing of it, and goes on', async () => {
    const subject = 'half';
    const broken = catalog.transaction(async ({ audit }) => {
      await audit.insert(anAuditEntry({ subject }));
      await killAll();
      await sleep(50);
      await audit.insert(anAuditEntry({ subject }));
    });
    await expect(broken).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    const { rows } = await catalog.audit.page({ limit: 500 });
    expect(rows.filter((row) => row.subject === subject)).toEqual([]);
  });

  it('fails a statement whose connection was lost while it waited', async () => {
    const client = new Client({ connectionString: urlOf(server, 'catalog') });
    await client.connect();
    await client.query('begin; lock table jobs in access exclusive mode');
    const waiting = catalog.jobs.insert([aJob()]);
    const failed = expect(waiting).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    await sleep(100);
    await killAll();
    await failed;
    await client.query('rollback');
    await client.end();
    await catalog.ping();
  });

  it('does not reuse a connection with an outstanding answer', async () => {
    const one = { ...poolConfig(urlOf(server, 'catalog')), max: 1, query_timeout: 1_000 };
    const pool = openPool(one, silentLogger);
    const slow = await pool.connect();
    await expect(slow.query('select pg_sleep(60)', [])).rejects.toThrow('timeout');
    slow.release();
    const next = await pool.connect();
    expect((await next.query('select 1 as one', [])).rows).toEqual([{ one: 1 }]);
    next.release();
    await pool.end();
  });

  it.each([
    ['53100', 'NO_SPACE'],
    ['40P01', 'CATALOG_UNAVAILABLE'],
    ['XX001', 'CATALOG_FAILED'],
  ])('turns its %s into %s', async (sqlstate, code) => {
    await asAdministrator(
      `create or replace function fail() returns trigger language plpgsql as
         $$ begin raise exception 'no' using errcode = '${sqlstate}'; end $$;
       create or replace trigger fail before insert on audit execute function fail()`,
      'catalog',
    );
    await expect(catalog.audit.insert(anAuditEntry())).rejects.toMatchObject({ code });
    await asAdministrator('drop trigger fail on audit', 'catalog');
  });

  it.each(['repeatable read', 'serializable'])(
    'writes events at the same time where transactions are %s by default',
    async (isolation) => {
      const name = isolation.replace(' ', '_');
      await asAdministrator(`create database ${name}`);
      await asAdministrator(`alter database ${name} set default_transaction_isolation = '${isolation}'`);
      const opened = await Promise.all([1, 2].map(() => open(urlOf(server, name))));
      const event = (n: number) => ({ id: `${n}`, name: 'Happened', version: 1, payload: {} });
      const written = opened.flatMap(({ outbox }) => Array.from({ length: 8 }, (_, n) => outbox.append([event(n)])));
      const ends = await Promise.allSettled(written);
      await Promise.all(opened.map((one) => one.close()));
      expect(ends.filter(({ status }) => status === 'rejected')).toEqual([]);
    },
  );

  it('ends though the server that it listens to is frozen', async () => {
    const door = new Door(server.port);
    const url = new URL(urlOf(server, 'catalog'));
    url.port = String(await door.choosePort());
    await door.open();
    const opened = await open(url.href);
    const told = jest.fn();
    opened.outbox.onAppended(told);
    while (told.mock.calls.length === 0) await sleep(5);
    door.freeze();
    const closed = opened.close().then(() => 'closed');
    expect(await Promise.race([closed, sleep(10_000, 'open', { ref: false })])).toBe('closed');
    await door.close();
  }, 20_000);

  it('uses the schema of its account, whatever others have in the same database', async () => {
    const sides = ['left', 'right'];
    for (const side of sides) {
      await asAdministrator(
        `create role ${side}_side login password 'secret';
         create schema ${side}_side authorization ${side}_side`,
        'catalog',
      );
    }
    const opened = await Promise.all(
      sides.map((side) => {
        const url = new URL(urlOf(server, 'catalog'));
        url.username = `${side}_side`;
        url.password = 'secret';
        return open(url.href);
      }),
    );
    expect(new Set(opened.map(({ id }) => id)).size).toBe(2);
    await opened[0]?.audit.insert(anAuditEntry());
    expect((await opened[1]?.audit.page({ limit: 5 }))?.rows).toEqual([]);
    await Promise.all(opened.map((one) => one.close()));
  });

  it('reports that its server is gone, and the process lives on', async () => {
    const doomed = await startPostgres();
    const warnings: string[] = [];
    const opened = await open(urlOf(doomed, 'postgres'), {
      logger: { ...silentLogger, warn: (_, message) => warnings.push(message) },
    });
    await doomed.stop();
    await expect(opened.ping()).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    await expect(opened.jobs.insert([aJob()])).rejects.toMatchObject({ code: 'CATALOG_UNAVAILABLE' });
    expect(warnings).toContain('a connection to the catalog was lost');
    await opened.close();
  });
});

/** Makes a port that leads to the server once it is opened. */
class Door {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  private port = 0;

  constructor(target: number) {
    this.server = createServer((socket) => {
      const onward = connect(target, '127.0.0.1');
      for (const one of [socket, onward]) {
        this.sockets.add(one);
        one.on('error', () => undefined);
      }
      socket.pipe(onward).pipe(socket);
    });
  }

  async choosePort(): Promise<number> {
    await this.listen(0);
    this.port = (this.server.address() as AddressInfo).port;
    await this.close();
    return this.port;
  }

  open(): Promise<void> {
    return this.listen(this.port);
  }

  /** From now on nothing comes through, and nobody hangs up. */
  freeze(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async listen(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }
}
