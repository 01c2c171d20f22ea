import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DumpRewriter } from './mysql-dump-rewriter.js';
import type { RewriterOptions } from './mysql-dump-rewriter.js';

const HEADER = '-- MariaDB dump 10.19\n--\n-- Host: h    Database: sh`op ü\n';

async function rewrite(dump: string, target: string, size = 1_000_000, options: RewriterOptions = {}): Promise<string> {
  const bytes = Buffer.from(dump);
  const first = Math.min(bytes.length, 200);
  const chunks = [bytes.subarray(0, first)];
  for (let at = first; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return text(Readable.from(chunks).pipe(new DumpRewriter(target, options)));
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

  it('13: names the target in any case where names are not told apart by it, and only there', async () => {
    const spelled = body.replaceAll('sh``op ü', 'SH``Op Ü').replaceAll('`other`', '`shop`');
    const folded = await rewrite(HEADER + spelled, 'x', 7, { folds: true });
    expect(folded).toContain('ALTER DATABASE `x` CHARACTER SET latin1 COLLATE latin1_swedish_ci ;\n');
    expect(folded).toContain("  `id` int DEFAULT nextval(`numbers`) COMMENT '€',");
    expect(folded).toContain("  `x` varchar(9) DEFAULT 'nextval(`shop`.`y`)'");
    expect(folded).toContain('AS select lastval(`numbers`) AS `n` */;');
    expect(folded).toContain('ALTER DATABASE `shop` CHARACTER SET');
    expect(await rewrite(HEADER + spelled, 'x', 7)).toBe(HEADER + spelled);
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

describe('A dump on its way to another database', () => {
  const trigger = [
    '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER shop.t',
    '  AFTER INSERT',
    'ON `shop`.`orders` FOR EACH ROW INSERT INTO shop.audit VALUES (1) */;;',
    '',
  ].join('\n');

  it.each([1, 2, 7, 1_000_000])('takes its triggers along, and their lines (in pieces of %i bytes)', async (size) => {
    const header = HEADER.replace('sh`op ü', 'shop');
    const expected = trigger.replace('shop.t', 't').replace('`shop`.`orders`', '`orders`');
    expect(await rewrite(header + trigger, 'x', size)).toBe(header + expected);
  });

  it('leaves a trigger alone that is of another database than the dump', async () => {
    expect(await rewrite(HEADER + trigger, 'x')).toBe(HEADER + trigger);
  });

  it('is named by views that name other databases, too, but not in their texts', async () => {
    const view =
      "/*!50001 VIEW `v` AS select `sh``op ü`.`t`.`a` AS `a`,'`sh``op ü`.' AS `b` from (`sh``op ü`.`t` join `other`.`x`) */;\n";
    expect(await rewrite(HEADER + view, 'new')).toBe(
      `${HEADER}/*!50001 VIEW \`v\` AS select \`new\`.\`t\`.\`a\` AS \`a\`,'\`sh\`\`op ü\`.' AS \`b\` from (\`new\`.\`t\` join \`other\`.\`x\`) */;\n`,
    );
  });

  const event = (status: string): string =>
    `/*!50106 CREATE*/ /*!50117 DEFINER=\`root\`@\`%\`*/ /*!50106 EVENT \`ü\` ON SCHEDULE EVERY 1 SECOND ${status} DO select 1 \n*/ ;;\n`;

  it('keeps its events from running where they are to be held, and remembers how they were', async () => {
    const rewriter = new DumpRewriter('x', { holdEvents: true });
    const dump = HEADER + event('ON COMPLETION NOT PRESERVE ENABLE');
    expect(await text(Readable.from([Buffer.from(dump)]).pipe(rewriter))).toBe(
      HEADER + event('ON COMPLETION PRESERVE DISABLE'),
    );
    expect([...rewriter.heldEvents]).toEqual([['ü', 'ON COMPLETION NOT PRESERVE ENABLE']]);
    expect(await rewrite(dump, 'x')).toBe(dump);
  });

  it('goes no further when there is an event that cannot be held', async () => {
    const rewriter = new DumpRewriter('x', { holdEvents: true });
    rewriter.end(Buffer.from(HEADER + event('')));
    await expect(text(rewriter)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});
