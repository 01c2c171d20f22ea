import { StatementScanner } from './statement-scanner.js';

/** The lines on which statements begin and end, as `from-to`, with the script cut into chunks of so many bytes. */
function cut(script: string, chunkBytes: number, delimiter?: string): string[] {
  const bytes = Buffer.from(script);
  const scanner = new StatementScanner();
  if (delimiter !== undefined) scanner.setDelimiter(delimiter);
  const statements: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length;) {
    const chunk = bytes.subarray(0, Math.min(bytes.length, (Math.floor(at / chunkBytes) + 1) * chunkBytes));
    const end = scanner.scan(chunk, at);
    at = end === -1 ? chunk.length : end;
    if (end === -1) continue;
    statements.push(bytes.toString('utf8', from, end));
    from = end;
  }
  if (from < bytes.length) statements.push(`unfinished: ${bytes.toString('utf8', from)}`);
  return statements;
}

const everyWay = (script: string, delimiter?: string): string[][] =>
  [1, 2, 3, 5, 8, 1000].map((chunkBytes) => cut(script, chunkBytes, delimiter));

describe('A statement', () => {
  it.each([
    ['a plain one', 'SELECT 1;\n'],
    ['one over several lines', 'SELECT\n1\n;\n'],
    ['white space behind it', 'SELECT 1; \t\r\n'],
    ['the delimiter in quotes', `SELECT ';\n', ";\n", \`;\n\`;\n`],
    ['doubled quotes', `SELECT 'it''s;\n', "a"";\n", \`a\`\`;\n\`;\n`],
    ['escapes', `SELECT '\\';\n', '\\\\', "\\";\n", '\\\n;\n';\n`],
    ['no escapes within backticks', 'SELECT `\\`;\n'],
    ['comments', 'SELECT 1 -- it;\n + 2 # that\'s;\n /* ;\n " */ + 3 /**/ + 4 /***/;\n'],
    ['a comment that ends with its line at once', "SELECT 1 --\n + 'a;\n';\n"],
    ['dashes that are signs', "SELECT 1--1, '-- ;\n', 1---1, -1;\n"],
    ['dividing', 'SELECT 1/2, 4/-2, 3*/* ; */2;\n'],
    ['executable comments', "/*!50003 SET a = ';\n' */;\n"],
    ["MariaDB's own executable comments", "/*M!100616 SET a = ';\n' */;\n"],
    ['dashes before a control character', "SELECT 1 --\x7f it's;\n;\n"],
    ['dollar quotes', "CREATE FUNCTION f() LANGUAGE JAVASCRIPT AS $a$ // don't;\n$a$;\n"],
    ['what only looks like one', "/*M ';\n */ SELECT 1;\n"],
  ])('ends behind its delimiter, wherever its pieces are cut: %s', (_, statement) => {
    for (const found of everyWay(`${statement}SELECT 2;\n`)) expect(found).toEqual([statement, 'SELECT 2;\n']);
  });

  it('ends at the delimiter that was set', () => {
    const body = "CREATE TRIGGER t BEGIN SELECT 1; SELECT ';;\n'; END ;;\n";
    for (const found of everyWay(`${body}SELECT 2;;\n`, ';;')) expect(found).toEqual([body, 'SELECT 2;;\n']);
    for (const found of everyWay('SELECT 1/2; $ $\nFROM t $$\n', '$$'))
      expect(found).toEqual(['SELECT 1/2; $ $\nFROM t $$\n']);
  });

  it('is quoted as the mode says that was set, however long the SET is', () => {
    const set = `SET @x='${'x'.repeat(2_000)}', sql_mode='NO_BACKSLASH_ESCAPES';\n`;
    for (const found of everyWay(`${set}SELECT '\\';\nSELECT 2;\n`))
      expect(found).toEqual([set, "SELECT '\\';\n", 'SELECT 2;\n']);
  });

  it('that has no end is not taken for one', () => {
    for (const found of everyWay("SELECT 1;\nSELECT ';\n"))
      expect(found).toEqual(['SELECT 1;\n', "unfinished: SELECT ';\n"]);
  });

  it('is not alone on its line when something follows it', () => {
    const crowded = (script: string): boolean => {
      const scanner = new StatementScanner();
      scanner.scan(Buffer.from(script), 0);
      return scanner.crowded;
    };
    expect(crowded('SELECT 1; SELECT 2;\n')).toBe(true);
    expect(crowded('SELECT 1; -- x\n')).toBe(true);
    expect(crowded('SELECT 1;  \r\n')).toBe(false);
  });

  it('lets the lines be counted, whatever they are part of', () => {
    const script = "SELECT '\n\\\n' /*\n*/ -- \n + `\n`\n;\n";
    for (const chunkBytes of [1, 2, 3, 1000]) {
      const scanner = new StatementScanner();
      const bytes = Buffer.from(script);
      for (let at = 0; at < bytes.length; at += chunkBytes) scanner.scan(bytes.subarray(0, at + chunkBytes), at);
      expect(scanner.line).toBe(script.split('\n').length);
    }
  });
});
