import { readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { sidesOnCatalog } from './support/catalog-server.js';
import { runSql } from './support/run-sql.js';
import { startService } from './support/service-process.js';
import type { ServiceProcess } from './support/service-process.js';

const sides = [
  {
    name: 'PostgreSQL',
    /** Artifact, manifest, and the roles of the server. */
    filesOfABackup: 3,
    start: () => startPostgres(),
    maintenance: 'postgres',
    fill: (rows: number) => [
      `create table t as select i, rpad(md5(i::text), 1000, md5((i * 7)::text)) body from generate_series(1, ${rows}) i`,
    ],
  },
  {
    name: 'MySQL',
    filesOfABackup: 2,
    start: () => startMariadb(),
    maintenance: 'mysql',
    fill: (rows: number) => [
      'create table t (i int primary key, body varchar(1000))',
      `insert into t select seq, rpad(md5(seq), 1000, md5(seq * 7)) from seq_1_to_${rows}`,
      'analyze table t',
    ],
  },
];

const onCatalog = sidesOnCatalog(sides, ({ name }) => name === 'MySQL');

/** The service with a disk of 24 MB of its own for backups: a tmpfs in a mount namespace, which needs no root. */
describe.each(onCatalog)('FAILURES 3: $name, when the disk is full', (side) => {
  let server: SandboxServer;
  let service: ServiceProcess;

  beforeAll(async () => {
    [server, service] = await Promise.all([
      side.start(),
      startService({}, { prelude: 'mkdir backups && mount -t tmpfs -o size=24m tmpfs backups' }),
    ]);
    const admin = server.connection(side.maintenance);
    await runSql(admin, ['create database small', 'create database medium', 'create database large']);
    await runSql(server.connection('small'), side.fill(10));
    await runSql(server.connection('medium'), side.fill(30_000));
    await runSql(server.connection('large'), side.fill(150_000));
  });
  afterAll(async () => {
    await service.stop();
    await server.stop();
  });

  const backup = async (database: string) => {
    const { dbType: db_type, host, port, username, password } = server.connection(database);
    await service.post('/api/connect', { db_type, host, port, database, username, password });
    const answer = await fetch(`${service.url}/api/backup`, { method: 'POST' });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  /** Files as the service sees them, without the exports of the catalog: the disk is in its mount namespace. */
  const files = async () => {
    const names = await readdir(join('/proc', String(service.pid), 'root', service.home, 'backups'));
    return names.filter((name) => !name.startsWith('.'));
  };

  it('says so before it begins, when that can be told', async () => {
    expect(await backup('large')).toMatchObject({
      status: 507,
      body: { success: false, code: 'NO_SPACE', message: expect.stringContaining('needs about') as string },
    });
    expect(await files()).toEqual([]);
  });

  it('says so when it happens, leaves nothing, and works again for what fits', async () => {
    expect(await backup('medium')).toMatchObject({
      status: 507,
      body: { success: false, code: 'NO_SPACE', message: expect.stringContaining('no space is left') as string },
    });
    expect(await files()).toEqual([]);
    expect((await backup('small')).status).toBe(200);
    expect(await files()).toHaveLength(side.filesOfABackup);
  });
});

describe('3: a service whose data folder has a full disk', () => {
  it('is not ready until there is space again, also where the catalog still finds room in its own files', async () => {
    const service = await startService({}, { prelude: 'mkdir data && mount -t tmpfs -o size=16m tmpfs data' });
    try {
      const filling = join('/proc', String(service.pid), 'root', service.home, 'data', 'filling');
      const ready = async () => {
        const answer = await fetch(`${service.url}/api/health/ready`);
        return { status: answer.status, body: (await answer.json()) as object };
      };
      expect(await ready()).toMatchObject({ status: 200 });
      // Not to the last byte: the catalog can go on for a while.
      const free = await statfs(dirname(filling));
      await writeFile(filling, Buffer.alloc(free.bavail * free.bsize - 128 * 1024));
      expect(await ready()).toMatchObject({
        status: 503,
        body: { checks: { data_folder: 'cannot be written (ENOSPC)' } },
      });
      await rm(filling);
      expect(await ready()).toMatchObject({ status: 200 });
      expect(await readdir(dirname(filling))).not.toContain('.ready.probe');
    } finally {
      await service.stop();
    }
  });
});
