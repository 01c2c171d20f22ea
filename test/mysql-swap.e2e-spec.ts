import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams, JsonObject } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { DumpPlan, DumpSource, SwapResult } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { startMysqlWithEverything } from './support/everything.js';
import { mysqlSnapshot } from './support/mysql-snapshot.js';
import type { MysqlSnapshot } from './support/mysql-snapshot.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(180_000);

let server: SandboxServer;
let live: ConnectionParams;
let folder: string;
let driver: MysqlDriver;
let number = 0;

beforeAll(async () => {
  ({ server, database: live } = await startMysqlWithEverything());
  folder = await mkdtemp(join(tmpdir(), 'mysql-swap-'));
  driver = new MysqlDriver({ runtimeDir: join(folder, 'runtime') });
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function dump(connection: ConnectionParams): Promise<{ plan: DumpPlan; source: DumpSource }> {
  const plan = await driver.prepareDump({ connection, format: 'plain', tools: {} });
  const running = await driver.startDump(plan, new AbortController().signal);
  const chunks: Buffer[] = [];
  for await (const chunk of running.output as AsyncIterable<Buffer>) chunks.push(chunk);
  await running.completed;
  number += 1;
  const file = join(folder, `${number}.sql`);
  await writeFile(file, Buffer.concat(chunks));
  return { plan, source: { format: 'plain', own: true, open: () => createReadStream(file) } };
}

/** Makes a staging database with the dump in it. */
async function loadStaged(source: DumpSource): Promise<string> {
  number += 1;
  const copy = driver.swap.copyName(live.database, 'restore', `${number}`);
  await driver.swap.createStaging(live, copy);
  const connection = { ...live, database: copy };
  const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false, staged: true });
  await driver.load(plan, source, { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() });
  return copy;
}

async function swapIn(incoming: string): Promise<{ outgoing: string; result: SwapResult; journal: JsonObject[] }> {
  number += 1;
  const outgoing = driver.swap.copyName(live.database, 'before', `${number}`);
  const journal: JsonObject[] = [];
  const result = await driver.swap.swap({
    ...{ connection: live, incoming, outgoing },
    signal: new AbortController().signal,
    journal: (state) => Promise.resolve(void journal.push(state)),
  });
  return { outgoing, result, journal };
}

/** The server writes the table's name into the text of a trigger anew, in backticks, when the table is renamed. */
function normal(snapshot: MysqlSnapshot): MysqlSnapshot {
  const schema = snapshot.schema.replace(
    /(\b(?:INSERT|UPDATE|DELETE)) ON (?:`((?:[^`]|``)*)`|(\w+)) FOR/g,
    '$1 ON `$2$3` FOR',
  );
  return { ...snapshot, schema };
}

const snapshot = async (): Promise<MysqlSnapshot> => normal(await mysqlSnapshot(live));

const alterations = [
  'SET foreign_key_checks = 0',
  'DROP VIEW a_top',
  'DROP VIEW m_middle',
  'DROP TABLE derived',
  'CREATE TABLE derived (other INT)',
  'CREATE OR REPLACE VIEW z_base AS SELECT 1 AS one',
  'DROP VIEW uses_function',
  'DROP FUNCTION shout',
  'DROP EVENT nightly',
  'DELETE FROM many_rows WHERE id % 2 = 0',
  'ALTER TABLE teams ADD COLUMN extra INT, DROP FOREIGN KEY teams_lead',
  'CREATE TABLE stray (id INT PRIMARY KEY, team INT, FOREIGN KEY (team) REFERENCES teams (id))',
  'CREATE VIEW stray_view AS SELECT * FROM stray',
  'CREATE PROCEDURE stray_procedure() SELECT 1',
  'CREATE SEQUENCE stray_sequence',
  'CREATE TABLE uses_stray_sequence (id INT DEFAULT (NEXT VALUE FOR stray_sequence))',
  'CREATE EVENT stray_event ON SCHEDULE EVERY 1 YEAR DO SELECT 1',
  'CREATE TRIGGER stray_trigger BEFORE UPDATE ON teams FOR EACH ROW SET @x = 1',
  'UPDATE prices SET amount = 99',
];

describe('A MariaDB database with everything in it', () => {
  it('comes back whole through a staging database, and the undo brings back exactly what it was', async () => {
    const original = await snapshot();
    const { plan, source } = await dump(live);
    await runSql(live, [
      'SET foreign_key_checks = 0',
      'ALTER TABLE audit ADD COLUMN first_column INT',
      ...alterations.slice(1),
      `GRANT EXECUTE ON PROCEDURE \`do it;\` TO keeper@'%'`,
    ]);
    const altered = await snapshot();

    const copy = await loadStaged(source);
    const counted = await driver.prepareDump({ connection: { ...live, database: copy }, format: 'plain', tools: {} });
    // Our own table in the staging database may be among its tables.
    expect(counted.objects).toEqual({ ...plan.objects, tables: expect.any(Number) as number });
    expect(await snapshot()).toEqual(altered);

    const { outgoing, result } = await swapIn(copy);
    const restored = await snapshot();
    expect(restored.rows).toEqual(original.rows);
    expect(restored.schema).toBe(original.schema);
    expect(result).toMatchObject({ warnings: [], sessionsEnded: 0 });
    expect(result.lockoutMs).toBeGreaterThan(0);
    expect(await driver.databaseExists(live, copy)).toBe(false);

    const undone = await swapIn(outgoing);
    expect(await snapshot()).toEqual(altered);
    await swapIn(undone.outgoing);
    expect(await snapshot()).toEqual(original);
    const grants = await runSql(live, [`SELECT Routine_name AS name FROM mysql.procs_priv`]);
    expect(grants).toEqual([{ name: 'do it;' }]);
    // The last one of them is where the altered state is, complete.
    expect((await driver.swap.copies(live)).map(({ role }) => role)).toEqual(['before']);
  });
});

it('Nothing is left in the folder of secrets', async () => {
  expect(await readdir(join(folder, 'runtime'))).toEqual([]);
});
