import type { DumpFormat } from '@app/domain';
import { PostgresBench } from '../testing/postgres-bench.js';
import { PostgresSession } from './postgres-session.js';
import { bytesOfText, textOfBytes } from './raw-bytes.js';

jest.setTimeout(120_000);

let bench: PostgresBench;

/** `größe` in Latin-1 and in UTF-8, and bytes that are nothing. */
const LATIN = textOfBytes(Buffer.from('größe', 'latin1'));
const UTF8 = 'größe';
const BYTES = textOfBytes(Buffer.from([0x61, 0xff, 0xfe, 0xef, 0x9e, 0x80]));

beforeAll(async () => {
  bench = await PostgresBench.start();
  await bench.make('source', '', `ENCODING 'SQL_ASCII' LOCALE 'C'`);
  for (const name of [LATIN, UTF8, BYTES]) {
    await bench.sql('source', `CREATE TABLE "${name}" (i int PRIMARY KEY, "${name}" text)`);
    await bench.sql('source', `INSERT INTO "${name}" VALUES (1, '${name}'), (2, NULL)`);
    await bench.sql('source', `COMMENT ON TABLE "${name}" IS 'said of ${name}'`);
    await bench.sql('source', `CREATE INDEX ON "${name}" ("${name}")`);
  }
  await bench.sql('source', `CREATE SCHEMA "${LATIN}" CREATE VIEW "${BYTES}" AS SELECT 1 AS "${LATIN}"`);
});
afterAll(() => bench?.[Symbol.asyncDispose]());

it.each([
  ['ASCII', Buffer.from('plain')],
  ['Latin-1', Buffer.from('größe', 'latin1')],
  ['UTF-8', Buffer.from('größe 漢 🐘')],
  ['all bytes', Buffer.from(Array.from({ length: 255 }, (_, index) => index + 1))],
  ['what looks like an escape', Buffer.from('\uf7ff\uf780')],
])('62: reads and writes %s without a loss', (_what, bytes) => {
  expect(bytesOfText(textOfBytes(bytes))).toEqual(bytes);
});

it('62: sends and gets names as the bytes that they are', async () => {
  await using session = await PostgresSession.open(bench.at('source'));
  const [row] = await session.query<{ hex: string; name: string }>(
    `SELECT encode(textsend(relname::text), 'hex') AS hex, relname AS name FROM pg_class WHERE relname = $1`,
    [LATIN],
  );
  expect(row).toEqual({ hex: Buffer.from('größe', 'latin1').toString('hex'), name: LATIN });
  await expect(session.query(`SELECT * FROM "${BYTES}x"`)).rejects.toThrow(`relation "${BYTES}x" does not exist`);
});

it.each<[DumpFormat, boolean]>([
  ['plain', true],
  ['custom', true],
  ['plain', false],
])('62: backs up, counts and restores a database in SQL_ASCII (%s, staging database: %s)', async (format, aside) => {
  const dump = await bench.dump('source', format);
  expect(dump.census?.rows).toEqual({ [`public."${LATIN}"`]: 2, [`public."${UTF8}"`]: 2, [`public."${BYTES}"`]: 2 });
  expect(await bench.driver.dumpedRows(dump, {}, new AbortController().signal)).toEqual(dump.census?.rows);
  await bench.driver.createDatabase(bench.at('postgres'), 'copy', dump.plan.settings);
  try {
    await bench.load('copy', dump, { aside });
    const restored = await bench.driver.census(bench.at('copy'));
    expect(restored).toEqual(dump.census);
    const depth = async (name: string) => (await bench.driver.census(bench.at(name), undefined, 'content')).checksums;
    expect(await depth('copy')).toEqual(await depth('source'));
    const content = `SELECT obj_description(c.oid) AS said, relname AS name FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2`;
    expect(await bench.sql('copy', content)).toEqual(await bench.sql('source', content));
  } finally {
    await bench.driver.dropDatabase(bench.at('postgres'), 'copy');
  }
});
