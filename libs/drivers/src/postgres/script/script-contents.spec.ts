import type { DumpContents } from '../../db-driver.js';
import { ScriptContents } from './script-contents.js';
import { skeleton } from './skeleton.js';

function of(...statements: string[]): DumpContents {
  const contents = new ScriptContents();
  for (const statement of statements) {
    const text = Buffer.from(statement);
    contents.note(skeleton(text), text, true);
  }
  return contents.result;
}

describe('37: what a script of PostgreSQL holds', () => {
  it('are its tables, and those of which it has no rows', () => {
    expect(
      of(
        'CREATE TABLE public.Orders (id int)',
        'CREATE UNLOGGED TABLE "Größe ""x"" (" (id int)',
        'CREATE TABLE public.log (id int)',
        'CREATE FOREIGN TABLE public.far (id int)',
        'CREATE VIEW public.v AS SELECT 1',
        'COPY public.orders (id) FROM stdin',
      ),
    ).toEqual({ tables: 3, rows: true, withoutRows: ['"Größe ""x"" ("', 'public.log'], indexes: false });
  });

  it('a partitioned table has rows in its partitions, or they are inserted through it', () => {
    const tables = [
      'CREATE TABLE p (i int) PARTITION BY LIST (i)',
      'CREATE TABLE p1 (i int)',
      'CREATE TABLE t (i int)',
    ];
    expect(of(...tables, 'COPY p1 (i) FROM stdin').withoutRows).toEqual(['t']);
    expect(of(...tables, 'COPY p (i) FROM stdin').withoutRows).toEqual([]);
  });

  it.each<[string, string[], Partial<DumpContents>]>([
    [
      'INSERT, which empty tables have none of',
      ['CREATE TABLE a (i int)', 'CREATE TABLE b (i int)', 'INSERT INTO a VALUES (1)'],
      { rows: true, withoutRows: [] },
    ],
    ['no rows', ['CREATE TABLE a (i int)'], { rows: false, withoutRows: [] }],
    ['a primary key in its table', ['CREATE TABLE a (i int PRIMARY KEY)'], { indexes: true }],
    [
      'a key behind the rows',
      ['CREATE TABLE a (i int)', 'ALTER TABLE ONLY a ADD CONSTRAINT k PRIMARY KEY (i)'],
      { indexes: true },
    ],
    ['rows alone', ['COPY a (i) FROM stdin'], { only: 'rows' }],
    ['its last section alone', ['CREATE INDEX x ON a (i)'], { only: 'indexes' }],
    [
      'rows of a table of an extension',
      ['CREATE EXTENSION postgis', 'COPY spatial_ref_sys (a) FROM stdin'],
      { only: undefined },
    ],
    ['nothing', [], { tables: 0, only: undefined }],
  ])('%s', (_what, statements, expected) => {
    expect(of(...statements)).toMatchObject(expected);
  });
});
