import { Readable } from 'node:stream';
import { inspectDump } from './mysql-script-guard.js';
import type { DumpDemands } from './mysql-script-guard.js';

const HEADER = [
  '/*M!999999\\- enable the sandbox mode */ ',
  '-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)',
  '--',
  '-- Host: db.example    Database: shop',
  '',
].join('\n');

/** In pieces of every size, since a stream may be cut anywhere. */
async function inspect(
  body: string,
  target: string | undefined = 'target',
  pieces = [1_000_000],
): Promise<DumpDemands> {
  const bytes = Buffer.from(`${HEADER}${body}`);
  let demands: DumpDemands | undefined;
  for (const size of pieces) {
    const chunks = [bytes.subarray(0, 4096)];
    for (let at = 4096; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
    demands = await inspectDump(Readable.from(chunks), target, { signal: new AbortController().signal });
  }
  return demands as DumpDemands;
}

const unsafe = (line: number, words: string): object => ({
  code: 'BACKUP_UNSAFE',
  message: expect.stringMatching(new RegExp(`line ${line} .*${words}`)) as unknown,
});

describe('The guard over a foreign dump', () => {
  it.each([
    ['USE mysql;', 'USE mysql'],
    ['use `mysql`;', 'use `mysql`'],
    ['USE\n mysql;', 'USE mysql'],
    ['/*!40000 USE mysql */;', 'USE mysql'],
    ['/* x */ USE mysql;', 'USE mysql'],
    ['-- x\nUSE mysql;', 'USE mysql', 2],
    ['--x\nUSE mysql;', 'USE mysql', 2],
    ['# x\nUSE mysql;', 'USE mysql', 2],
    ['SELECT 1; USE mysql;', 'USE mysql'],
    ["SELECT '\\''; USE mysql; --';", 'USE mysql'],
    ['DELIMITER ;;\nSELECT 1;;\nUSE mysql;;', 'USE mysql', 3],
    ["DELIMITER '//'\nSELECT 1//\nUSE mysql//", 'USE mysql', 3],
    ['DELIMITER \xa0x\nSELECT 1\xa0x\nUSE mysql\xa0x', 'USE mysql', 3],
    [`SET sql_mode='ANSI_QUOTES';\nSELECT "\\"; USE mysql; -- ";`, 'USE mysql', 2],
    ['USE mysql', 'USE mysql'],
    ['CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`;', 'CREATE DATABASE'],
    ['CREATE SCHEMA shop;', 'CREATE SCHEMA'],
    ['/*!40000 DROP DATABASE IF EXISTS `shop`*/;', 'DROP DATABASE'],
    ['ALTER DATABASE `other` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;', 'ALTER DATABASE'],
    ['INSERT INTO `other`.`t` VALUES (1);', 'INSERT INTO'],
    ['DROP TABLE IF EXISTS other.t;', 'DROP TABLE'],
    ['GRANT ALL ON *.* TO x;', 'GRANT'],
    ['CREATE USER x;', 'CREATE USER'],
    ['LOAD DATA LOCAL INFILE "/etc/passwd" INTO TABLE t;', 'LOAD DATA'],
    ['PREPARE x FROM @a;', 'PREPARE'],
    ['CALL p();', 'CALL'],
    ['INSTALL SONAME "x";', 'INSTALL'],
    ["SET STATEMENT sql_mode='NO_BACKSLASH_ESCAPES' FOR DO 1;", 'SET STATEMENT'],
    ['\\! touch x', '!'],
    ['SELECT 1 \\! touch x\n;', '!'],
    ['\\. /tmp/x.sql', '\\.'],
    ['\\C gbk', 'C'],
    ['system touch x', 'system'],
    ['source /tmp/x', 'source'],
    ['tee /tmp/x', 'tee'],
    ['pager cat > x', 'pager'],
    ['connect other', 'connect'],
    ['SELECT 1 delimiter x\nUSE y x', 'delimiter'],
    ['SELECT 1\ndelimiter x\nUSE y x', 'delimiter', 2],
  ])('refuses %j, naming line and statement (FAILURES 34)', async (body, words, line = 1) => {
    const pattern = words.replace(/[\\^$.*+?()[\]{}|!]/g, '\\$&');
    await expect(inspect(body)).rejects.toMatchObject(unsafe(line + 4, pattern));
    await expect(inspect(`${'-- padding\n'.repeat(500)}${body}`, 'target', [7])).rejects.toMatchObject(
      unsafe(line + 504, pattern),
    );
  });

  const harmless = [
    'DROP TABLE IF EXISTS `t`;',
    '/*!40101 SET character_set_client = utf8mb4 */;',
    "CREATE TABLE `t` (\n  `use` int COMMENT 'USE x; \\\\',\n  `b``; USE y` int -- USE z;\n);",
    "INSERT INTO `t` VALUES (1,'\\'; USE mysql; \\\\! x'),(2,'it''s; DROP DATABASE x;'),\n(-3,\"\\\";\\\\! \"),\n(4,'-- ;\\n');",
    '/*!40000 ALTER TABLE `t` DISABLE KEYS */;',
    'LOCK TABLES `t` WRITE;\nUNLOCK TABLES;',
    "DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`o'brien`@`%`*/ /*!50003 TRIGGER tr BEFORE INSERT ON t FOR EACH ROW\nBEGIN\n  -- USE it;\n  SET @a = 1; /* ; */\nEND */;;\nDELIMITER ;",
    'DELIMITER $$\nCREATE DEFINER="root"@"localhost" FUNCTION "f"() RETURNS int\nBEGIN\n  RETURN 1; # USE x;\nEND\n$$\nDELIMITER ;',
    '/*!50001 CREATE ALGORITHM=MERGE */\n/*!50013 DEFINER=`keeper`@`10.%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */;',
    'ALTER DATABASE `shop` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci ;',
    'ALTER DATABASE `target` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci ;',
    'CREATE SEQUENCE `s` start with 1 minvalue 1 maxvalue 9 increment by 1 cache 1 nocycle ENGINE=InnoDB;\nDO SETVAL(`s`, 1, 0);',
    'INSERT INTO `target`.`t` VALUES (1);',
    "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '';",
    '/*!50106 CREATE*/ /*!50117 DEFINER=`e`@`%`*/ /*!50106 EVENT `x` ON SCHEDULE EVERY 1 DAY DO SELECT 1 */ ;',
    'COMMIT;',
    '-- Dump completed on 2026-11-22 20:35:36',
    '',
  ].join('\n');

  it('lets through all that the dump tools write, cut into pieces of any size', async () => {
    await expect(inspect(harmless, 'target', [1, 2, 3, 5, 64, 4096])).resolves.toBeDefined();
    await expect(inspect('-- padding\n'.repeat(500) + harmless, 'target', [1, 3, 64])).resolves.toBeDefined();
  });

  it('says who must be a definer, and whether binary logging matters (FAILURES 36)', async () => {
    const demands = await inspect(harmless, undefined, [3, 1000]);
    expect([...demands.definers].sort()).toEqual(['e@%', 'keeper@10.%', "o'brien@%", 'root@localhost']);
    expect(demands.createsLoggedRoutines).toBe(true);
    expect(await inspect('CREATE TABLE t (`CREATE FUNCTION` int);', undefined)).toEqual({
      definers: new Set(),
      createsLoggedRoutines: false,
    });
  });

  it.each([
    [`INSERT INTO ${' '.repeat(3_000)}\`other\`.t VALUES (1);`, 'INSERT INTO'],
    [`SET sql_mode = CONCAT('${'x'.repeat(3_000)}', 'NO_BACKSLASH_ESCAPES');`, 'SET sql_mode'],
    [`INSERT INTO t VALUES ('${'x'.repeat(3_000)}') delimiter x\n;`, 'delimiter'],
  ])('60: refuses what stands behind a long beginning: %.30s…', async (body, words) => {
    await expect(inspect(body)).rejects.toMatchObject(unsafe(5, words));
    await expect(inspect(body, 'target', [977])).rejects.toMatchObject(unsafe(5, words));
  });

  it('60: lets a table of 1,000 columns through, and an event whose beginning is long', async () => {
    const columns = Array.from({ length: 1_000 }, (_, n) => `\`${'c'.repeat(59)}${n}\``);
    const text = [
      `CREATE TABLE \`t\` (${columns.map((name) => `${name} int`).join(',\n')});`,
      `INSERT INTO \`t\` (${columns.join(', ')}) VALUES (${columns.map(() => '1').join(',')});`,
    ].join('\n');
    await expect(inspect(text, 'target', [1_000_000, 4_096, 61])).resolves.toBeDefined();
    const event = `CREATE DEFINER=\`e\`@\`%\` EVENT \`x\` ON SCHEDULE${' '.repeat(3_000)} EVERY 1 DAY STARTS '2026-01-01 00:00:00' ON COMPLETION PRESERVE DISABLE DO SELECT 1;`;
    const held = inspectDump(Readable.from([Buffer.from(HEADER + event)]), 'target', {
      signal: new AbortController().signal,
      eventsHeld: true,
    });
    expect([...(await held).definers]).toEqual(['e@%']);
  });

  it('76: sees what follows a body in dollar quotes that holds half a quote', async () => {
    const body = "CREATE FUNCTION f() RETURNS int LANGUAGE JAVASCRIPT AS $a$ // don't\n return 1 $a$;\nUSE other;\n";
    await expect(inspect(body)).rejects.toMatchObject(unsafe(7, 'USE other'));
  });

  it('finds the end of a statement of 64 MB', async () => {
    const row = Buffer.from(`(1,'${'x'.repeat(1000)}\\'',-2),\n`.repeat(1000));
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from(`${HEADER}INSERT INTO t VALUES `);
      for (let i = 0; i < 64; i += 1) yield row;
      yield Buffer.from('(0);\nUSE x;\n');
    }
    const signal = new AbortController().signal;
    await expect(inspectDump(Readable.from(chunks()), 'target', { signal })).rejects.toMatchObject(
      unsafe(64_006, 'USE x'),
    );
  });
});
