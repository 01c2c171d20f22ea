import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { tidyForeignScript } from '../foreign/foreign-script.js';

type Part = string | Buffer;

async function tidied(parts: readonly Part[], chunk = 1_000_000): Promise<Buffer> {
  const bytes = Buffer.concat([...parts, '\n-- Dump completed\n'].map((part) => Buffer.from(part as string)));
  function* chunks(): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const open = (): Readable => Readable.from(chunks(), { objectMode: false });
  return buffer(tidyForeignScript({ format: 'plain', own: false, open }, { acceptIncomplete: false }).open());
}

const TABLE = 'CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `a` varchar(90) DEFAULT NULL,\n  `n` text\n);\n';
const rows = (value: Part): Part[] => ["INSERT INTO `t` VALUES (1,'", value, "','b');\n"];
/** 表示 and ソート, whose first characters end with the byte of a backslash. */
const SJIS = Buffer.from([0x95, 0x5c, 0x8e, 0xa6, 0x20, 0x83, 0x5c, 0x81, 0x5b, 0x83, 0x67]);
/** 日本, without such. */
const SJIS_PLAIN = Buffer.from([0x93, 0xfa, 0x96, 0x7b]);
const GBK = Buffer.from([0xc4, 0xe3, 0xba, 0xc3, 0xca, 0xc0, 0xbd, 0xe7]);
const LATIN1 = Buffer.from('Équipe café, naïve', 'latin1');

describe.each([1_000_000, 1, 3])('28: a foreign script, read by %d bytes,', (chunk) => {
  it.each([
    ['sjis', SJIS],
    ['cp932', SJIS],
    ['gbk', Buffer.from([0x81, 0x5c])],
    ['big5', Buffer.from([0xa5, 0x5c])],
  ])('in %s is named, as its characters hold the byte of a backslash', async (characterSet, value) => {
    const script = [`/*!40101 SET NAMES ${characterSet} */;\n`, TABLE, ...rows(value)];
    await expect(tidied(script, chunk)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining(`The dump is text in ${characterSet} (SET NAMES ${characterSet})`) as unknown,
      hint: expect.stringMatching(/iconv -f (CP932|GBK|BIG5) -t UTF-8/) as unknown,
    });
  });

  it('in sjis without such characters is loaded as it is', async () => {
    const script = ['SET NAMES sjis;\n', TABLE, ...rows(SJIS_PLAIN)];
    expect((await tidied(script, chunk)).includes(SJIS_PLAIN)).toBe(true);
  });

  it.each([
    ['Shift_JIS', SJIS, /what seems to be Shift_JIS \(sjis, cp932\)/, /iconv -f CP932 -t UTF-8/],
    ['GBK', GBK, /what seems to be GBK or Big5/, /iconv -f GBK -t UTF-8/],
    ['latin1', LATIN1, /what seems to be latin1/, /iconv -f CP1252 -t UTF-8; or .* SET NAMES latin1;/],
  ])('in %s that says utf8mb4 or nothing is named', async (_, value, message, hint) => {
    for (const [says, told] of [
      ['/*!50503 SET NAMES utf8mb4 */;\n', /line 7 holds bytes .*, but it says SET NAMES utf8mb4\./],
      ['\n', /line 7 holds bytes .*, but it sets no character set/],
    ] as const) {
      const refused = expect(tidied([says, TABLE, ...rows(value)], chunk)).rejects;
      await refused.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringMatching(told) as unknown });
      const again = expect(tidied([says, TABLE, ...rows(value)], chunk)).rejects;
      await again.toMatchObject({
        ...{ message: expect.stringMatching(message) as unknown, hint: expect.stringMatching(hint) as unknown },
      });
    }
  });

  it('in UTF-8 with some bytes of another character set is not said to be all in that', async () => {
    const script = ['SET NAMES utf8mb4;\n', TABLE, ...rows('日本 café'.repeat(9)), '-- \n'.repeat(99), ...rows(LATIN1)];
    await expect(tidied(script, chunk)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringMatching(
        /^The dump is not all UTF-8 text: line 107 holds bytes that belong to no/,
      ) as unknown,
      hint: expect.not.stringContaining('iconv') as unknown,
    });
  });

  it('in another character set in the comment of a column is named', async () => {
    const script = ["CREATE TABLE `t` (`a` int COMMENT '", LATIN1, "');\n"];
    await expect(tidied(script, chunk)).rejects.toMatchObject({
      message: expect.stringContaining('line 1') as unknown,
    });
  });

  it.each([
    ['latin1 that says so', ['SET NAMES latin1;\n', TABLE, ...rows(LATIN1)]],
    ['latin1 that says so in double quotes', ['SET NAMES "latin1";\n', TABLE, ...rows(LATIN1)]],
    [
      'latin1 that says so among other settings',
      ['SET character_set_results = utf8, character_set_client = latin1;\n', TABLE, ...rows(LATIN1)],
    ],
    ['latin1 that says so behind a setting', ['SET @old = @@sql_mode, NAMES latin1;\n', TABLE, ...rows(LATIN1)]],
    ['UTF-8', ['SET NAMES utf8mb4;\n', TABLE, ...rows('日本 ソ 🙂')]],
    ['UTF-8 that says nothing', [TABLE, ...rows('Équipe')]],
    ['bytes in a table of bytes', ['CREATE TABLE `t` (`a` blob);\n', "INSERT INTO `t` VALUES ('", LATIN1, "');\n"]],
    [
      'bytes in a table of documents of geometry, as MySQL 8 calls them',
      ['CREATE TABLE `t` (`a` geomcollection);\n', "INSERT INTO `t` VALUES (_binary '", LATIN1, "');\n"],
    ],
    [
      'bytes in a table of bytes that has the name of one of texts in another database',
      [TABLE, 'DROP TABLE `t`;\nCREATE TABLE `t` (`a` blob);\n', "INSERT INTO `t` VALUES ('", LATIN1, "');\n"],
    ],
    [
      'bytes in a table that gets a column of bytes later',
      [TABLE, 'ALTER TABLE `t` ADD `b` varbinary(99);\n', "INSERT INTO `t` VALUES (1,'','',_binary '", LATIN1, "');\n"],
    ],
    ['bytes in a table that it does not make', ["INSERT INTO `t` VALUES ('", LATIN1, "');\n", TABLE]],
    ['a name of its file in a comment', ['-- ', LATIN1, '\n', TABLE]],
    [
      'a trigger of another character set',
      [
        ...['SET NAMES utf8mb4;\n', TABLE, '/*!50003 SET character_set_client  = latin1 */ ;\nDELIMITER ;;\n'],
        ...["CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = '", LATIN1, "' ;;\nDELIMITER ;\n"],
        ...['/*!50003 SET character_set_client  = @saved_cs_client */ ;\n', ...rows('ü')],
      ],
    ],
  ])('is loaded: %s', async (_, script) => {
    expect((await tidied(script, chunk)).length).toBeGreaterThan(0);
  });
});
