import { sqlTokens } from '../sql-lexer.js';
import { ScriptLexer } from './script-lexer.js';

/** The spans of a script that comes in chunks of so many bytes, with the parts of a long one put together. */
function spans(script: string | Buffer, chunkBytes = 1_000_000): string[] {
  const bytes = typeof script === 'string' ? Buffer.from(script, 'latin1') : script;
  const lexer = new ScriptLexer();
  const found: { kind: string; text: string; line: number; isOpen: boolean }[] = [];
  const read = (): void => {
    for (let kind = lexer.next(); kind !== undefined; kind = lexer.next()) {
      const text = lexer.bytes.toString('latin1', lexer.from, lexer.to);
      const last = found.at(-1);
      const goesOn = last?.kind === kind && (kind === 'code' || kind === 'quoted' || last.isOpen);
      if (goesOn) Object.assign(last, { text: last.text + text, isOpen: !lexer.isWhole });
      else found.push({ kind, text, line: lexer.startLine, isOpen: !lexer.isWhole });
    }
  };
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // The same memory again: nothing of a chunk may be looked at after its turn.
    const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes));
    lexer.push(chunk);
    read();
    chunk.fill("'");
  }
  lexer.end();
  read();
  return found.map(({ kind, text, line }) => `${line} ${kind} ${text}`);
}

const kinds = (script: string): string[] => spans(script).map((span) => span.replace(/^\d+ /, ''));

describe('A script', () => {
  it.each<[string, string, string[]]>([
    [
      'texts and names',
      `SELECT 'it''s;', "a\\";", \`b\\\`;`,
      ['code SELECT ', `quoted 'it''s;'`, 'code , ', `quoted "a\\";"`, 'code , ', 'quoted `b\\`', 'end ;'],
    ],
    [
      'comments',
      '-- a\nSELECT 1 # b\n+ 2 /* ; */;',
      ['line comment -- a', 'code SELECT 1 ', 'line comment # b', 'code \n+ 2 ', 'comment /* ; */', 'end ;'],
    ],
    [
      'dashes behind a statement that has begun',
      'SELECT 1--1 --\x01;\n;',
      ['code SELECT 1--1 ', 'line comment --\x01;', 'code \n', 'end ;'],
    ],
    [
      'dashes before a control character that is the last',
      'SELECT 1 --\x7f;\n;',
      ['code SELECT 1 ', 'line comment --\x7f;', 'code \n', 'end ;'],
    ],
    ['dashes before a statement', '--x;\nSELECT 1;', ['line comment --x;', 'code SELECT 1', 'end ;']],
    ['dashes in an executable comment', '/*!50000 --x;', ['executable /*!50000', 'code  --x', 'end ;']],
    [
      'executable comments',
      "/*!50003 SET a = ';' *//*M!100100 , b = 1*/;",
      [
        'executable /*!50003',
        'code  SET a = ',
        `quoted ';'`,
        'code  ',
        'executable end */',
        'executable /*M!100100',
        'code  , b = 1',
        'executable end */',
        'end ;',
      ],
    ],
    ['a comment that only looks executable', '/*M ; */SELECT 1;', ['comment /*M ; */', 'code SELECT 1', 'end ;']],
    [
      'the line that asks for the sandbox',
      '/*M!999999\\- enable the sandbox mode */ \nSELECT 1;',
      ['comment /*M!999999\\- enable the sandbox mode */', 'code SELECT 1', 'end ;'],
    ],
    [
      'delimiters',
      'DELIMITER ;;\nSELECT 1; SELECT 2;;\n  delimiter ;\nSELECT 3;',
      [
        'delimiter DELIMITER ;;',
        'code SELECT 1; SELECT 2',
        'end ;;',
        'delimiter delimiter ;',
        'code SELECT 3',
        'end ;',
      ],
    ],
    [
      'delimiters in quotes, as the clients take them',
      "DELIMITER '//'\nSELECT 1//",
      ["delimiter DELIMITER '//'", 'code SELECT 1', 'end //'],
    ],
    [
      'delimiters beyond ASCII',
      'DELIMITER \xe0\xa0x\nSELECT 1\xe0\xa0x',
      ['delimiter DELIMITER \xe0\xa0x', 'code SELECT 1', 'end \xe0\xa0x'],
    ],
    [
      'no delimiter in the middle of a statement',
      'SELECT 1\nDELIMITER //\n;',
      ['code SELECT 1\nDELIMITER //\n', 'end ;'],
    ],
    [
      'dollar quotes',
      "CREATE FUNCTION f() AS /* x */ $a$ don't; $$ $a$;SELECT 1;",
      [
        'code CREATE FUNCTION f() AS ',
        'comment /* x */',
        'code  ',
        "quoted $a$ don't; $$ $a$",
        'end ;',
        'code SELECT 1',
        'end ;',
      ],
    ],
    ['dollars behind what only ends in AS', 'SELECT has $$;', ['code SELECT has $$', 'end ;']],
    ['commands of the client', '\\! x\nSELECT \\N;', ['command \\!', 'code x\nSELECT ', 'command \\N', 'end ;']],
    ['a byte order mark', '\xef\xbb\xbfSELECT 1;', ['code SELECT 1', 'end ;']],
  ])('is read as the clients and servers read it: %s', (_, script, expected) => {
    expect(kinds(script)).toEqual(expected);
  });

  it.each<[string, string]>([
    ['NO_BACKSLASH_ESCAPES', `SELECT '\\', "\\";`],
    ['ANSI_QUOTES', `SELECT '\\'', "\\";`],
    ['ORACLE', `SELECT '\\'', "\\";`],
    ['STRICT_ALL_TABLES', `SELECT '\\'', "\\"";`],
  ])('is quoted as its sql_mode says: %s', (mode, statement) => {
    const script = `SET @x = '${'x'.repeat(2_000)}', sql_mode = '${mode}';${statement}USE x;`;
    expect(kinds(script).slice(-2)).toEqual(['code USE x', 'end ;']);
  });

  const FRAGMENTS = [
    ...[
      "'",
      '"',
      '`',
      '\\',
      ';',
      '$$',
      ' AS $a$',
      '/*',
      '*/',
      '/*!50003 ',
      '/*M',
      '--',
      '-- ',
      '--\x7f',
      '#',
      '\n',
      '\r\n',
      ' ',
    ],
    ...[
      '(',
      ')',
      ',',
      'DELIMITER ;;\n',
      '\ndelimiter $$\n',
      'DELIMITER ;\n',
      "SET sql_mode = 'NO_BACKSLASH_ESCAPES';\n",
      'x',
      'AS',
    ],
    ...[
      "SET sql_mode = 'ANSI_QUOTES';\n",
      "SET sql_mode = '';\n",
      "INSERT INTO t VALUES (1,'a''b'),\n(2,-3);\n",
      '/*M!999999\\- enable',
      '\xef',
    ],
  ];

  it('is read alike, however it is cut into chunks', () => {
    let state = 7;
    const below = (limit: number): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7f_ff_ff_ff;
      return (state >>> 8) % limit;
    };
    for (let round = 0; round < 400; round += 1) {
      const script = Array.from({ length: 1 + below(20) }, () => FRAGMENTS[below(FRAGMENTS.length)]).join('');
      const whole = spans(script);
      for (const chunkBytes of [1, 2, 3, 7, 64])
        expect([script, ...spans(script, chunkBytes)]).toEqual([script, ...whole]);
    }
  });

  it.each([
    `SELECT 'a''b', "c\\"", \`d\`\`e\` -- f\n, 1--1, --\x01 g\n 2 # h\n/* i */ + /*!50003 3 */ + /*M!100100 '4' */ 5`,
    "CREATE FUNCTION f() RETURNS int LANGUAGE JAVASCRIPT AS $a$ // don't\n$a$",
  ])('has the same spans as its statements have tokens: %j', (statement) => {
    const kindOf: Record<string, string> = {
      name: 'quoted',
      text: 'quoted',
      word: 'code',
      space: 'code',
      other: 'code',
    };
    const tokens: string[] = [];
    for (const { kind, source } of sqlTokens(statement)) {
      const span = /^\/\*M?!/.test(source)
        ? 'executable'
        : source === '*/'
          ? 'executable end'
          : (kindOf[kind] ?? 'comment');
      if (tokens.at(-1)?.startsWith(`${span} `) === true && span === 'code') tokens.push(tokens.pop() + source);
      else tokens.push(`${span} ${source}`);
    }
    expect(kinds(statement).map((span) => span.replace(/^line /, ''))).toEqual(tokens);
  });

  it.each([
    "INSERT INTO t VALUES (1,'a') AS $$ don't; $$;",
    "INSERT INTO t SELECT 'it''s' AS /* ; */ $a$ don't; $$ $a$;",
    "INSERT INTO t VALUES ('AS'),(has $$,'x;'), AS $ $$ ;",
  ])('passes a statement of rows by the same rules by which it gives its spans: %j', (statement) => {
    const bytes = Buffer.from(`${statement}SELECT 1;`);
    for (const chunkBytes of [1, 2, 3, 5, 100]) {
      const lexer = new ScriptLexer();
      let end: number | undefined;
      for (let at = 0; end === undefined && at < bytes.length; at += chunkBytes) {
        lexer.push(bytes.subarray(at, at + chunkBytes));
        if (lexer.passStatement()) end = lexer.offset;
      }
      expect(end).toBe(statement.length);
    }
  });

  it('passes rows of one text longer than any chunk in constant memory', () => {
    const lexer = new ScriptLexer();
    lexer.push(Buffer.from("INSERT INTO t VALUES ('"));
    expect(lexer.passStatement()).toBe(false);
    for (let n = 0; n < 64; n += 1) {
      lexer.push(Buffer.alloc(64 * 1024, 'x'));
      expect(lexer.passStatement()).toBe(false);
      expect(lexer.bytes.length).toBe(0);
    }
    lexer.push(Buffer.from("');"));
    expect(lexer.passStatement()).toBe(true);
  });
});
