import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { DumpSource } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { startTestServer, testedServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** A server with a replica that follows it by GTID, while a dump of another server with GTIDs is restored. */

jest.setTimeout(180_000);

const never = new AbortController().signal;
const PATIENCE_MS = 60_000;
let source: SandboxServer;
let replica: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;
let mariadb: boolean;

beforeAll(async () => {
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-replica-'));
  driver = new MysqlDriver({ runtimeDir, lockTimeoutMs: 5_000 });
  mariadb = testedServer()?.flavour !== 'MySQL';
  source = await startTestServer('MySQL', { settings: settings('1') });
  replica = await startTestServer('MySQL', { settings: settings('2') });
  const { host, port } = source.connection('mysql');
  // Without how the servers themselves were set up.
  for (const server of [source, replica]) {
    await runSql(server.connection('mysql'), [mariadb ? 'RESET MASTER' : 'RESET BINARY LOGS AND GTIDS']);
  }
  await runSql(source.connection('mysql'), [
    `CREATE USER follower@'%' IDENTIFIED BY 'pw'`,
    `GRANT REPLICATION SLAVE ON *.* TO follower@'%'`,
    'CREATE DATABASE shop CHARACTER SET utf8mb4',
    'CREATE TABLE shop.orders (id INT PRIMARY KEY, word VARCHAR(20))',
    `INSERT INTO shop.orders VALUES (1, 'old')`,
  ]);
  await runSql(
    replica.connection('mysql'),
    mariadb
      ? [
          `CHANGE MASTER TO MASTER_HOST='${host}', MASTER_PORT=${port}, MASTER_USER='follower', MASTER_PASSWORD='pw', MASTER_USE_GTID=slave_pos`,
          'START SLAVE',
        ]
      : [
          `CHANGE REPLICATION SOURCE TO SOURCE_HOST='${host}', SOURCE_PORT=${port}, SOURCE_USER='follower', SOURCE_PASSWORD='pw', SOURCE_AUTO_POSITION=1, GET_SOURCE_PUBLIC_KEY=1`,
          'START REPLICA',
        ],
  );
});
afterAll(async () => {
  await replica?.stop();
  await source?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

function settings(id: string): Record<string, string> {
  const gtid = mariadb ? {} : { 'gtid-mode': 'ON', 'enforce-gtid-consistency': 'ON' };
  return { 'log-bin': 'binlog', 'server-id': id, ...gtid };
}

/** As mysqldump writes it on a server with GTIDs, unless told otherwise. */
const DUMP = `-- MySQL dump 10.13  Distrib 8.4.2, for Linux (x86_64)
--
-- Host: elsewhere    Database: shop
-- ------------------------------------------------------
-- Server version\t8.4.2

/*!50503 SET NAMES utf8mb4 */;
SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;
SET @@SESSION.SQL_LOG_BIN= 0;

--
-- GTID state at the beginning of the backup
--

SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77';

DROP TABLE IF EXISTS \`orders\`;
CREATE TABLE \`orders\` (
  \`id\` int NOT NULL,
  \`word\` varchar(20) DEFAULT NULL,
  PRIMARY KEY (\`id\`)
) ENGINE=InnoDB;
INSERT INTO \`orders\` VALUES (1,'new'),(2,'newer');
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`%\`*/ /*!50003 TRIGGER noted BEFORE INSERT ON orders FOR EACH ROW SET NEW.word = UPPER(NEW.word) */;;
DELIMITER ;
SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;
-- Dump completed on 2026-11-30  1:00:00
`;
const dump = (): DumpSource => ({
  ...{ format: 'plain', own: false },
  open: driver.tidyForeign(
    { format: 'plain', own: false, open: () => Readable.from([Buffer.from(DUMP)]) },
    { acceptIncomplete: false },
  ).open,
});

async function statusOfReplica(): Promise<{ running: unknown[]; error: unknown }> {
  const [row] = await runSql(replica.connection('mysql'), [mariadb ? 'SHOW SLAVE STATUS' : 'SHOW REPLICA STATUS']);
  return mariadb
    ? { running: [row?.['Slave_IO_Running'], row?.['Slave_SQL_Running']], error: row?.['Last_Error'] }
    : { running: [row?.['Replica_IO_Running'], row?.['Replica_SQL_Running']], error: row?.['Last_Error'] };
}

/** Once the replica has done what the source had done until now. */
async function ofReplica(database: string): Promise<unknown> {
  const mark = `mark_${Date.now()}`;
  await runSql(source.connection('mysql'), [`CREATE DATABASE ${mark}`]);
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const [found] = await runSql(replica.connection('mysql'), [
      `SELECT 1 AS n FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${mark}'`,
    ]);
    if (found !== undefined) return await contentOf(replica, database);
    const { running, error } = await statusOfReplica();
    if (running[1] !== 'Yes' || Date.now() > deadline) throw new Error(`The replica does not follow: ${String(error)}`);
    await sleep(100);
  }
}

async function contentOf(server: SandboxServer, database: string): Promise<unknown> {
  return {
    rows: await runSql(server.connection(database), ['SELECT * FROM orders ORDER BY id']),
    triggers: (await runSql(server.connection(database), ['SHOW TRIGGERS'])).map(({ Trigger }) => Trigger),
  };
}

async function followed(database: string): Promise<unknown> {
  const content = await contentOf(source, database);
  expect(await ofReplica(database)).toEqual(content);
  expect(await statusOfReplica()).toEqual({ running: ['Yes', 'Yes'], error: '' });
  return content;
}

const purged = async (): Promise<unknown> =>
  mariadb ? undefined : (await runSql(source.connection('mysql'), ['SELECT @@GLOBAL.gtid_purged AS p']))[0]?.['p'];
const RESTORED = {
  rows: [
    { id: 1, word: 'new' },
    { id: 2, word: 'newer' },
  ],
  triggers: ['noted'],
};

describe('4: a dump of a server with GTIDs', () => {
  const at = (database: string): ConnectionParams => source.connection(database);

  it('is restored into a staging database and swapped in: the replica goes on and has the rows, as the undo has the old ones', async () => {
    const before = await purged();
    const { swap } = driver;
    const incoming = swap.copyName('shop', 'restore', '1');
    await swap.createStaging(at('shop'), incoming);
    const request = { connection: at(incoming), format: 'plain', tools: {}, skipOwnership: false } as const;
    const plan = await driver.prepareLoad({ ...request, staged: true });
    const { warnings } = await driver.load(plan, dump(), { signal: never, beforeCommit: async () => undefined });
    expect(warnings.join('\n')).toMatch(/Left out .*SQL_LOG_BIN.*GTID_PURGED/);
    const outgoing = swap.copyName('shop', 'before', '1');
    const order = { connection: at('shop'), signal: never, journal: () => Promise.resolve() };
    await swap.swap({ ...order, incoming, outgoing });
    expect(await followed('shop')).toEqual(RESTORED);
    expect(await followed(outgoing)).toEqual({ rows: [{ id: 1, word: 'old' }], triggers: [] });
    await swap.swap({ ...order, incoming: outgoing, outgoing: swap.copyName('shop', 'before', '2') });
    expect(await followed('shop')).toEqual({ rows: [{ id: 1, word: 'old' }], triggers: [] });
    expect(await purged()).toEqual(before);
  });

  it('is restored in place: the replica goes on and has the rows', async () => {
    const before = await purged();
    const plan = await driver.prepareLoad({ connection: at('shop'), format: 'plain', tools: {}, skipOwnership: false });
    await driver.load(plan, dump(), {
      ...{ signal: never, beforeCommit: async () => undefined, beforeReplacing: async () => undefined },
    });
    expect(await followed('shop')).toEqual(RESTORED);
    expect(await purged()).toEqual(before);
  });

  it('that fails leaves the replica where it was', async () => {
    const before = await contentOf(source, 'shop');
    const open = () =>
      Readable.from([Buffer.from(DUMP.replace('DELIMITER ;;', 'SELECT * FROM nothing;\nDELIMITER ;;'))]);
    const plan = await driver.prepareLoad({ connection: at('shop'), format: 'plain', tools: {}, skipOwnership: false });
    const hooks = { signal: never, beforeCommit: async () => undefined, beforeReplacing: async () => undefined };
    const broken: DumpSource = { format: 'plain', own: false, open };
    await expect(driver.load(plan, broken, hooks)).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    expect(await followed('shop')).toEqual(before);
  });
});
