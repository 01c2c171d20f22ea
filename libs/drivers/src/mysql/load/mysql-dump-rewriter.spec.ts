import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DumpRewriter } from './mysql-dump-rewriter.js';

const HEADER = '-- MariaDB dump 10.19\n--\n-- Host: h    Database: sh`op ü\n';

async function rewrite(dump: string, target: string, size = 1_000_000): Promise<string> {
  const bytes = Buffer.from(dump);
  const first = Math.min(bytes.length, 200);
  const chunks = [bytes.subarray(0, first)];
  for (let at = first; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return text(Readable.from(chunks).pipe(new DumpRewriter(target)));
}

describe('A dump on its way to the client', () => {
  it.each([
    '/*M!999999\\- enable the sandbox mode */ ',
    '/*!999999\\- enable the sandbox mode */',
    '\ufeff/*M!999999\\- x */',
  ])('loses the line %j, and every other line keeps its number (FAILURES 27)', async (line) => {
    expect(await rewrite(`${line}\n${HEADER}SELECT 1;\n`, 'x')).toBe(`\n${HEADER}SELECT 1;\n`);
  });

  const body = [
    'ALTER DATABASE `sh``op ü` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;',
    'ALTER DATABASE `sh``op ü` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;;',
    'CREATE TABLE `t` (',
    "  `id` int DEFAULT nextval(`sh``op ü`.`numbers`) COMMENT '€',",
    "  `x` varchar(9) DEFAULT 'nextval(`other`.`y`)'",
    '/*!50001 VIEW `v` AS select lastval(`sh``op ü`.`numbers`) AS `n` */;',
    "(1,'ALTER DATABASE `sh``op ü` CHARACTER SET latin1 COLLATE x ;'),",
    'ALTER DATABASE `other` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;',
    "('nextval(`sh``op ü`.`numbers`)');",
    '',
  ].join('\n');

  it('names the target where the tools named the dumped database, and nowhere else', async () => {
    const expected = [
      'ALTER DATABASE `a``b ö` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;',
      'ALTER DATABASE `a``b ö` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;;',
      'CREATE TABLE `t` (',
      "  `id` int DEFAULT nextval(`numbers`) COMMENT '€',",
      "  `x` varchar(9) DEFAULT 'nextval(`other`.`y`)'",
      '/*!50001 VIEW `v` AS select lastval(`numbers`) AS `n` */;',
      ...body.split('\n').slice(6),
    ].join('\n');
    for (const size of [1, 2, 3, 7, 64, 1_000_000]) {
      expect(await rewrite(HEADER + body, 'a`b ö', size)).toBe(HEADER + expected);
    }
  });

  it('is unchanged when it goes back where it came from, or does not say where from', async () => {
    expect(await rewrite(HEADER + body, 'sh`op ü', 5)).toBe(HEADER + body);
    expect(await rewrite(body, 'x', 5)).toBe(body);
  });

  it('keeps a last line without an end', async () => {
    expect(await rewrite(`${HEADER}  \`unfinished`, 'x', 3)).toBe(`${HEADER}  \`unfinished`);
    expect(await rewrite('', 'x')).toBe('');
  });
});
