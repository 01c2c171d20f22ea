import { skeleton } from './skeleton.js';

const of = (command: string, standardStrings = true): string => skeleton(Buffer.from(command), { standardStrings });

describe('skeleton', () => {
  it('blanks out whatever is quoted or commented', () => {
    expect(of(`select 'a''b', E'\\'', "x ""y", $t$ drop $$ $t$, 1 -- c\n/* d */ from t`)).toBe(
      `SELECT '', '', "", '', 1 FROM T`,
    );
  });

  test.each([
    ['/* a /* b */ c */ select 1', 'SELECT 1'],
    [`select E'a'\n  '\\'; drop'`, `SELECT ''  ''`.replace('  ', ' ')],
    [`select E'a' '\\', b`, `SELECT '' '', B`],
    ['select a$b$c, $1 from "t$$"."u"', 'SELECT A$B$C, $1 FROM "".""'],
    ['select $ä$ x $ä$, e', `SELECT '', E`],
    [`select 'open`, `SELECT ''`],
    ['select /* open', 'SELECT'],
    ['  \v\f select\t1 ', 'SELECT 1'],
    ['', ''],
  ])('reads %j as %j', (command, expected) => {
    expect(of(command)).toBe(expected);
  });

  it('lets a backslash escape where the session does', () => {
    expect(of(`select '\\', b'`, false)).toBe(`SELECT ''`);
    expect(of(`select '\\', b`)).toBe(`SELECT '', B`);
  });

  it('keeps what is quoted when it is asked to', () => {
    expect(skeleton(Buffer.from(`set "aB" = 'Off'`), { keepQuoted: true })).toBe(`SET "aB" = 'Off'`);
  });

  it('60: sees the end of a command that is longer than any column list', () => {
    const texts = `'${'x'.repeat(5_000_000)}'`;
    expect(of(`copy t (${'a, '.repeat(100_000)}b) from ${texts} stdin`)).toMatch(/B\) FROM '' STDIN$/);
    expect(() => of(`insert into t values (${'1, '.repeat(25_000_000)}1)`)).toThrow(/64 MB/);
  });
});
