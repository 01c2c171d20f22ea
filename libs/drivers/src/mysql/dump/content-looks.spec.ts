import { setTimeout as sleep } from 'node:timers/promises';
import type { ContentChecksums } from '@app/domain';
import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { withSession } from '../login/mysql-session.js';
import { MysqlDriver } from '../mysql-driver.js';
import { ContentLooks } from './content-looks.js';
import type { MysqlDumpPlan } from './mysql-preflight.js';

jest.setTimeout(60_000);

const never = new AbortController().signal;
const TABLES = ['calm', 'written', 'parted'] as const;
let server: SandboxServer;
let plan: MysqlDumpPlan;

beforeAll(async () => {
  server = await startMariadb();
  const driver = new MysqlDriver({ runtimeDir: '/nonexistent' });
  await driver.createDatabase(server.connection('mysql'), 'shop', {});
  await sql(
    ...TABLES.map(
      (name) => `CREATE TABLE ${name} (id int PRIMARY KEY, n int) ${name === 'parted' ? 'PARTITION BY HASH (id)' : ''}`,
    ),
    ...TABLES.map((name) => `INSERT INTO ${name} VALUES (1, 1)`),
  );
  const request = { connection: server.connection('shop'), format: 'plain', tools: {}, census: 'content' } as const;
  plan = await driver.prepareDump(request);
});
afterAll(() => server?.stop());

async function sql(...statements: string[]): Promise<void> {
  await withSession(server.connection('shop'), {}, async (session) => {
    for (const statement of statements) await session.run(statement);
  });
}

/** `meanwhile`: between the two snapshots, where the dump's own is. */
async function looked(meanwhile: () => Promise<unknown>): Promise<ContentChecksums> {
  await using looks = await ContentLooks.begin(plan, 5_000, never);
  await meanwhile();
  looks.tableSeen();
  return await looks.finish({ calm: 1, written: 1, parted: 1 });
}

const SUM = expect.stringMatching(/^\d+$/) as string;
const WRITTEN = expect.stringContaining('was written while the dump began') as string;

describe('71: the content of tables between two snapshots', () => {
  it('is covered for all tables where nobody writes', async () => {
    const { tables, uncovered } = await looked(() => Promise.resolve());
    expect({ tables, uncovered }).toEqual({ tables: { calm: SUM, written: SUM, parted: SUM }, uncovered: undefined });
  });

  it('is left out for tables that were written, also where they have the same rows again', async () => {
    const { tables, uncovered } = await looked(() =>
      sql(...['written', 'parted'].flatMap((name) => [2, 1].map((n) => `UPDATE ${name} SET n = ${n}`))),
    );
    expect({ tables, uncovered }).toEqual({ tables: { calm: SUM }, uncovered: { written: WRITTEN, parted: WRITTEN } });
  });

  it('is left out for a table that a transaction from before the first snapshot has put back to what it was', async () => {
    // Each time until the server's clock shows another second.
    await sleep(1_100);
    const { tables, uncovered } = await withSession(plan.connection, {}, async (session) => {
      await session.run('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
      await session.run('START TRANSACTION');
      await session.rows('SELECT * FROM calm');
      await sleep(1_100);
      return await looked(async () => {
        await sql('UPDATE written SET n = 2');
        await session.run('UPDATE written SET n = 1');
        await session.run('COMMIT');
      });
    });
    expect({ tables, uncovered }).toEqual({ tables: { calm: SUM, parted: SUM }, uncovered: { written: WRITTEN } });
  });
});
