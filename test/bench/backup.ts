import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { contest, sizeOf } from './contest.js';
import type { Contender } from './contest.js';
import type { BenchContext, BenchPart, Figures } from './part.js';
import { ServiceUnderTest } from './service-under-test.js';
import { runCommandLine } from './stock-tool.js';
import type { StockTools } from './tools.js';
import { stockTools } from './tools.js';
import { DATABASE, startWorkload } from './workload.js';
import type { Engine } from './workload.js';

/** A backup through the REST API against what the stock tools do. */
export const backup: BenchPart = {
  name: 'backup',
  title: 'Backups: the service (zstd, SHA-256, counted rows, synced to disk) against the stock tools',
  async run({ folder, tell, engines, megabytes, rounds }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    for (const engine of engines) {
      tell(`${engine}: a database of ${megabytes} MB of SQL`);
      await using workload = await startWorkload(engine, megabytes);
      await using service = await ServiceUnderTest.start({ BACKUP_RETENTION_COUNT: '1' });
      await connect(service, workload.connection);
      const tools = await stockTools(workload, folder);
      const ours = [
        byService('the service, zstd', service, { compression: 'zstd', verification: 'complete' }),
        byService('the service, zstd, read back', service, { compression: 'zstd', verification: 'stored' }),
        byService('the service, no compression', service, { compression: 'none', verification: 'complete' }),
      ] as const;
      const stock = RIVALS[engine].map(([name, line]) =>
        byTool(name, line(tools, join(folder, 'out')), tools, join(folder, 'out')),
      );
      const figures = await contest([...ours, ...stock], { rounds, serverPid: workload.pid, tell });
      rows.push(...figures.map((row) => ({ engine, ...row })));
    }
    return rows;
  },
};

type CommandLine = (tools: StockTools, out: string) => string;

const PG_DUMP: CommandLine = (tools) => tools.of('pg_dump', DATABASE);
const MARIADB_DUMP: CommandLine = (tools) =>
  tools.of('mariadb-dump', '--single-transaction', '--routines', '--events', '--triggers', '--hex-blob', DATABASE);

const RIVALS: Readonly<Record<Engine, readonly [string, CommandLine][]>> = {
  postgres: [
    ['pg_dump > /dev/null', (tools, out) => `${PG_DUMP(tools, out)} > /dev/null`],
    ['pg_dump -Fc', (tools, out) => tools.of('pg_dump', '-Fc', '-f', out, DATABASE)],
    ['pg_dump | gzip', (tools, out) => `${PG_DUMP(tools, out)} | gzip > ${out}`],
    ['pg_dump | zstd', (tools, out) => `${PG_DUMP(tools, out)} | zstd -q -1 > ${out}`],
  ],
  mysql: [
    ['mariadb-dump > /dev/null', (tools, out) => `${MARIADB_DUMP(tools, out)} > /dev/null`],
    ['mariadb-dump | gzip', (tools, out) => `${MARIADB_DUMP(tools, out)} | gzip > ${out}`],
    ['mariadb-dump | zstd', (tools, out) => `${MARIADB_DUMP(tools, out)} | zstd -q -1 > ${out}`],
    [
      'mydumper -t 2 -c',
      (tools, out) =>
        tools.of(
          'mydumper',
          '--threads=2',
          '--compress',
          '--rows=100000',
          `--database=${DATABASE}`,
          `--outputdir=${out}`,
        ),
    ],
  ],
};

/** Makes it the active connection. */
export async function connect(service: ServiceUnderTest, connection: ConnectionParams): Promise<void> {
  const { dbType: db_type, host, port, database, username, password } = connection;
  await service.call('POST', '/api/connect', { db_type, host, port, database, username, password });
}

interface BackupAnswer {
  backup: { id: string; path: string; size: number };
}

function byService(name: string, service: ServiceUnderTest, options: object): Contender {
  let size = 0;
  return {
    name,
    run: () =>
      service.costOf(async () => {
        ({ size } = (await service.call<BackupAnswer>('POST', '/api/backup', options)).backup);
      }),
    size: () => Promise.resolve(size),
  };
}

function byTool(name: string, line: string, tools: StockTools, out: string): Contender {
  return {
    name,
    run: () => runCommandLine(line, tools.env),
    ...(line.endsWith('/dev/null') ? {} : { size: () => sizeOf(out) }),
    clean: () => rm(out, { recursive: true, force: true }),
  };
}
