import { LongInsert } from './long-insert.js';
import { ValueTooLong } from './value-too-long.js';

const PACKET = 10_240;
const HEAD = 'INSERT INTO `t` VALUES';

/** The statements that become of one, given in chunks of `chunkBytes`. */
function taken(rows: string, packetBytes: number, chunkBytes = 7): string[] {
  const statement = Buffer.from(`${HEAD} ${rows};`);
  const statements: string[] = [];
  let text: Buffer[] = [];
  const begun = LongInsert.begin(statement, {
    packetBytes,
    emit: (bytes, ends) => {
      text.push(bytes);
      if (!ends) return;
      statements.push(Buffer.concat(text).toString());
      text = [];
    },
  });
  if (begun === undefined) throw new Error('no INSERT');
  let ended = -1;
  for (let at = begun.headBytes; at < statement.length; at += chunkBytes) {
    if (ended !== -1) throw new Error('It has ended before.');
    ended = begun.insert.push(statement.subarray(at, at + chunkBytes));
  }
  expect(ended).not.toBe(-1);
  expect(text).toEqual([]);
  return statements;
}

/** What the variables hold when the row is made, by the rules of the server. */
function rowsOf(statements: readonly string[]): string[] {
  const values = new Map<string, string>();
  const rows: string[] = [];
  for (const statement of statements) {
    const [, first, literal] = /^SET (@\w+) = ((?:0x|X'|_\w+ '|').*)$/s.exec(statement) ?? [];
    const [, more, name, part] = /^SET (@\w+) = CONCAT\((@\w+), (.*)\)$/s.exec(statement) ?? [];
    if (first !== undefined) values.set(first, literal ?? '');
    else if (more !== undefined) {
      expect(name).toBe(more);
      values.set(more, `${values.get(more)}|${part}`);
    } else if (statement.startsWith(HEAD)) {
      rows.push(statement.slice(HEAD.length).replace(/@dbs_value_\d+/g, (key) => `<${values.get(key)}>`));
    }
  }
  return rows;
}

const joined = (text: string): string =>
  text.replace(/<([^>]*)>/g, (_, parts: string) => {
    const list = parts.split('|');
    if (list[0]?.startsWith('0x') === true) return `0x${list.map((part) => part.slice(2)).join('')}`;
    const opening = /^(\w* ?')/.exec(list[0] ?? '')?.[1] ?? '';
    return `${opening}${list.map((part) => part.slice(opening.length, -1)).join('')}'`;
  });

describe('16: an INSERT longer than its server takes', () => {
  const long = 'ab'.repeat(5_000);
  it.each([
    ['hexadecimal digits', `(1,0x${long},'x')`],
    ['hexadecimal digits in quotes', `(1,X'${long}','x')`],
    ['a text', `(1,'${long}',0x00)`],
    ['a text with quotes and backslashes', `(1,'${`a\\\\''b\\'\\0`.repeat(900)}',NULL)`],
    ['a text of characters of several bytes', `(1,'${'aä€😀'.repeat(900)}',NULL)`],
    ['a binary string', `(1,_binary '${`\\0\\n''x`.repeat(1_500)}',-1.5e3)`],
    ['two long values', `(0x${long},'${long}')`],
    ['rows before and behind', `(1,'a'),(2,'b;)'),(3,0x${long}),(4,'c'),(5,'')`],
  ])('is taken apart: %s', (_what, rows) => {
    for (const chunk of [1, 7, 64, 100_000]) {
      const statements = taken(rows, PACKET, chunk);
      expect(Math.max(...statements.map((statement) => Buffer.byteLength(statement)))).toBeLessThan(PACKET / 2);
      expect(
        rowsOf(statements)
          .map((text) => joined(text).trim())
          .join(','),
      ).toBe(rows);
    }
  });

  it('leaves no part empty, however many digits there are', () => {
    for (let bytes = 3_800; bytes < 3_900; bytes += 1) {
      const statements = taken(`(0x${'ab'.repeat(bytes)})`, PACKET, 997);
      expect(statements.filter((statement) => /0x\)?$/.test(statement))).toEqual([]);
    }
    for (let bytes = 2_540; bytes < 2_600; bytes += 1) {
      const statements = taken(`(0x${'ab'.repeat(bytes)})`, PACKET, 997);
      expect(statements.filter((statement) => /0x\)?$/.test(statement))).toEqual([]);
    }
  });

  it('does not take anything else for a long value', () => {
    const rows = `(1.0,b'101',"0xab' \\" x",f(0,'x'),NULL,0xAB,'x''0x12')`;
    expect(taken(rows, 2_048)).toEqual([`${HEAD}${rows}`]);
  });

  it('says the length of a value that the server does not take', () => {
    expect(() => taken(`(1,0x${'ab'.repeat(5_000)})`, 2_048)).toThrow(ValueTooLong);
    expect(() => taken(`(1,0x${'ab'.repeat(5_000)})`, 2_048)).toThrow(
      /The table "t" has a value of .* \(max_allowed_packet = 2048\)/,
    );
  });

  it('leaves other statements alone', () => {
    const parts = { packetBytes: 1_024, emit: () => undefined };
    expect(LongInsert.begin(Buffer.from('INSERT INTO t SELECT 1'), parts)).toBeUndefined();
    expect(LongInsert.begin(Buffer.from('UPDATE t SET a = 1'), parts)).toBeUndefined();
  });
});
