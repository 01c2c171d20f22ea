import type { RowCounts } from '@app/domain';
import { ScriptRowCounter } from './script-row-counter.js';

function rows(dump: string | Buffer, size: number): RowCounts {
  const counter = new ScriptRowCounter();
  const bytes = Buffer.from(dump as string);
  for (let from = 0; from < bytes.length; from += size) {
    // Copied, so that nothing can rely on what came before in the same memory.
    counter.update(Buffer.from(bytes.subarray(from, from + size)));
  }
  return counter.finish();
}

const FUNCTION = `CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS $_$
COPY public.fake (a) FROM stdin;
1
\\.
INSERT INTO public.fake VALUES (1);
$_$;
`;

const SIZES = [1, 2, 3, 5, 7, 16, 31, 64, 100_000];

describe.each(SIZES)('The rows in a dump that comes in pieces of %p bytes', (size) => {
  test.each<[string, string | Buffer, RowCounts]>([
    ['none', '--\n-- PostgreSQL database dump\n--\n\nSET x = 1;\n', {}],
    ['of a table', 'COPY public.t (a, b) FROM stdin;\n1\t2\n3\t\\N\n\\.\n', { 'public.t': 2 }],
    ['that begin with NULL', 'COPY public.t (a, b) FROM stdin;\n\\N\t2\n\\N\t\\N\n\\.\n', { 'public.t': 2 }],
    ['of a table without rows', 'COPY public.t (a) FROM stdin;\n\\.\n\n\n', { 'public.t': 0 }],
    ['of a table without columns', 'COPY public.t  FROM stdin;\n\n\n\n\\.\n', { 'public.t': 3 }],
    ['with escapes', 'COPY s.t (a) FROM stdin;\nx\\ny\n\\\\.\n\\\\\\\\\nCOPY s.u FROM stdin;\n\\.\n', { 's.t': 4 }],
    ['with Windows line ends', 'COPY s.t (a) FROM stdin;\r\n1\r\n2\r\n\\.\r\n', { 's.t': 2 }],
    [
      'of tables with odd names',
      'COPY "S x"."a""b;.c" (a) FROM stdin;\n1\n\\.\nCOPY public."order" FROM stdin;\n1\n\\.\nCOPY public."größe" (a) FROM stdin;\n\\.\n',
      { '"S x"."a""b;.c"': 1, 'public."order"': 1, 'public."größe"': 0 },
    ],
    [
      'of a name that another version of pg_dump would quote',
      'COPY public."plain" (a) FROM stdin;\n1\n\\.\nCOPY public.json (a) FROM stdin;\n1\n\\.\n',
      { 'public.plain': 1, 'public."json"': 1 },
    ],
    [
      'that are called in another encoding',
      Buffer.from(`SET client_encoding = 'LATIN1';\nCOPY public."größe" (a) FROM stdin;\n1\n\\.\n`, 'latin1'),
      { 'public."größe"': 1 },
    ],
    [
      'in the schema that was chosen before',
      'SET search_path = shop, pg_catalog;\nCOPY t (a) FROM stdin;\n1\n\\.\nSET search_path = "Q";\nCOPY t FROM stdin;\n\\.\n',
      { 'shop.t': 1, '"Q".t': 0 },
    ],
    ['and not in the body of a function', `${FUNCTION}COPY public.t (a) FROM stdin;\n1\n\\.\n`, { 'public.t': 1 }],
    ['and not on their way out', 'COPY public.t TO stdout;\nSELECT 1;\n', {}],
    [
      'as INSERT commands',
      `INSERT INTO public.t VALUES (1, 'it''s (a;b), (c)', NULL);\nINSERT INTO public.t (a, "b)") VALUES (1, f(2)), (E'\\')', 3),\n\t(4, '\\');\nINSERT INTO public.u DEFAULT VALUES;\n`,
      { 'public.t': 4, 'public.u': 1 },
    ],
    [
      'as INSERT commands with dollar quotes and comments',
      `INSERT INTO /* (x) */ public.t VALUES ($$),($$), (2) -- , (3)\n;\nINSERT INTO public.t VALUES ($q$'$q$);\n`,
      { 'public.t': 3 },
    ],
    [
      'with comments and escapes in names',
      'COPY /* x */ public . t -- y\n (a) FROM stdin;\n1\n\\.\nCOPY U&"d\\0061ta" FROM stdin;\n1\n\\.\n',
      { 'public.t': 1, 'public.data': 1 },
    ],
    [
      'in the schema that a text names',
      `SET search_path = 'Shop', pg_catalog;\nCOPY t (a) FROM stdin;\n1\n\\.\nSET search_path = "$user", b;\nCOPY t FROM stdin;\n\\.\n`,
      { '"Shop".t': 1, 'b.t': 0 },
    ],
    [
      'as INSERT commands that pass over what is there',
      `INSERT INTO public.t OVERRIDING SYSTEM VALUE VALUES (1), (2) ON CONFLICT (a) DO NOTHING;\n`,
      { 'public.t': 2 },
    ],
  ])('are counted: %s', (_title, dump, expected) => {
    expect(rows(dump, size)).toEqual(expected);
  });

  test.each([
    'INSERT INTO public.t SELECT * FROM u;\n',
    'COPY public.t FROM stdin WITH (FORMAT csv);\n1\n\\.\n',
    'COPY public.t FROM stdin CSV;\n1\n\\.\n',
  ])('are not guessed: %j', (dump) => {
    expect(() => rows(dump, size)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test.each(['COPY public.t FROM stdin;\n1\n', 'INSERT INTO public.t VALUES (1)'])(
    'are not those of a dump that is cut off: %j',
    (dump) => {
      expect(() => rows(dump, size)).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
    },
  );
});

it('76: counts the rows of a command that is longer than any memory, and keeps no more than its beginning', () => {
  const counter = new ScriptRowCounter();
  const piece = Buffer.alloc(1024 * 1024, 'x');
  counter.update(Buffer.from(`INSERT INTO t VALUES ('`));
  for (let sent = 0; sent < 520; sent += 1) counter.update(piece);
  counter.update(Buffer.from(`'), ('b');\n`));
  expect(counter.finish()).toEqual({ 'public.t': 2 });
});
