import { join } from 'node:path';
import { connect } from './backup.js';
import { contest } from './contest.js';
import type { Contender } from './contest.js';
import type { BenchContext, BenchPart, Figures } from './part.js';
import { ServiceUnderTest } from './service-under-test.js';
import { runCommandLine } from './stock-tool.js';
import { stockTools } from './tools.js';
import type { StockTools } from './tools.js';
import { DATABASE, startWorkload } from './workload.js';
import type { Engine, Workload } from './workload.js';

const FRESH = 'bench_fresh';
const ARCHIVE = 'the service, custom archive';

/**
 * A restore through the REST API, beside the living database, compared and swapped, against the stock tools that load into
 * an empty one. Both are checked to have loaded every row.
 */
export const restore: BenchPart = {
  name: 'restore',
  title: 'Restores: the service (hash checked, beside, compared, swapped, can be undone) against the stock tools',
  async run({ folder, tell, engines, megabytes, rounds }: BenchContext): Promise<Figures[]> {
    const rows: Figures[] = [];
    for (const engine of engines) {
      tell(`${engine}: a database of ${megabytes} MB of SQL`);
      await using workload = await startWorkload(engine, megabytes);
      await using service = await ServiceUnderTest.start({ BACKUP_RETENTION_COUNT: '10' });
      await connect(service, workload.connection);
      const tools = await stockTools(workload, folder);
      const ours: Contender[] = [];
      for (const [name, options] of OURS[engine]) {
        tell(`${engine}: the backup for "${name}"`);
        const { backup } = await service.call<{ backup: { path: string } }>('POST', '/api/backup', options);
        ours.push(byService(name, service, workload, backup.path));
      }
      const stock: Contender[] = [];
      for (const { name, against, make, load } of RIVALS[engine]) {
        const file = join(folder, `${engine}-${stock.length}`);
        if (make !== undefined) {
          tell(`${engine}: the dump for "${name}"`);
          await runCommandLine(make(tools, file), tools.env);
        }
        const line = load(tools, make === undefined ? join(folder, `${engine}-0`) : file);
        stock.push(byTool(name, line, against, tools, workload));
      }
      const [first, ...others] = [...ours, ...stock];
      const figures = await contest([first as Contender, ...others], { rounds, serverPid: workload.pid, tell });
      rows.push(...figures.map((row) => ({ engine, ...row })));
    }
    return rows;
  },
};

const OURS: Readonly<Record<Engine, readonly [string, object][]>> = {
  postgres: [
    ['the service, plain, zstd', { compression: 'zstd' }],
    ['the service, plain', { compression: 'none' }],
    [ARCHIVE, { format: 'custom', compression: 'none' }],
  ],
  mysql: [
    ['the service, zstd', { compression: 'zstd' }],
    ['the service, no compression', { compression: 'none' }],
  ],
};

interface Rival {
  name: string;
  /** Which of ours does the same; default: the first. */
  against?: string;
  /** Absent: the same file as the first one's. */
  make?(tools: StockTools, file: string): string;
  load(tools: StockTools, file: string): string;
}

const RIVALS: Readonly<Record<Engine, readonly Rival[]>> = {
  postgres: [
    {
      name: 'psql -1 < dump.sql',
      make: (tools, file) => tools.of('pg_dump', '-f', file, DATABASE),
      load: (tools, file) =>
        `${tools.of('psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-d', FRESH)} < ${file} > /dev/null`,
    },
    {
      name: 'pg_restore -j2',
      against: ARCHIVE,
      make: (tools, file) => tools.of('pg_dump', '-Fc', '-f', file, DATABASE),
      load: (tools, file) => tools.of('pg_restore', '-j2', '-d', FRESH, file),
    },
  ],
  mysql: [
    {
      name: 'mariadb < dump.sql',
      make: (tools, file) =>
        `${tools.of('mariadb-dump', '--single-transaction', '--routines', '--events', '--hex-blob', DATABASE)} > ${file}`,
      load: (tools, file) => `${tools.of('mariadb', FRESH)} < ${file}`,
    },
    {
      name: 'myloader -t 2',
      make: (tools, file) =>
        tools.of('mydumper', '--threads=2', '--rows=100000', `--database=${DATABASE}`, `--outputdir=${file}`),
      load: (tools, file) =>
        tools.of('myloader', '--threads=2', '--overwrite-tables', `--database=${FRESH}`, `--directory=${file}`),
    },
  ],
};

interface RestoreAnswer {
  restore: { id: string; strategy: string; undo: { available: boolean } | null };
}

function byService(name: string, service: ServiceUnderTest, workload: Workload, path: string): Contender {
  let id = '';
  return {
    name,
    run: () =>
      service.costOf(async () => {
        const { restore } = await service.call<RestoreAnswer>('POST', '/api/restore', { backup_file_path: path });
        if (restore.strategy !== 'swap') throw new Error(`${name} was a ${restore.strategy}`);
        ({ id } = restore);
      }),
    async clean() {
      await workload.check(DATABASE);
      await service.call('DELETE', `/api/restores/${id}/undo`);
    },
  };
}

function byTool(
  name: string,
  line: string,
  against: string | undefined,
  tools: StockTools,
  workload: Workload,
): Contender {
  return {
    name,
    ...(against === undefined ? {} : { against }),
    prepare: () => workload.empty(FRESH),
    run: () => runCommandLine(line, tools.env),
    async clean() {
      await workload.check(FRESH);
      await workload.drop(FRESH);
    },
  };
}
