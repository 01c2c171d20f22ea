import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackupFormat, Compression, ConnectionParams, DbType, Manifest } from '@app/domain';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from '../support/api-harness.js';
import type { RunningApi } from '../support/api-harness.js';
import { isFull, isTested, startTestServer, testedServer } from '../support/given-engine.js';
import { runSql } from '../support/run-sql.js';

interface Side {
  dbType: DbType;
  maintenance: string;
  settings: (flavour: string) => Readonly<Record<string, string>>;
  ways: readonly { format: BackupFormat; compression: Compression }[];
  seed: readonly string[];
  damage: readonly string[];
}

const FINGERPRINT = `SELECT (SELECT count(*) FROM item) AS items, (SELECT sum(price) FROM item) AS total, (SELECT max(name) FROM item) AS name,
  (SELECT count(*) FROM sold) AS sold, (SELECT count(*) FROM dear) AS dear, twice(21) AS doubled`;

const SIDES: readonly Side[] = [
  {
    dbType: 'PostgreSQL',
    maintenance: 'postgres',
    settings: () => ({}),
    ways: [
      { format: 'plain', compression: 'zstd' },
      { format: 'custom', compression: 'none' },
      ...(isFull
        ? [{ format: 'plain', compression: 'none' } as const, { format: 'custom', compression: 'zstd' } as const]
        : []),
    ],
    seed: [
      'CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL, price numeric(10, 2), net numeric GENERATED ALWAYS AS (price / 2) STORED)',
      `INSERT INTO item (name, price) SELECT 'größe 🐘 ' || n, n / 4.0 FROM generate_series(1, 500) n`,
      'CREATE TABLE sold (item int NOT NULL REFERENCES item, at date NOT NULL, PRIMARY KEY (at, item)) PARTITION BY RANGE (at)',
      `CREATE TABLE sold_2024 PARTITION OF sold FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')`,
      'CREATE TABLE sold_later PARTITION OF sold DEFAULT',
      `INSERT INTO sold SELECT n, date '2024-11-01' + n FROM generate_series(1, 100) n`,
      'CREATE VIEW dear AS SELECT * FROM item WHERE price > 100',
      `CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT n * 2'`,
    ],
    damage: [
      'DROP VIEW dear',
      'DROP TABLE sold',
      'DELETE FROM item WHERE id > 100',
      'CREATE VIEW dear AS SELECT 1 AS one',
      'CREATE TABLE sold (newcomer int)',
      `CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 0'`,
    ],
  },
  {
    dbType: 'MySQL',
    maintenance: 'mysql',
    // As most servers of Oracle's run: a client may then write GTIDs and switches of the binary log into its dumps.
    settings: (flavour) => ({
      'default-time-zone': '+05:00',
      ...(flavour === 'MySQL' ? { 'gtid-mode': 'ON', 'enforce-gtid-consistency': 'ON' } : {}),
    }),
    ways: [
      { format: 'plain', compression: 'zstd' },
      ...(isFull ? [{ format: 'plain', compression: 'none' } as const] : []),
    ],
    seed: [
      'CREATE TABLE item (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, price decimal(10, 2), net decimal(10, 3) AS (price / 2) STORED, made timestamp DEFAULT CURRENT_TIMESTAMP, day date AS (DATE(made)) STORED, KEY (name)) CHARACTER SET utf8mb4',
      // Of which the day is another one in UTC.
      `INSERT INTO item (name, price, made) WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 500)
        SELECT concat('größe 🐘 ', n), n / 4.0, '2024-03-01 01:00:00' FROM s`,
      'CREATE TABLE sold (item int NOT NULL, at date NOT NULL, PRIMARY KEY (at, item), FOREIGN KEY (item) REFERENCES item (id))',
      `INSERT INTO sold SELECT id, date_add('2024-11-01', INTERVAL id DAY) FROM item WHERE id <= 100`,
      'CREATE VIEW dear AS SELECT * FROM item WHERE price > 100',
      'CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN n * 2',
      'CREATE TRIGGER shout BEFORE INSERT ON item FOR EACH ROW SET NEW.name = upper(NEW.name)',
      'CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM sold',
    ],
    damage: [
      'DROP VIEW dear',
      'DROP TABLE sold',
      'DELETE FROM item WHERE id > 100',
      'CREATE VIEW dear AS SELECT 1 AS one',
      'CREATE TABLE sold (newcomer int)',
      'DROP FUNCTION twice',
      'CREATE FUNCTION twice(n int) RETURNS int DETERMINISTIC RETURN 0',
      'DROP EVENT IF EXISTS nightly',
    ],
  },
];

describe.each(SIDES.filter(({ dbType }) => isTested(dbType)))('the life of a backup on $dbType', (side) => {
  let server: SandboxServer;
  let api: RunningApi;
  let shop: ConnectionParams;
  let original: unknown;
  let damaged: unknown;

  const fingerprint = (): Promise<unknown> => runSql(shop, [FINGERPRINT]);
  const post = async (path: string, body?: unknown): Promise<Record<string, unknown>> => {
    const answer = await api.call('POST', path, body);
    expect(answer).toMatchObject({ status: 200, body: { success: true } });
    return answer.body;
  };

  beforeAll(async () => {
    const settings = side.settings(testedServer()?.flavour ?? '');
    [server, api] = await Promise.all([startTestServer(side.dbType, { settings }), startApi()]);
    await runSql(server.connection(side.maintenance), ['CREATE DATABASE shop']);
    shop = server.connection('shop');
    await runSql(shop, side.seed);
    original = await fingerprint();
    const { host, port, username, password } = server;
    await post('/api/connect', {
      ...{ db_type: side.dbType, host, port: String(port), database: 'shop', username, password },
    });
  }, 120_000);
  afterAll(async () => {
    await api?.close();
    await server?.stop();
  });

  it.each(side.ways)(
    'is made, verified on the same version, swapped in, and the restore is undone: $format, $compression',
    async (way) => {
      const { backup } = await post('/api/backup', { ...way, verification: 'restored' });
      const { id, path } = backup as { id: string; path: string };
      const manifest = JSON.parse(
        await readFile(join(api.workingDirectory, `${path}.manifest.json`), 'utf8'),
      ) as Manifest;
      expect(manifest.verification).toMatchObject({ level: 'restored', details: { compared: 'content' } });
      expect(manifest.verification.details?.by_count).toBeUndefined();
      expect(manifest.verification.failed).toBeUndefined();
      const tested = testedServer();
      if (tested !== undefined) {
        const name = `${tested.flavour} ${tested.version}`;
        expect(`${manifest.server.flavour} ${manifest.server.version}`).toContain(name);
        expect(manifest.verification.details?.server).toContain(name);
        expect(`${manifest.tool.flavour} ${manifest.tool.version}`).toContain(name);
      }

      await runSql(shop, side.damage);
      damaged = await fingerprint();
      expect(damaged).not.toEqual(original);
      const { plan } = await post('/api/restore', { backup_file_path: path, dry_run: true });
      expect(plan).toMatchObject({ strategy: 'swap', obstacles: [] });
      const { restore } = await post('/api/restore', { backup_file_path: path });
      expect(restore).toMatchObject({ strategy: 'swap', undo: { available: true } });
      expect(await fingerprint()).toEqual(original);

      await post(`/api/restores/${(restore as { id: string }).id}/undo`);
      expect(await fingerprint()).toEqual(damaged);
      await post('/api/restore', { backup_file_path: path });
      expect(await fingerprint()).toEqual(original);
      await post(`/api/backups/${id}/verify`, { level: 'restored' });
    },
    240_000,
  );
});
