import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { DumpPlan, DumpSource } from '@app/drivers';
import { runProcess } from '@app/process';
import type { SandboxServer } from '@app/sandbox';
import { startMysqlWithEverything, withMariadbOptions } from './support/everything.js';
import { mysqlSnapshot } from './support/mysql-snapshot.js';
import { runSql } from './support/run-sql.js';

jest.setTimeout(180_000);

let server: SandboxServer;
let folder: string;
let driver: MysqlDriver;

beforeAll(async () => {
  ({ server } = await startMysqlWithEverything());
  folder = await mkdtemp(join(tmpdir(), 'mysql-round-trip-'));
  driver = new MysqlDriver({ runtimeDir: join(folder, 'runtime') });
});

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

const original = (): ConnectionParams => server.connection('ev-ery`thing ü');

async function dump(connection: ConnectionParams): Promise<{ plan: DumpPlan; source: DumpSource; text: string }> {
  const plan = await driver.prepareDump({ connection, format: 'plain', tools: {} });
  const running = await driver.startDump(plan, new AbortController().signal);
  const check = driver.completenessCheck('plain');
  const chunks: Buffer[] = [];
  for await (const chunk of running.output as AsyncIterable<Buffer>) {
    check.update(chunk);
    chunks.push(chunk);
  }
  await running.completed;
  check.finish();
  const file = join(folder, `${Math.random()}.sql`);
  await writeFile(file, Buffer.concat(chunks));
  const source: DumpSource = { format: 'plain', own: true, open: () => createReadStream(file) };
  return { plan, source, text: Buffer.concat(chunks).toString('utf8') };
}

async function load(connection: ConnectionParams, source: DumpSource): Promise<void> {
  const plan = await driver.prepareLoad({ connection, format: 'plain', tools: {}, skipOwnership: false });
  const hooks = { signal: new AbortController().signal, beforeCommit: () => Promise.resolve() };
  await driver.load(plan, source, hooks);
}

describe('A MariaDB database with everything in it', () => {
  it('comes back whole in another database, history, definers and sequences included (FAILURES 18, 19, 29, 30)', async () => {
    const before = await mysqlSnapshot(original());
    const { plan, source, text } = await dump(original());
    expect(driver.recognise(Buffer.from(text.slice(0, 4096)))).toBe('plain');
    expect(text).not.toMatch(/^(CREATE DATABASE|USE) /m);
    const target = server.connection('restored copy');
    await driver.createDatabase(original(), target.database, plan.settings);

    await load(target, source);

    const after = await mysqlSnapshot(target);
    expect(after.rows).toEqual(before.rows);
    expect(after.schema).toBe(before.schema);
    expect(await mysqlSnapshot(original())).toEqual(before);
  });

  it('comes back whole from the dump of somebody else, made with the defaults of mariadb-dump (FAILURES 27, 34)', async () => {
    const before = await mysqlSnapshot(original());
    const file = join(folder, 'foreign.sql');
    await withMariadbOptions(server, (optionFile) =>
      runProcess({
        command: 'mariadb-dump',
        args: [
          `--defaults-file=${optionFile}`,
          '--default-character-set=utf8mb4',
          '--routines',
          '--events',
          '--dump-history',
          `--result-file=${file}`,
          '--',
          original().database,
        ],
        timeoutMs: 60_000,
      }),
    );
    const source: DumpSource = { format: 'plain', own: false, open: () => createReadStream(file) };
    const target = server.connection('foreign');
    await driver.createDatabase(original(), target.database, {
      character_set: 'utf8mb4',
      collation: 'utf8mb4_unicode_ci',
    });

    await load(target, source);

    expect(await mysqlSnapshot(target)).toEqual(before);
  });

  it('comes back in place, and what was added, altered or dropped meanwhile is undone (FAILURES 38)', async () => {
    const before = await mysqlSnapshot(original());
    const { source } = await dump(original());
    await runSql(original(), [
      'SET foreign_key_checks = 0',
      'DROP TABLE employees',
      'DROP VIEW m_middle',
      'DROP FUNCTION shout',
      'DELETE FROM many_rows WHERE id % 2 = 0',
      'ALTER TABLE teams ADD COLUMN extra INT, DROP FOREIGN KEY teams_lead',
      'CREATE TABLE stray (id INT PRIMARY KEY, team INT, FOREIGN KEY (team) REFERENCES teams (id))',
      'CREATE VIEW stray_view AS SELECT * FROM stray',
      'CREATE PROCEDURE stray_procedure() SELECT 1',
      'CREATE FUNCTION stray_function() RETURNS INT RETURN 1',
      'CREATE SEQUENCE stray_sequence',
      'CREATE TABLE uses_stray_sequence (id INT DEFAULT (NEXT VALUE FOR stray_sequence))',
      'CREATE EVENT stray_event ON SCHEDULE EVERY 1 YEAR DO SELECT 1',
      'CREATE TRIGGER stray_trigger BEFORE UPDATE ON teams FOR EACH ROW SET @x = 1',
      'UPDATE prices SET amount = 99',
    ]);
    expect(await mysqlSnapshot(original())).not.toEqual(before);

    await load(original(), source);

    expect(await mysqlSnapshot(original())).toEqual(before);
  });

  it('is counted by kind, and warned of where a dump cannot be exact, by name (FAILURES 12)', async () => {
    const plan = await driver.prepareDump({ connection: original(), format: 'plain', tools: {} });
    expect(plan.objects).toEqual({
      tables: 21,
      views: 6,
      triggers: 4,
      procedures: 1,
      functions: 3,
      events: 2,
      packages: 2,
      sequences: 2,
      indexes: 30,
      foreign_keys: 3,
      checks: 4,
    });
    expect(plan.settings).toEqual({ character_set: 'utf8mb4', collation: 'utf8mb4_unicode_ci' });
    const warnings = plan.warnings.join('\n');
    expect(warnings).toContain('isam (MyISAM)');
    expect(warnings).toContain('aria_table (Aria)');
    expect(warnings).toContain('volatile_memory (MEMORY)');
    expect(warnings).toContain('all_types.fl');
    expect(warnings).not.toContain('employees');
  });
});

describe('A database that names itself in its objects', () => {
  it('restores under another name without touching the first one', async () => {
    await runSql(server.connection('mysql'), [
      'CREATE DATABASE first CHARACTER SET utf8mb4',
      'USE first',
      'CREATE SEQUENCE numbers',
      `CREATE TABLE numbered (id INT DEFAULT (NEXT VALUE FOR numbers), note VARCHAR(80) DEFAULT 'nextval(\`third\`.x)')`,
      'INSERT INTO numbered VALUES (DEFAULT, DEFAULT)',
      'CREATE VIEW counted AS SELECT PREVIOUS VALUE FOR numbers AS n FROM numbered',
      'CREATE FUNCTION f() RETURNS VARCHAR(10) RETURN 1',
      'CREATE TRIGGER t BEFORE INSERT ON numbered FOR EACH ROW SET @a = 1',
      // The tools now have to alter the database around routine and trigger.
      'ALTER DATABASE first CHARACTER SET latin1 COLLATE latin1_german1_ci',
    ]);
    const first = server.connection('first');
    const before = await mysqlSnapshot(first);
    const { plan, source, text } = await dump(first);
    expect(text).toContain('ALTER DATABASE `first` CHARACTER SET utf8mb4');
    await driver.createDatabase(first, 'second', plan.settings);
    await load(server.connection('second'), source);
    await driver.dropDatabase(first, 'first');

    const { rows, schema } = await mysqlSnapshot(server.connection('second'));
    expect(schema).toBe(before.schema);
    expect(rows['numbered']).toBe(before.rows['numbered']);
    await runSql(server.connection('second'), ['INSERT INTO numbered (note) VALUES (1)', 'SELECT * FROM counted']);
  });
});

it('Nothing is left in the folder of secrets', async () => {
  expect(await readdir(join(folder, 'runtime'))).toEqual([]);
});
