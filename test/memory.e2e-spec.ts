import { setTimeout as delay } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { runSql } from './support/run-sql.js';
import { startService } from './support/service-process.js';
import type { ServiceProcess } from './support/service-process.js';

const MB = 1024 * 1024;
const BOUND = 64 * MB;

const sides = [
  {
    name: 'PostgreSQL',
    start: () => startPostgres({ settings: { max_wal_size: '4GB' } }),
    maintenance: 'postgres',
    bytes: 1000 * MB,
    small: ['create table t as select 1 as i'],
    // 1,000 characters a row: below the size that the server would compress.
    big: (rows: number) => [
      `create table t as select i, rpad(md5(i::text), 1000, md5((i * 7)::text)) body from generate_series(1, ${rows}) i`,
    ],
  },
  {
    name: 'MySQL',
    start: () => startMariadb({ settings: { innodb_buffer_pool_size: '512M' } }),
    maintenance: 'mysql',
    bytes: 250 * MB,
    small: ['create table t (i int)'],
    big: (rows: number) => [
      'create table t (i int primary key, body varchar(1000))',
      `insert into t select seq, rpad(md5(seq), 1000, md5(seq * 7)) from seq_1_to_${rows}`,
    ],
  },
];

describe.each(sides)('$name: memory of the service', (side) => {
  let server: SandboxServer;
  let service: ServiceProcess;

  beforeAll(async () => {
    [server, service] = await Promise.all([side.start(), startService()]);
    await runSql(server.connection(side.maintenance), ['create database small', 'create database big']);
    await runSql(server.connection('small'), side.small);
    await runSql(server.connection('big'), side.big(Math.ceil(side.bytes / 1000)));
  }, 300_000);
  afterAll(async () => {
    await service.stop();
    await server.stop();
  });

  const connect = ({ dbType, host, port, database, username, password }: ConnectionParams) =>
    service.post('/api/connect', { db_type: dbType, host, port, database, username, password });

  async function growthDuring(work: Promise<unknown>, baseline: number): Promise<number> {
    let peak = 0;
    let ended = false;
    const end = (): void => void (ended = true);
    work.then(end, end);
    while (!ended) {
      peak = Math.max(peak, service.memory());
      await delay(20);
    }
    await work;
    return peak - baseline;
  }

  it('grows by less than 64 MB, however large the dump', async () => {
    await connect(server.connection('small'));
    for (const compression of ['none', 'zstd']) {
      const { backup } = await service.post<{ backup: { path: string } }>('/api/backup', { compression });
      await service.post('/api/restore', { backup_file_path: backup.path });
    }
    const baseline = service.memory();

    await connect(server.connection('big'));
    const plain = service.post<{ backup: { path: string; size: number } }>('/api/backup', { compression: 'none' });
    const backup = await growthDuring(plain, baseline);
    const made = (await plain).backup;
    expect(made.size).toBeGreaterThan(side.bytes);
    const zstd = await growthDuring(service.post('/api/backup', { compression: 'zstd' }), baseline);
    const restore = await growthDuring(service.post('/api/restore', { backup_file_path: made.path }), baseline);
    const inMegabytes = Object.entries({ baseline, backup, zstd, restore }).map(
      ([what, bytes]) => `${what} ${Math.round(bytes / MB)} MB`,
    );
    process.stdout.write(`${side.name}, dump of ${Math.round(made.size / MB)} MB: ${inMegabytes.join(', ')}\n`);
    expect(Math.max(backup, zstd, restore)).toBeLessThan(BOUND);
  }, 600_000);
});
