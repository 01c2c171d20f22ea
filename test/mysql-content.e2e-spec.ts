import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ContentChecksums } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { Census, DumpSource, LoadedRows, LoadResult } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { startTestServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** What a checksum of MySQL and MariaDB sees, on each version with its own client (ADR 29). */

jest.setTimeout(180_000);

const never = new AbortController().signal;
let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;
let isMariadb: boolean;

beforeAll(async () => {
  server = await startTestServer('MySQL', { settings: { 'default-time-zone': '+05:00' } });
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-content-'));
  driver = new MysqlDriver({ runtimeDir, lockTimeoutMs: 5_000 });
  isMariadb = (await driver.probe(server.connection('mysql'))).flavour === 'MariaDB';
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const at = (database: string): ConnectionParams => server.connection(database);

async function made(database: string, ...statements: string[]): Promise<void> {
  await runSql(at('mysql'), [`CREATE DATABASE ${database} CHARACTER SET utf8mb4`]);
  await runSql(at(database), statements);
}

async function dumped(
  database: string,
  meanwhile?: () => Promise<unknown>,
): Promise<{ bytes: Buffer; census: Census }> {
  const request = { connection: at(database), format: 'plain', tools: {}, census: 'content' } as const;
  const running = await driver.startDump(await driver.prepareDump(request), never);
  await meanwhile?.();
  const bytes = await buffer(running.output);
  await running.completed;
  if (running.census === undefined) throw new Error('The dump was not counted.');
  return { bytes, census: await running.census };
}

async function loaded(
  bytes: Buffer,
  database: string,
  { sessionSettings, staged = true }: { sessionSettings?: DumpSource['sessionSettings']; staged?: boolean } = {},
): Promise<LoadResult> {
  await driver.createDatabase(at('mysql'), database, {});
  const settings = sessionSettings === undefined ? {} : { sessionSettings };
  const source: DumpSource = { format: 'plain', own: true, open: () => Readable.from([bytes]), ...settings };
  const request = { connection: at(database), format: 'plain', tools: {}, skipOwnership: false, staged } as const;
  return driver.load(await driver.prepareLoad(request), source, { signal: never, beforeCommit: async () => undefined });
}

async function restored(bytes: Buffer, database: string): Promise<Census> {
  await loaded(bytes, database);
  return driver.census(at(database), never, 'content');
}

function contentOf({ checksums }: Census): ContentChecksums {
  if (checksums === undefined) throw new Error('The content was not looked at.');
  return checksums;
}

/** Of each row another value in each column. */
const KINDS: readonly [type: string, value: string, other: string][] = [
  ['int', '1', '2'],
  ['bigint unsigned zerofill', '18446744073709551615', '18446744073709551614'],
  ['decimal(20, 5)', '1.10000', '1.10001'],
  ['float', '0.1', '0.2'],
  ['float(10, 3)', '1234.5678', '1234.6'],
  ['double', '-0e0', '1e-300'],
  ['double', '0.1e0', '0.10000000000000002e0'],
  ['date', `'0000-00-00'`, `'2024-02-29'`],
  ['datetime(3)', `'2024-03-01 01:02:03.004'`, `'2024-03-01 01:02:03.005'`],
  ['timestamp(6) NULL', `'2024-03-01 01:02:03.000004'`, `'2024-03-01 01:02:03.000005'`],
  ['time(2)', `'-30:00:00.5'`, `'30:00:00.5'`],
  ['year', '2024', '0'],
  ['char(5)', `'a'`, `'A'`],
  ['binary(5)', `x'6100'`, `x'6101'`],
  ['varchar(20) CHARACTER SET latin1', `'ä '`, `'a '`],
  ['varchar(20)', `'ä'`, `'ä '`],
  ['varchar(2000)', `REPEAT('é', 2000)`, `REPEAT('e', 2000)`],
  ['varbinary(20)', `x'00ff'`, `x'00fe'`],
  [`enum('a', 'ö', 'x')`, `'ö'`, `'x'`],
  [`set('a', 'b', 'c')`, `'a,c'`, `''`],
  ['bit(64)', `b'1010'`, `b'1011'`],
  ['text', `'😀'`, `'😁'`],
  ['longblob', `REPEAT(x'00', 100000)`, `REPEAT(x'00', 99999)`],
  ['geometry', `ST_GeomFromText('POINT(1 2)')`, `ST_GeomFromText('POINT(2 1)')`],
  ['json', `'{"b": 1.10, "a": [1, null, 2e3]}'`, `'{"b": 1.10, "a": [1, null, 2001]}'`],
];
const ONLY_MARIADB: typeof KINDS = [
  ['uuid', `'123e4567-e89b-12d3-a456-426655440000'`, `'123e4567-e89b-12d3-a456-426655440001'`],
  ['inet6', `'::1'`, `'::2'`],
  ['varchar(3000) COMPRESSED', `REPEAT('x', 3000)`, `REPEAT('y', 3000)`],
];
const ONLY_MYSQL: typeof KINDS = [
  ['vector(3)', `TO_VECTOR('[1, 2, 3]')`, `TO_VECTOR('[1, 2, 4]')`],
  ['json', `JSON_OBJECT('d', CAST(1.10 AS DECIMAL(9, 4)), 't', TIMESTAMP'2024-01-01 00:00:00')`, `JSON_OBJECT('d', 2)`],
];

describe('The content of a restored database', () => {
  it('71: has the checksums of the source, whatever the type, and other ones where any value differs', async () => {
    const kinds = [...KINDS, ...(isMariadb ? ONLY_MARIADB : ONLY_MYSQL)];
    await made(
      'kinds',
      `CREATE TABLE k (id int PRIMARY KEY, ${kinds.map(([type], n) => `c${n} ${type}`).join(', ')}, doubled int AS (id * 2) STORED, tripled int AS (id * 3) VIRTUAL)`,
      `SET sql_mode = ''`,
      `INSERT INTO k (id, ${kinds.map((_, n) => `c${n}`).join(', ')}) VALUES (1, ${kinds.map(([, value]) => value).join(', ')})`,
      'INSERT INTO k (id) VALUES (2), (3)',
      'CREATE TABLE none (a int)',
    );
    const { bytes, census } = await dumped('kinds');
    const copy = await restored(bytes, 'kinds_copy');
    expect(contentOf(census)).toEqual({
      ...contentOf(copy),
      tables: { k: expect.stringMatching(/^\d{10,}$/), none: '0' },
    });
    expect(copy).toEqual(census);
    const unseen: string[] = [];
    for (const [n, [type, value, other]] of kinds.entries()) {
      await runSql(at('kinds_copy'), [`SET sql_mode = ''`, `UPDATE k SET c${n} = ${other} WHERE id = 1`]);
      const now = contentOf(await driver.census(at('kinds_copy'), never, 'content')).tables['k'];
      await runSql(at('kinds_copy'), [`SET sql_mode = ''`, `UPDATE k SET c${n} = NULL WHERE id = 1`]);
      const none = contentOf(await driver.census(at('kinds_copy'), never, 'content')).tables['k'];
      await runSql(at('kinds_copy'), [`SET sql_mode = ''`, `UPDATE k SET c${n} = ${value} WHERE id = 1`]);
      const again = contentOf(await driver.census(at('kinds_copy'), never, 'content')).tables['k'];
      const before = contentOf(census).tables['k'];
      if (now === before || none === before || again !== before) unseen.push(type);
    }
    expect(unseen).toEqual([]);
  });
});

describe('A difference between the source and a restored database', () => {
  it('71: a generated column whose value changed while it was loaded is seen', async () => {
    await made(
      'zoned',
      'CREATE TABLE t (id int PRIMARY KEY, ts timestamp NOT NULL, d date AS (DATE(ts)) STORED)',
      `INSERT INTO t (id, ts) VALUES (1, '2024-03-01 01:00:00'), (2, '2024-03-01 12:00:00')`,
    );
    const { census } = await dumped('zoned');
    // As a client that loads the dump does it.
    await made(
      'zoned_wrong',
      `SET time_zone = '+00:00'`,
      'CREATE TABLE t (id int PRIMARY KEY, ts timestamp NOT NULL, d date AS (DATE(ts)) STORED)',
      `INSERT INTO t (id, ts) VALUES (1, '2024-02-29 20:00:00'), (2, '2024-03-01 07:00:00')`,
    );
    const wrong = await driver.census(at('zoned_wrong'), never, 'content');
    expect(wrong.rows).toEqual(census.rows);
    expect(contentOf(wrong).tables['t']).not.toBe(contentOf(census).tables['t']);
  });

  it('71: members of ENUM and SET and defaults with characters beyond the BMP, which the dump does not hold, are seen', async () => {
    const e = `CREATE TABLE e (id int PRIMARY KEY, e enum('a', '😀'), s set('😁', 'b'))`;
    await made('emoji', e, `INSERT INTO e VALUES (1, '😀', '😁'), (2, 'a', 'b')`);
    await made('emoji_lost', e.replace('😀', '?').replace('😁', '?'), `SET sql_mode = ''`);
    await runSql(at('emoji_lost'), [`SET sql_mode = ''`, `INSERT INTO e VALUES (1, '', ''), (2, 'a', 'b')`]);
    const d = (sign: string): string =>
      `CREATE TABLE d (id int, x varchar(9) DEFAULT '${sign}', y varchar(9) DEFAULT '?')`;
    await runSql(at('emoji'), [d('😀')]);
    await runSql(at('emoji_lost'), [d('?')]);
    const source = contentOf(await driver.census(at('emoji'), never, 'content'));
    const copy = contentOf(await driver.census(at('emoji_lost'), never, 'content'));
    expect(copy.tables['e']).not.toBe(source.tables['e']);
    expect(copy.tables['d']).not.toBe(source.tables['d']);
  });

  it('71: what a definition holds beyond the BMP comes back: members, defaults, expressions', async () => {
    const definition = [
      `e enum('a', '😀', 'b?', '😁x', 'it''s \\\\ 😂') NOT NULL DEFAULT '😀'`,
      `s set('😁', 'b', '😂😂') DEFAULT '😁,b'`,
      `v varchar(9) NOT NULL DEFAULT '😀'`,
      `n varchar(9) DEFAULT 'it''s 😀?'`,
      `q varchar(9) DEFAULT '?'`,
      `x varchar(9) DEFAULT (CONCAT('😀', 'x'))`,
      `g varchar(20) AS (CONCAT(n, '😀')) STORED`,
      `CONSTRAINT no_smile CHECK (v <> '😄x')`,
    ].join(', ');
    await made(
      'beyond',
      `CREATE TABLE t (id int PRIMARY KEY, ${definition})`,
      `INSERT INTO t (id) VALUES (1)`,
      `INSERT INTO t (id, e, s, n) VALUES (2, 'it''s \\\\ 😂', '😂😂', 'z'), (3, '😁x', '😁,😂😂', NULL)`,
      `CREATE TABLE hollow (e enum('😀', '?') NOT NULL DEFAULT '?', v varchar(9) DEFAULT '😀')`,
      `CREATE VIEW w AS SELECT '😀' AS smile FROM t WHERE v <> '😁x'`,
    );
    const { bytes, census } = await dumped('beyond');
    for (const staged of [true, false]) {
      const copy = `beyond_${staged ? 'aside' : 'place'}`;
      await loaded(bytes, copy, { staged });
      expect(await driver.census(at(copy), never, 'content')).toEqual(census);
      const rows = await runSql(at(copy), [
        `INSERT INTO t (id) VALUES (4)`,
        `INSERT INTO t (id, e) VALUES (5, 2)`,
        `INSERT INTO hollow () VALUES ()`,
        `SELECT t.e, t.s, t.v, t.n, t.q, t.x, t.g, hollow.e AS f, hollow.v AS u, w.smile FROM t, hollow, w WHERE t.id = 4 LIMIT 1`,
      ]);
      expect(rows).toEqual([
        {
          ...{ e: '😀', s: '😁,b', v: '😀', n: `it's 😀?`, q: '?', x: '😀x', g: `it's 😀?😀` },
          ...{ f: '?', u: '😀', smile: '😀' },
        },
      ]);
      await expect(runSql(at(copy), [`INSERT INTO t (id, v) VALUES (6, '😄x')`])).rejects.toThrow(/no_smile/);
      await expect(
        runSql(at(copy), [`SET sql_mode = ''`, `INSERT INTO t (id, e) VALUES (7, 6)`, `SELECT e FROM t WHERE id = 7`]),
      ).resolves.toEqual([{ e: '' }]);
    }
  });

  it('71: all members of a long ENUM come back', async () => {
    const members = Array.from({ length: 1_500 }, (_, n) => `😀 ${n}`);
    await made(
      'members',
      `CREATE TABLE t (id int PRIMARY KEY, e enum(${members.map((member) => `'${member}'`).join(', ')}))`,
      'INSERT INTO t VALUES (1, 1), (2, 1500)',
    );
    const { bytes, census } = await dumped('members');
    expect(await restored(bytes, 'members_copy')).toEqual(census);
    expect(await runSql(at('members_copy'), ['SELECT id, e FROM t ORDER BY id'])).toEqual([
      { id: 1, e: '😀 0' },
      { id: 2, e: '😀 1499' },
    ]);
  });

  it('71: members that are bytes stay so, and those of tables whose data is elsewhere are not asked for but named', async () => {
    const columns = `(e enum('a', 'b?') CHARACTER SET binary NOT NULL DEFAULT 'b?', f enum('?', '😀'))`;
    await made(
      'unasked',
      `CREATE TABLE t ${columns} ENGINE = MyISAM`,
      'INSERT INTO t VALUES (1, 2)',
      `CREATE TABLE m ${columns} ENGINE = MERGE UNION = (t)`,
    );
    const { warnings } = await driver.prepareDump({ connection: at('unasked'), format: 'plain', tools: {} });
    expect(warnings).toContainEqual(expect.stringMatching(/^The server writes "\?" .* otherwise: m\.f\.$/));
    await runSql(at('unasked'), ['DROP TABLE m']);
    const { bytes, census } = await dumped('unasked');
    expect(await restored(bytes, 'unasked_copy')).toEqual(census);
  });

  it('71: bytes that a character set maps to no character are seen', async () => {
    const t = `CREATE TABLE t (id int, x varchar(9) CHARACTER SET gbk)`;
    await made('unmapped', t, `INSERT INTO t VALUES (1, x'FEFE')`);
    await made('unmapped_lost', t, `INSERT INTO t VALUES (1, '?')`);
    const [source, copy] = await Promise.all(
      ['unmapped', 'unmapped_lost'].map((name) => driver.census(at(name), never, 'content')),
    );
    expect(copy?.rows).toEqual(source?.rows);
    expect(copy?.checksums?.tables).not.toEqual(source?.checksums?.tables);
  });

  it.each([
    ['gbk', 'FEFE'],
    ['sjis', '8540'],
    ['cp932', '8540'],
    ['hebrew', 'A1'],
    ['ascii', 'E9'],
  ])('71: bytes of %s that mean no character refuse a backup, by name, and characters do not', async (set, bytes) => {
    const database = `mapped_${set}`;
    await made(
      database,
      `CREATE TABLE t (id int PRIMARY KEY, x varchar(9) CHARACTER SET ${set}, y text CHARACTER SET ${set}, z char(3) CHARACTER SET ${set})`,
      `INSERT INTO t VALUES (1, 'a?', '??', '?'), (2, NULL, NULL, NULL)`,
    );
    const { bytes: dump, census } = await dumped(database);
    expect(await restored(dump, `${database}_copy`)).toEqual(census);
    // From another column, as MySQL checks what it is given.
    await runSql(at(database), [
      `CREATE TABLE b (b varbinary(9)) AS SELECT x'${bytes}' AS b`,
      `SET sql_mode = ''`,
      `INSERT INTO t SELECT 3, '?', b, '' FROM b`,
    ]);
    const refused = driver.prepareDump({ connection: at(database), format: 'plain', tools: {} });
    await expect(refused).rejects.toMatchObject({
      code: 'BROKEN_OBJECT',
      message: expect.stringMatching(new RegExp(`"${database}" hold bytes .*: t\\.y \\(${set}, 1 row\\)\\.$`)),
    });
    const { hint } = (await refused.catch((error: unknown) => error)) as DomainError;
    const find = /^Find the rows with (SELECT \* FROM `t` WHERE .*?); then/.exec(hint ?? '')?.[1] ?? '';
    expect(await runSql(at(database), [find])).toMatchObject([{ id: 3 }]);
  });

  it('71: characters with two codes come back with one of them, which is said and is no difference', async () => {
    const t = 'CREATE TABLE t (x varchar(9) CHARACTER SET cp932, y text CHARACTER SET cp932)';
    await made('two_codes', t, `INSERT INTO t VALUES (x'ED40', x'EEF9')`);
    const plan = await driver.prepareDump({ connection: at('two_codes'), format: 'plain', tools: {} });
    expect(plan.warnings).toContainEqual(expect.stringMatching(/t\.x \(cp932, 1 row\), t\.y \(cp932, 1 row\)/));
    const { bytes, census } = await dumped('two_codes');
    expect(await restored(bytes, 'two_codes_copy')).toEqual(census);
    await expect(runSql(at('two_codes_copy'), ['SELECT CONVERT(x USING utf8mb4) AS x FROM t'])).resolves.toEqual([
      { x: '纊' },
    ]);
  });

  it('71: characters with two codes of every character set come back with one of them, also in ENUM and SET', async () => {
    await made(
      'more_codes',
      `CREATE TABLE t (id int PRIMARY KEY, x varchar(9) CHARACTER SET armscii8, e enum(x'A4', 'b') CHARACTER SET armscii8, s set(x'ED40', 'b') CHARACTER SET cp932)`,
      `INSERT INTO t VALUES (1, x'A4A5', 1, 3)`,
    );
    const { bytes, census } = await dumped('more_codes');
    expect(contentOf(census).uncovered).toBeUndefined();
    expect(await restored(bytes, 'more_codes_copy')).toEqual(census);
  });

  it('71: generated columns, which a dump does not hold, may have bytes that mean no character', async () => {
    await made(
      'generated_bytes',
      'CREATE TABLE t (id int PRIMARY KEY, b varbinary(9), g varchar(9) CHARACTER SET hebrew AS (b) STORED)',
      `SET sql_mode = ''`,
      `INSERT INTO t (id, b) VALUES (1, x'A1')`,
    );
    const { bytes, census } = await dumped('generated_bytes');
    expect(await restored(bytes, 'generated_bytes_copy')).toEqual(census);
  });

  it('61: indexes, foreign keys and CHECKs are counted', async () => {
    await made(
      'parts',
      'CREATE TABLE a (id int PRIMARY KEY, n int, KEY (n), UNIQUE KEY (n, id))',
      'CREATE TABLE b (a int, m int, FOREIGN KEY (a) REFERENCES a (id), CHECK (m > 0), CONSTRAINT few CHECK (m < 10))',
    );
    const { bytes, census } = await dumped('parts');
    expect(census.objects).toMatchObject({ tables: 2, indexes: 4, foreign_keys: 1, checks: 2 });
    expect((await restored(bytes, 'parts_copy')).objects).toEqual(census.objects);
    await runSql(at('parts_copy'), ['ALTER TABLE b DROP CONSTRAINT few', 'DROP INDEX n ON a']);
    expect(await driver.countObjects(at('parts_copy'))).toMatchObject({ indexes: 3, foreign_keys: 1, checks: 1 });
  });
});

describe('While others write', () => {
  it('what was written while the dump began is left out by name, everything else is compared, and nothing is called wrong', async () => {
    await made(
      'busy',
      ...['a', 'b', 'calm'].map((name) => `CREATE TABLE ${name} (n int AUTO_INCREMENT PRIMARY KEY, t text)`),
      `INSERT INTO calm (t) VALUES ('x'), ('y')`,
      `INSERT INTO a (t) VALUES (REPEAT('x', 100))`,
      ...Array.from({ length: 10 }, () => 'INSERT INTO a (t) SELECT t FROM a'),
    );
    const stop = new AbortController();
    const writers = [0, 1].map(async () => {
      while (!stop.signal.aborted) {
        await runSql(
          at('busy'),
          Array.from({ length: 20 }, (_, n) => [
            `UPDATE a SET t = CONCAT('w', RAND()) WHERE n = ${1 + n}`,
            `INSERT INTO b (t) VALUES ('${n}')`,
            'DELETE FROM b ORDER BY n LIMIT 1',
          ]).flat(),
        ).catch(() => undefined);
      }
    });
    const covered = new Set<string>();
    const left = new Set<string>();
    try {
      for (let round = 0; round < 4; round += 1) {
        const { bytes, census } = await dumped('busy');
        const copy = contentOf(await restored(bytes, `busy_${round}`));
        const { tables, uncovered = {} } = contentOf(census);
        for (const [name, sum] of Object.entries(tables)) {
          expect([name, copy.tables[name]]).toEqual([name, sum]);
          covered.add(name);
        }
        expect([...Object.keys(tables), ...Object.keys(uncovered)].toSorted()).toEqual(['a', 'b', 'calm']);
        Object.keys(uncovered).forEach((name) => left.add(name));
      }
    } finally {
      stop.abort();
      await Promise.all(writers);
    }
    expect(covered).toContain('calm');
    expect(left.size).toBeGreaterThan(0);
  });

  it('a table without transactions is compared where nobody wrote to it during the dump', async () => {
    const engine = 'ENGINE=MyISAM';
    await made(
      'plain',
      `CREATE TABLE calm (a int) ${engine}`,
      `CREATE TABLE written (a int) ${engine}`,
      'INSERT INTO calm VALUES (1)',
      'INSERT INTO written VALUES (1)',
    );
    const { bytes, census } = await dumped('plain', () => runSql(at('plain'), ['INSERT INTO written VALUES (2)']));
    const { tables, uncovered } = contentOf(census);
    expect(tables).toEqual({ calm: contentOf(await restored(bytes, 'plain_copy')).tables['calm'] });
    expect(uncovered).toEqual({ written: 'it has no transactions and was written during the dump' });
  });

  it('where the account may have few connections, the dump gets them and the content is left out', async () => {
    await made('held', 'CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1)');
    expect(contentOf((await dumped('held')).census).uncovered).toBeUndefined();
    await runSql(at('mysql'), [
      `CREATE USER few@'%' IDENTIFIED BY 'few' WITH MAX_USER_CONNECTIONS 3`,
      `GRANT ALL ON held.* TO few@'%'`,
    ]);
    const connection = { ...at('held'), username: 'few', password: 'few' };
    const running = await driver.startDump(
      await driver.prepareDump({ connection, format: 'plain', tools: {}, census: 'content' }),
      never,
    );
    await buffer(running.output);
    await running.completed;
    const { rows, checksums } = (await running.census) ?? {};
    expect(rows).toEqual({ t: 1 });
    expect(checksums).toMatchObject({
      tables: {},
      uncovered: { 'all tables': 'the account may have only 3 connections at a time' },
    });
  });
});

describe('A generated column whose value depends on settings of the session', () => {
  const settingsOf = async (database: string): Promise<DumpSource['sessionSettings']> =>
    (await driver.prepareDump({ connection: at(database), format: 'plain', tools: {} })).sessionSettings;

  it.each([{ staged: true }, { staged: false }])(
    '71: comes out of a restore as it was on the source, %j',
    async ({ staged }) => {
      const database = `generated_${staged}`;
      await made(
        database,
        'CREATE TABLE t (id int PRIMARY KEY, ts timestamp NOT NULL, d date AS (DATE(ts)) STORED, v int AS (HOUR(ts)) VIRTUAL, KEY (d), KEY (v))',
        'CREATE TABLE u (id int PRIMARY KEY, n int, made timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, h int AS (HOUR(made)) STORED)',
        `CREATE TABLE w (id int PRIMARY KEY, d date, n varchar(20) ${isMariadb ? '' : 'AS (MONTHNAME(d)) STORED'}, third decimal(20, 8) AS (id / 3) STORED)`,
        'CREATE TABLE other (id int PRIMARY KEY, twice int AS (id * 2) STORED)',
        'CREATE TRIGGER never BEFORE UPDATE ON t FOR EACH ROW SET NEW.ts = NULL',
        `INSERT INTO t (id, ts) VALUES (1, '2024-03-01 01:00:00'), (2, '2024-03-01 12:00:00')`,
        `INSERT INTO u (id, n, made) VALUES (1, 2, '2001-01-01 00:00:00')`,
        `INSERT INTO w (id, d) VALUES (1, '2024-03-01')`,
        'INSERT INTO other (id) VALUES (4)',
      );
      const sessionSettings = await settingsOf(database);
      expect(sessionSettings).toMatchObject({ time_zone: '+05:00' });
      const { bytes, census } = await dumped(database);
      // As a server that was set up otherwise.
      const names = isMariadb ? '' : `, GLOBAL lc_time_names = 'de_DE'`;
      await runSql(at('mysql'), [`SET GLOBAL div_precision_increment = 2${names}`]);
      try {
        const result = await loaded(bytes, `${database}_copy`, { sessionSettings, staged });
        expect(result).toEqual({ warnings: [] });
        const copy = await driver.census(at(`${database}_copy`), never, 'content');
        expect(copy).toEqual(census);
        expect(contentOf(copy).uncovered).toBeUndefined();
      } finally {
        await runSql(at('mysql'), [`SET GLOBAL lc_time_names = 'en_US', GLOBAL div_precision_increment = 4`]);
      }
    },
  );

  it('71: names the table instead where the server does not have the zone', async () => {
    await made(
      'elsewhere',
      'CREATE TABLE t (id int PRIMARY KEY, ts timestamp NOT NULL, d date AS (DATE(ts)) STORED)',
      `INSERT INTO t (id, ts) VALUES (1, '2024-03-01 01:00:00')`,
    );
    const { bytes } = await dumped('elsewhere');
    const { warnings, differing } = await loaded(bytes, 'elsewhere_copy', {
      sessionSettings: { time_zone: 'Europe/Berlin' },
    });
    expect(differing).toEqual({ t: expect.stringContaining('the server knows no time_zone Europe/Berlin') });
    expect(warnings).toEqual([
      expect.stringMatching(/^Generated columns of t may have other values.*mysql_tzinfo_to_sql/),
    ]);
  });

  it('71: a server in a zone with summer time is known by its name, and served by any other in that zone', async () => {
    const berlin = await startTestServer('MySQL', { timeZone: 'Europe/Berlin' });
    try {
      const there = (database: string): ConnectionParams => berlin.connection(database);
      await runSql(there('mysql'), ['CREATE DATABASE zone']);
      await runSql(there('zone'), [
        'CREATE TABLE t (id int PRIMARY KEY, ts timestamp NOT NULL, h int AS (HOUR(ts)) STORED)',
        `INSERT INTO t (id, ts) VALUES (1, '2024-03-01 01:00:00'), (2, '2024-07-01 01:00:00')`,
      ]);
      const request = { connection: there('zone'), format: 'plain', tools: {}, census: 'content' } as const;
      const plan = await driver.prepareDump(request);
      const zone = plan.sessionSettings?.['time_zone'];
      expect(zone).toMatch(/^[A-Z]\w+\/\w+/);
      const running = await driver.startDump(plan, never);
      const bytes = await buffer(running.output);
      await running.completed;
      await driver.createDatabase(there('mysql'), 'copy', {});
      const source: DumpSource = {
        ...{ format: 'plain', own: true, open: () => Readable.from([bytes]) },
        sessionSettings: { time_zone: zone ?? '' },
      };
      const load = await driver.prepareLoad({
        ...{ connection: there('copy'), format: 'plain', tools: {}, skipOwnership: false, staged: true },
      });
      const result = await driver.load(load, source, { signal: never, beforeCommit: async () => undefined });
      expect(result).toEqual({ warnings: [] });
      expect((await driver.census(there('copy'), never, 'content')).checksums).toEqual(
        (await running.census)?.checksums,
      );
    } finally {
      await berlin.stop();
    }
  });
});

describe('Before a backup and a restore', () => {
  it('76: events that a replica keeps from running are named', async () => {
    await made(
      'replicated',
      `CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE ON ${isMariadb ? 'SLAVE' : 'REPLICA'} DO SET @a = 1`,
      'CREATE EVENT weekly ON SCHEDULE EVERY 1 WEEK DISABLE DO SET @a = 1',
    );
    const { warnings } = await driver.prepareDump({ connection: at('replicated'), format: 'plain', tools: {} });
    expect(warnings).toContainEqual(
      expect.stringMatching(/^Events are disabled on this server, as it is a replica, .* backup: nightly\./),
    );
  });

  it('75: a server that takes no writes is named as the reason', async () => {
    await made('frozen', 'CREATE TABLE t (a int)');
    await runSql(at('mysql'), [
      `CREATE USER plain@'%' IDENTIFIED BY 'Plain-1234'`,
      'GRANT ALL ON frozen.* TO plain@`%`',
    ]);
    const request = {
      connection: { ...at('frozen'), username: 'plain', password: 'Plain-1234' },
      format: 'plain',
      tools: {},
      skipOwnership: false,
    } as const;
    await expect(driver.prepareLoad(request)).resolves.toMatchObject({ targetIsEmpty: false });
    await runSql(at('mysql'), ['SET GLOBAL read_only = 1']);
    try {
      await expect(driver.prepareLoad(request)).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: 'The server takes no writes: read_only is set, as on a replica.',
      });
    } finally {
      await runSql(at('mysql'), ['SET GLOBAL read_only = 0']);
    }
  });
});

describe('A load that is shown before it is done', () => {
  it.each([
    { what: 'into the target', tables: undefined },
    { what: 'of single tables', tables: ['t'] },
  ])('71: fails where it holds other values than the source: $what', async ({ tables }) => {
    const name = tables === undefined ? 'shown' : 'shown_some';
    await made(
      name,
      'CREATE TABLE t (id int PRIMARY KEY, word varchar(20), size int AS (CHAR_LENGTH(word)) STORED, KEY (size), CHECK (id > 0))',
      `INSERT INTO t (id, word) VALUES (1, 'right')`,
    );
    const { bytes, census } = await dumped(name);
    await made(`${name}_target`, 'CREATE TABLE t (old int)');
    const load = async (dump: string, id: string): Promise<unknown> => {
      const source: DumpSource = { format: 'plain', own: true, open: () => Readable.from([Buffer.from(dump)]) };
      const plan = await driver.prepareLoad({
        ...{ connection: at(`${name}_target`), format: 'plain', tools: {}, skipOwnership: false },
      });
      const judge = (found: LoadedRows): void => {
        if (found.checksums?.tables['t'] !== contentOf(census).tables['t'])
          throw new DomainError('RESTORE_FAILED', 'Other values.');
      };
      const hooks = { signal: never, beforeCommit: async () => undefined, check: { depth: 'content', judge } } as const;
      const incoming = driver.tables.copyName(`${name}_target`, 'restore', id);
      return tables === undefined
        ? driver.load(plan, source, hooks)
        : driver.tables.load({ plan, tables, into: 'staging', incoming }, source, hooks);
    };
    const text = bytes.toString('utf8');
    await expect(load(text.replace(`'right'`, `'other'`), '00000001')).rejects.toMatchObject({
      message: 'Other values.',
    });
    await expect(load(text, '00000002')).resolves.toMatchObject({ warnings: [] });
  });
});

describe('A database with routines whose texts are quoted otherwise', () => {
  it('76: is backed up, counted, verified and restored, also as a foreign dump', async () => {
    const PATH = `'C:\\temp\\'`;
    // A foreign dump makes its triggers with rights on one database.
    await runSql(at('mysql'), ['SET GLOBAL log_bin_trust_function_creators = 1']);
    await made(
      'quoting',
      'CREATE TABLE t (id int PRIMARY KEY, x varchar(99))',
      `INSERT INTO t VALUES (1, 'it''s \\\\')`,
      'CREATE TABLE u (id int)',
      `SET sql_mode = 'NO_BACKSLASH_ESCAPES'`,
      `CREATE PROCEDURE p() SELECT ${PATH} AS x`,
      `CREATE FUNCTION f() RETURNS varchar(99) DETERMINISTIC RETURN ${PATH}`,
      `CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET NEW.x = ${PATH}`,
      `CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET @a = ${PATH}`,
      `SET sql_mode = ''`,
      `CREATE PROCEDURE q() SELECT 'it\\'s \\\\' AS x`,
      ...(isMariadb
        ? []
        : [
            'CREATE FUNCTION j(a INT) RETURNS INT DETERMINISTIC LANGUAGE JAVASCRIPT AS $$ let s = "it\'s; a b"; return a $$',
            'CREATE LIBRARY l LANGUAGE JAVASCRIPT AS $it$ export function f() { return "it\'s $$" } $it$',
          ]),
    );
    const { bytes, census } = await dumped('quoting');
    const source = (own: boolean): DumpSource => ({
      format: 'plain',
      own,
      open: () => Readable.from(cut(bytes, own ? 1_000_000 : 97)),
    });
    expect(await driver.dumpedRows(source(true), {}, never)).toEqual(census.rows);
    expect(await driver.dumpedRows(source(false), {}, never)).toEqual(census.rows);
    for (const [copy, own, staged] of [
      ['quoting_aside', true, true],
      ['quoting_place', true, false],
      ['quoting_foreign', false, true],
      ['quoting_strange', false, false],
    ] as const) {
      await driver.createDatabase(at('mysql'), copy, {});
      const request = { connection: at(copy), format: 'plain', tools: {}, skipOwnership: false, staged } as const;
      await driver.load(await driver.prepareLoad(request), source(own), {
        signal: never,
        beforeCommit: async () => undefined,
      });
      expect(await driver.census(at(copy), never, 'content')).toEqual(census);
      const [row] = await runSql(at(copy), ['INSERT INTO t VALUES (2, 0)', 'SELECT f() AS f, x FROM t WHERE id = 2']);
      expect(row).toEqual({ f: 'C:\\temp\\', x: 'C:\\temp\\' });
    }
  });
});

function* cut(bytes: Buffer, length: number): Generator<Buffer> {
  for (let from = 0; from < bytes.length; from += length) yield bytes.subarray(from, from + length);
}

describe('Databases whose names differ by case only', () => {
  it('13: count no routines, events, triggers and foreign keys of each other', async () => {
    await made('ci', 'CREATE TABLE t (id int PRIMARY KEY)');
    await made(
      'CI',
      'CREATE TABLE t (id int PRIMARY KEY, p int, CONSTRAINT k FOREIGN KEY (p) REFERENCES t (id), CONSTRAINT c CHECK (p > 0))',
      'CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET NEW.id = 1',
      'CREATE PROCEDURE p() SELECT 1',
      'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1',
    );
    const none = { tables: 1, triggers: 0, procedures: 0, functions: 0, events: 0, foreign_keys: 0, checks: 0 };
    expect((await dumped('ci')).census.objects).toMatchObject(none);
    const all = { tables: 1, triggers: 1, procedures: 1, functions: 0, events: 1, foreign_keys: 1, checks: 1 };
    const { bytes, census } = await dumped('CI');
    expect(census.objects).toMatchObject(all);
    expect((await restored(bytes, 'of_CI')).objects).toMatchObject(all);
    expect((await driver.census(at('ci'))).objects).toMatchObject(none);
  });
});
