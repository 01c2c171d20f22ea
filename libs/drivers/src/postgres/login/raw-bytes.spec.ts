import type { DumpFormat } from '@app/domain';
import { PostgresFixture } from '../testing/postgres-fixture.js';
import { PostgresSession } from './postgres-session.js';
import { bytesOfText, textOfBytes } from './raw-bytes.js';

jest.setTimeout(120_000);

let fixture: PostgresFixture;

/** `größe` in Latin-1 and in UTF-8, and bytes that are nothing. */
const LATIN = textOfBytes(Buffer.from('größe', 'latin1'));
const UTF8 = 'größe';
const BYTES = textOfBytes(Buffer.from([0x61, 0xff, 0xfe, 0xef, 0x9e, 0x80]));

beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.make('source', '', `ENCODING 'SQL_ASCII' LOCALE 'C'`);
  for (const name of [LATIN, UTF8, BYTES]) {
    await fixture.sql('source', `CREATE TABLE "${name}" (i int PRIMARY KEY, "${name}" text)`);
    await fixture.sql('source', `INSERT INTO "${name}" VALUES (1, '${name}'), (2, NULL)`);
    await fixture.sql('source', `COMMENT ON TABLE "${name}" IS 'said of ${name}'`);
    await fixture.sql('source', `CREATE INDEX ON "${name}" ("${name}")`);
  }
  await fixture.sql('source', `CREATE SCHEMA "${LATIN}" CREATE VIEW "${BYTES}" AS SELECT 1 AS "${LATIN}"`);
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

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
  await using session = await PostgresSession.open(fixture.at('source'));
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
])('62: backs up, counts and restores a database in SQL_ASCII (%s, staging database: %s)', async (format, staged) => {
  const dump = await fixture.dump('source', format);
  expect(dump.census?.rows).toEqual({ [`public."${LATIN}"`]: 2, [`public."${UTF8}"`]: 2, [`public."${BYTES}"`]: 2 });
  expect(await fixture.driver.dumpedRows(dump, {}, new AbortController().signal)).toEqual(dump.census?.rows);
  await fixture.driver.createDatabase(fixture.at('postgres'), 'copy', dump.plan.settings);
  try {
    await fixture.load('copy', dump, { staged });
    const restored = await fixture.driver.census(fixture.at('copy'));
    expect(restored).toEqual(dump.census);
    const depth = async (name: string) =>
      (await fixture.driver.census(fixture.at(name), undefined, 'content')).checksums;
    expect(await depth('copy')).toEqual(await depth('source'));
    const content = `SELECT obj_description(c.oid) AS said, relname AS name FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 2`;
    expect(await fixture.sql('copy', content)).toEqual(await fixture.sql('source', content));
  } finally {
    await fixture.driver.dropDatabase(fixture.at('postgres'), 'copy');
  }
});
