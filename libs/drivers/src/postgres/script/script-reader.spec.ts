import { ScriptReader } from './script-reader.js';
import type { ScriptPart } from './script-reader.js';

/** Scans `script` cut at `cuts`; answers each COPY … FROM stdin as the server would. Adjacent pieces of rows are joined. */
function scan(script: string | Buffer, cuts: readonly number[] = [], standardStrings = true): string[] {
  const bytes = Buffer.from(script as string);
  const scanner = new ScriptReader();
  scanner.standardStrings = standardStrings;
  const seen: string[] = [];
  let rows: string | undefined;
  const take = (part: ScriptPart): void => {
    if (part.kind === 'copy-data') {
      rows = (rows ?? '') + part.data.toString('latin1');
      return;
    }
    if (part.kind === 'copy-end') {
      seen.push(`rows ${JSON.stringify(rows ?? '')}`);
      rows = undefined;
    } else if (part.kind === 'meta') {
      seen.push(`meta ${part.command}${part.insideStatement ? ' (inside)' : ''}`);
    } else {
      if (!bytes.subarray(part.offset).subarray(0, part.text.length).equals(part.text)) seen.push('wrong offset');
      seen.push(part.text.toString('utf8'));
      if (/^copy\b.* from stdin/is.test(part.text.toString())) scanner.beginCopyData();
    }
  };
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    for (const part of scanner.push(bytes.subarray(from, cut))) take(part);
    from = cut;
  }
  for (const part of scanner.end()) take(part);
  return seen;
}

const TRICKY = [
  '--\n-- comment; with \'quote and "name\n/* block; /* nested; */ \' \\ " */',
  `SELECT 'it''s; fine', "odd"";name", E'a\\';b''c', e'\\\\', N'x;', B'01', U&'\\0041;' ;`,
  `SELECT E'one\\'' -- same string; goes on\n  'two\\';three';`,
  'CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ select 1; $x$ ; $ $x$ $$;',
  'DO $body$ BEGIN; $$;$$; $bod$ END $body$;',
  `SELECT a$b$c, $1, 1$2 FROM t WHERE x = $tag$;'"--$tag$ /* ; */;`,
  'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT (2););',
  'CREATE OR REPLACE PROCEDURE p(a int) BEGIN ATOMIC INSERT INTO t VALUES (1); SELECT CASE WHEN true THEN 1 END; END;',
  'CREATE FUNCTION begin() RETURNS int RETURN 1;',
  'CREATE VIEW v AS SELECT 1 AS begin, 2 AS atomic;',
  "COPY public.t (a, b) FROM stdin;\n1\t;\\.\n\\.x\n\\\\.\n--\t'\n\\.\nSELECT 2;",
  'COPY empty FROM stdin;\n\\.\n',
  'COPY crlf FROM stdin;\r\n7\r\n\\.\r\nSELECT 3;',
  '\\restrict abc\n;;\nSELECT 4 / 2 - 1 -- end\n;',
  'SELECT 1 \\gexec\n;',
  'SELECT \'größe; 日本\', "näme;", $é$;$é$;\n\n\\unrestrict abc\n',
].join('\n');

const TRICKY_PARTS = [
  `SELECT 'it''s; fine', "odd"";name", E'a\\';b''c', e'\\\\', N'x;', B'01', U&'\\0041;' `,
  `SELECT E'one\\'' -- same string; goes on\n  'two\\';three'`,
  'CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ select 1; $x$ ; $ $x$ $$',
  'DO $body$ BEGIN; $$;$$; $bod$ END $body$',
  `SELECT a$b$c, $1, 1$2 FROM t WHERE x = $tag$;'"--$tag$ /* ; */`,
  'CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT (2);)',
  'CREATE OR REPLACE PROCEDURE p(a int) BEGIN ATOMIC INSERT INTO t VALUES (1); SELECT CASE WHEN true THEN 1 END; END',
  'CREATE FUNCTION begin() RETURNS int RETURN 1',
  'CREATE VIEW v AS SELECT 1 AS begin, 2 AS atomic',
  'COPY public.t (a, b) FROM stdin',
  'rows "1\\t;\\\\.\\n\\\\.x\\n\\\\\\\\.\\n--\\t\'\\n"',
  'SELECT 2',
  'COPY empty FROM stdin',
  'rows ""',
  'COPY crlf FROM stdin',
  'rows "7\\r\\n"',
  'SELECT 3',
  'meta \\restrict abc',
  'SELECT 4 / 2 - 1 -- end\n',
  'meta \\gexec (inside)',
  'SELECT 1 \\gexec\n',
  'SELECT \'größe; 日本\', "näme;", $é$;$é$',
  'meta \\unrestrict abc',
];

describe('ScriptReader', () => {
  test.each<[string, string, string[]]>([
    ['commands at semicolons', 'SELECT 1;SELECT 2;', ['SELECT 1', 'SELECT 2']],
    ['nothing in an empty script', '', []],
    ['nothing in comments alone', '-- a\n/* b; */\n', []],
    ['a script behind a byte order mark', '\uFEFFSELECT 1;', ['SELECT 1']],
    ['Windows line ends', 'SELECT 1;\r\n-- x;\r\nSELECT\r\n2;\r\n', ['SELECT 1', 'SELECT\r\n2']],
    ['a comment that a carriage return ends', '-- x\rSELECT 1;', ['SELECT 1']],
    ['an identifier that ends in e before a text', `SELECT date'2020-01-01\\';`, [`SELECT date'2020-01-01\\'`]],
    ['comment signs in operators', 'SELECT 1 -/* ; */ 2, 3 */* ; */ 4;', ['SELECT 1 -/* ; */ 2, 3 */* ; */ 4']],
    ['a slash after an open comment sign', '/*/ ; */SELECT 1;', ['SELECT 1']],
    ['a dollar quote inside of another', 'SELECT $a$ $b$ ; $a$, 1;', ['SELECT $a$ $b$ ; $a$, 1']],
    ['a dollar in a word', 'SELECT a$$, b$$;', ['SELECT a$$, b$$']],
    [
      'a CASE in a plain command',
      'CREATE VIEW x AS SELECT CASE 1 WHEN 1 THEN 2 END;',
      ['CREATE VIEW x AS SELECT CASE 1 WHEN 1 THEN 2 END'],
    ],
    [
      'rows with nothing but the mark behind them',
      'COPY t FROM STDIN;\n1\n2\n\\.\n',
      ['COPY t FROM STDIN', 'rows "1\\n2\\n"'],
    ],
  ])('finds %s', (_title, script, expected) => {
    expect(scan(script)).toEqual(expected);
  });

  it('reads backslashes in every text when standard_conforming_strings is off', () => {
    expect(scan(`SELECT 'a\\';b', 2; SELECT 3;`, [], false)).toEqual([`SELECT 'a\\';b', 2`, 'SELECT 3']);
  });

  it('finds the same parts wherever the stream is cut, once and twice', () => {
    expect(scan(TRICKY)).toEqual(TRICKY_PARTS);
    const length = Buffer.byteLength(TRICKY);
    const expected = JSON.stringify(TRICKY_PARTS);
    const wrong: number[] = [];
    for (let cut = 1; cut < length; cut += 1) {
      const once = JSON.stringify(scan(TRICKY, [cut]));
      const twice = JSON.stringify(scan(TRICKY, [cut, Math.min(length, cut + 2)]));
      if (once !== expected || twice !== expected) wrong.push(cut);
    }
    expect(wrong).toEqual([]);
  });

  it('finds the same parts when bytes come one by one', () => {
    const length = Buffer.byteLength(TRICKY);
    expect(
      scan(
        TRICKY,
        Array.from({ length: length - 1 }, (_, index) => index + 1),
      ),
    ).toEqual(TRICKY_PARTS);
  });

  it('passes bytes of any encoding through untouched', () => {
    const command = Buffer.from([0x53, 0x20, 0x27, 0xe4, 0xff, 0x80, 0x27, 0x3b]);
    const scanner = new ScriptReader();
    const [part] = [...scanner.push(command)];
    expect(part).toMatchObject({ kind: 'statement', text: command.subarray(0, 7) });
  });

  test.each([
    ['a command', 'SELECT 1'],
    ['a text', `SELECT 'a;\n`],
    ['table data', 'COPY t FROM stdin;\n1\n2\n'],
    ['table data, at the very mark', 'COPY t FROM stdin;\n1\n\\.'],
    ['a comment', '/* x'],
    ['a function body', 'CREATE FUNCTION f() BEGIN ATOMIC SELECT 1;'],
  ])('FAILURES 4: refuses a script that is cut off in %s', (_title, script) => {
    expect(() => scan(script)).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
  });

  it('refuses a binary file instead of swallowing it', () => {
    expect(() => scan(Buffer.alloc(200_000, 0xff), [100_000])).toThrow(/absurd length/);
  });
});
