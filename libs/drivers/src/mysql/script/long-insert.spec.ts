import { finished } from 'node:stream/promises';
import { LongInsert } from './long-insert.js';
import { PacketFitter, fittingStatements } from './packet-fitter.js';
import { ValueTooLong } from './value-too-long.js';

const PACKET = 10_240;
const HEAD = 'INSERT INTO `t` VALUES';

/** The statements that become of one, given in chunks of `chunkBytes`. */
function taken(rows: string, packetBytes: number, chunkBytes = 7, encoding: BufferEncoding = 'utf8'): string[] {
  const statement = Buffer.from(`${HEAD} ${rows};`, encoding);
  const statements: string[] = [];
  let text: Buffer[] = [];
  const begun = LongInsert.begin(statement, {
    packetBytes,
    emit: (bytes, ends) => {
      text.push(bytes);
      if (!ends) return;
      statements.push(Buffer.concat(text).toString(encoding));
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
    const [, first, literal] = /^SET (@\w+) = ((?:0x|X'|_\w+ (?:0x|X?')|').*)$/s.exec(statement) ?? [];
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
    const opening = /^(?:\w* ?0x|\w* ?X?')/.exec(list[0] ?? '')?.[0] ?? '';
    const quote = opening.endsWith(`'`) ? `'` : '';
    for (const part of list) expect(part.startsWith(opening)).toBe(true);
    return `${opening}${list.map((part) => part.slice(opening.length, part.length - quote.length)).join('')}${quote}`;
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
    ['hexadecimal digits of a binary string', `(1,_binary 0x${long},_binary 0x00)`],
    ['hexadecimal digits in quotes, of a binary string', `(1,_binary X'${long}')`],
    ['a text of quotes alone', `(1,'${`''`.repeat(9_000)}')`],
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

  it('is taken apart where its bytes are no characters of UTF-8', () => {
    for (const chunk of [1, 7, 64, 100_000]) {
      const rows = `(1,_binary '${'\x80\x81\xbf'.repeat(3_000)}')`;
      const statements = taken(rows, PACKET, chunk, 'latin1');
      expect(Math.max(...statements.map((statement) => statement.length))).toBeLessThan(PACKET / 2);
      expect(
        rowsOf(statements)
          .map((text) => joined(text).trim())
          .join(','),
      ).toBe(rows);
    }
  });

  it.each([
    ['of characters of several bytes', `_utf32'${'\\0\\0\\0a'.repeat(2_000)}'`],
    ['of digits of such characters', `_utf8mb4 0x${'c3a4'.repeat(2_000)}`],
  ])('is left alone where a part of a text could be none: %s', (_what, value) => {
    expect(fittingStatements(Buffer.from(`${HEAD} (${value})`), PACKET)).toBeUndefined();
  });

  it('is left alone where another statement follows', () => {
    const one = `${HEAD} ('${long}'), ('a')`;
    expect(fittingStatements(Buffer.from(`${one}; ${HEAD} ('b');`), PACKET)).toBeUndefined();
    expect(fittingStatements(Buffer.from(`${one};\n`), PACKET)).toEqual(fittingStatements(Buffer.from(one), PACKET));
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

  it.each(['INSERT  IGNORE INTO `t` VALUES', 'REPLACE INTO `t` (`a`, `b``c`) VALUES', 'insert into db.t\nVALUES'])(
    'is recognised as mysqldump and others write it: %s',
    (head) => {
      const statements = fittingStatements(Buffer.from(`${head} ('${long}')`), PACKET);
      expect(statements?.at(-2)?.toString()).toBe(`${head.trimEnd()}(@dbs_value_1)`);
    },
  );

  it('leaves other statements alone', () => {
    const parts = { packetBytes: 1_024, emit: () => undefined };
    expect(LongInsert.begin(Buffer.from('INSERT INTO t SELECT 1'), parts)).toBeUndefined();
    expect(LongInsert.begin(Buffer.from('UPDATE t SET a = 1'), parts)).toBeUndefined();
  });
});

describe('16: the packet fitter before the client', () => {
  async function fitted(script: string, chunkBytes: number): Promise<string> {
    const fitter = new PacketFitter(PACKET);
    const pieces: Buffer[] = [];
    fitter.on('data', (piece: Buffer) => pieces.push(piece));
    const bytes = Buffer.from(script);
    for (let at = 0; at < bytes.length; at += chunkBytes) fitter.write(bytes.subarray(at, at + chunkBytes));
    fitter.end();
    await finished(fitter);
    return Buffer.concat(pieces).toString();
  }
  const short = `-- dump\nINSERT INTO \`s\` VALUES (1,';');\nSET a = 1;\nINSERT INTO \`s\` VALUES (2,'b');\n`;

  it.each([1, 13, 4_096, 1_000_000])('passes short statements on as they are, in chunks of %d bytes', async (chunk) => {
    expect(await fitted(short.repeat(20), chunk)).toBe(short.repeat(20));
  });

  it.each([1, 13, 4_096, 1_000_000])('loses nothing behind a long one, in chunks of %d bytes', async (chunk) => {
    const value = `'${'ab'.repeat(3_000)}'`;
    const row = `INSERT INTO \`t\` VALUES (${value},${value})`;
    const script = await fitted(`${short}${row}; SET b = 2;\n${row};\n${short}`, chunk);
    expect(script.replaceAll(/SET @dbs_value_1 = '.*? = NULL;/g, '<row>')).toBe(
      `${short}<row>  SET b = 2;\n<row> \n${short}`,
    );
  });
});
