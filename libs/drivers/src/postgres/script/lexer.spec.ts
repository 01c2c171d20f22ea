import { ScriptReader } from './script-reader.js';
import { standardStringsSetting } from './script-settings.js';
import { skeleton } from './skeleton.js';
import { textOf, tokensOf } from './statement-tokens.js';
import { withoutTablespace } from './tablespaces.js';
import { shorten } from '../load/restore-errors.js';

const tokens = (command: string, standardStrings = true): string =>
  textOf(tokensOf(Buffer.from(command, 'latin1'), standardStrings));

/** The statements, however the script is cut. */
function statements(script: string, standardStrings = true): string[] {
  const bytes = Buffer.from(script);
  const found = [1, 3, bytes.length].map((size) => {
    const reader = new ScriptReader();
    reader.standardStrings = standardStrings;
    const parts = [];
    for (let at = 0; at < bytes.length; at += size) parts.push(...reader.push(bytes.subarray(at, at + size)));
    return [...parts, ...reader.end()].map((part) => (part.kind === 'statement' ? part.text.toString() : part.kind));
  });
  expect(found[0]).toEqual(found[2]);
  expect(found[1]).toEqual(found[2]);
  return found[2] as string[];
}

describe('76: the lexical rules of a script, as the server has them', () => {
  it.each([
    ['a number ends where a dollar quote begins', `SELECT 1$$;$$`, `SELECT 0 ''`],
    ['a byte that Latin-1 calls a space belongs to a word', 'a\u00a0b \u00a0', 'A\u00a0B \u00a0'],
    ['letters that are not ASCII stay as they are', 'gr\u00f6\u00dfe', 'GR\u00f6\u00dfE'],
    ['a block comment ends the parts of a text', `E'a' /* x */\n '\\', b`, `'' '' , B`],
    ['a comment to the end of a line does not', `E'a' -- x\n '\\', b'`, `''`],
  ])('%s', (_title, command, expected) => {
    expect(tokens(command)).toBe(expected);
  });

  it.each([
    ['N', `SELECT N'a\\';b';`, 1],
    ['B', `SELECT B'0\\';SELECT 2;`, 2],
    ['X', `SELECT x'0\\';SELECT 2;`, 2],
    ['U&', `SELECT U&'\\';SELECT 2;`, 2],
  ])(
    'reads a text with %s before it alike everywhere, also where a backslash escapes in plain texts',
    (_prefix, script, count) => {
      expect(statements(script, false)).toHaveLength(count);
      const first = Buffer.from(script.split(';')[0] ?? '');
      const whole = Buffer.from(statements(script, false)[0] ?? '');
      expect(whole.length === first.length).toBe(count === 2);
      expect(tokensOf(whole, false)).toHaveLength(2);
      expect(skeleton(whole, { standardStrings: false })).toMatch(/^SELECT [A-Z&]+''$/);
    },
  );

  it('follows what the script sets', () => {
    const script = `SET standard_conforming_strings TO "off";SELECT 'a\\';b';RESET ALL;SELECT '\\';SELECT 2;`;
    expect(statements(script)).toHaveLength(5);
  });

  it.each([
    [`SET standard_conforming_strings = of`, false],
    [`SET standard_conforming_strings = 'f'`, false],
    [`SET LOCAL standard_conforming_strings TO n`, false],
    [`SET standard_conforming_strings TO "off"`, false],
    [`SET standard_conforming_strings = E'o\\x66f'`, false],
    [`SET standard_conforming_strings = 'o'\n'ff'`, false],
    ['SET standard_conforming_strings = tru', true],
    ['SET standard_conforming_strings TO DEFAULT', true],
    ['RESET standard_conforming_strings', true],
    ['RESET ALL', true],
    ['RESET work_mem', undefined],
    [`SELECT set_config('Standard_Conforming_Strings', 'off', true)`, false],
    [`SELECT 'standard_conforming_strings = off'`, undefined],
  ])('knows what the server makes of %s', (command, expected) => {
    expect(standardStringsSetting(Buffer.from(command))).toBe(expected);
  });

  it.each([
    ['CREATE TABLE t (a int) /* a /* b */ TABLESPACE x */ TABLESPACE y', 'CREATE TABLE t (a int)'],
    [
      `CREATE TABLE t (a text DEFAULT E'\\' TABLESPACE x') Tablespace y`,
      `CREATE TABLE t (a text DEFAULT E'\\' TABLESPACE x')`,
    ],
  ])('62: finds the tablespace of %s', (command, expected) => {
    expect(withoutTablespace(Buffer.from(command)).toString()).toBe(expected);
  });

  it.each([
    [`INSERT INTO t VALUES (E'it\\'s secret', 1)`, `INSERT INTO t VALUES ('…', 1)`],
    [`SELECT $$secret$$, 'it''s secret'`, `SELECT '…', '…'`],
    [`SELECT $x$secret`, `SELECT '…'`],
  ])('shows no text of a command in an error: %s', (command, expected) => {
    expect(shorten(Buffer.from(command))).toBe(expected);
  });
});
