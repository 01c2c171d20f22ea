import { StrictJudge } from './strict-judge.js';

const judged = (statements: readonly string[]): (string | undefined)[] => {
  const judge = new StrictJudge('target');
  return statements.map((statement) => judge.refusal(statement));
};

describe('Without an account of its own, a foreign dump', () => {
  it('may hold what dump programs write', () => {
    const dump = [
      '/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */',
      '/*!50503 SET NAMES utf8mb4 */',
      `/*!40103 SET TIME_ZONE='+00:00' */`,
      '/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */',
      `/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */`,
      'DROP TABLE IF EXISTS `orders`',
      '/*!40101 SET @saved_cs_client     = @@character_set_client */',
      '/*!50503 SET character_set_client = utf8mb4 */',
      "CREATE TABLE `orders` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `union` decimal(5,2) DEFAULT '1.5' COMMENT 'a.b; SELECT',\n  PRIMARY KEY (`id`),\n  CONSTRAINT `c` FOREIGN KEY (`id`) REFERENCES `x` (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
      'LOCK TABLES `orders` WRITE',
      '/*!40000 ALTER TABLE `orders` DISABLE KEYS */',
      `INSERT INTO \`orders\` VALUES (1,-1.5,'it''s \\'',NULL),(2,0x6a,_binary 'x\\0',1e10)`,
      `INSERT INTO \`orders\` (\`id\`, \`b\`) VALUES\n(1, '2024-01-01'),\n(2, NULL)`,
      'UNLOCK TABLES',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `tr` BEFORE INSERT ON `orders` FOR EACH ROW SET NEW.a = other.f() */',
      'ALTER DATABASE `target` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
      'ALTER TABLE `orders` ADD PRIMARY KEY (`id`), MODIFY `id` int NOT NULL AUTO_INCREMENT',
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select `o`.`id` AS `id` from `orders` `o` */',
      'CREATE SEQUENCE `s` start with 1 minvalue 1 maxvalue 9223372036854775806 increment by 1 cache 1000 nocycle ENGINE=InnoDB',
      'DO SETVAL(`s`, 1, 0)',
      '/*!40101 SET SQL_MODE=@OLD_SQL_MODE */',
      `/*!40101 SET SQL_MODE=IFNULL(@OLD_LOCAL_SQL_MODE, '') */`,
      `/*!40103 SET TIME_ZONE=IFNULL(@OLD_TIME_ZONE, 'system') */`,
      '/*!40014 SET FOREIGN_KEY_CHECKS=IFNULL(@OLD_FOREIGN_KEY_CHECKS, 1), SQL_NOTES=IFNULL(@OLD_SQL_NOTES, 1) */',
      'SET @@SESSION.SQL_LOG_BIN= 0',
      "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ ''",
      "CREATE TABLE `a` (`id` bigint /*!80023 INVISIBLE */, `engine` int, KEY `k` (`id`)) ENGINE=InnoDB /*!80016 DEFAULT ENCRYPTION='N' */\n/*!50100 PARTITION BY RANGE (`id`)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,\n PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */",
      'INSERT INTO `a` VALUES (1,2)',
      '/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */',
      '/*!80000 SET SESSION information_schema_stats_expiry=0 */',
      'CREATE TABLE `K\xc3\xa4ufe` (`id` int)',
      'INSERT INTO `K\xc3\xa4ufe` VALUES (1)',
      '/*!50003 SET character_set_client  = latin1 */',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`root`@`%`*/ /*!50003 TRIGGER `tr2` BEFORE INSERT ON `a` FOR EACH ROW SET @a = 1 */',
      '/*!50003 SET character_set_client  = @saved_cs_client */',
      'CREATE TABLE `\xc3\x84rger` (`id` int)',
      'INSERT INTO `\xc3\x84rger` VALUES (1)',
      'CREATE FUNCTION `\xd0\xb4\xd0\xb0\xd1\x82\xd0\xb0`() RETURNS int RETURN 1',
      'CREATE TABLE `audited` (`id` int)',
      'CREATE TRIGGER `tr3` AFTER INSERT ON `audited` FOR EACH ROW INSERT INTO `\xc3\x84rger` VALUES (NEW.id)',
      'INSERT INTO `audited` VALUES (1)',
      'COMMIT',
    ];
    expect(judged(dump).map((why, at) => why && `${dump[at]}: ${why}`)).toEqual(dump.map(() => undefined));
  });

  it.each([
    ['INSERT INTO nowhere VALUES (1)'],
    ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES ((SELECT 1))'],
    ['CREATE TABLE t (a int)', 'INSERT INTO t SELECT * FROM other.t'],
    ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (f())'],
    [
      'CREATE TABLE t (a int)',
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET @a = 1',
      'INSERT INTO t VALUES (1)',
    ],
    ['CREATE TABLE t (a int)', 'DROP TABLE t', 'CREATE VIEW t AS SELECT * FROM other.t', 'INSERT INTO t VALUES (1)'],
    ["SET sql_mode = CONCAT('NO_BACKSLASH', '_ESCAPES')"],
    ['SET sql_mode = 1048576'],
    ['SET sql_mode = IFNULL(@x, 1048576)'],
    ["SET sql_mode = IFNULL(@x, 'ANSI_QUOTES')"],
    ['SET sql_notes = IFNULL(@x, f())'],
    ['SET character_set_client = IFNULL(@x, gbk)'],
    // Its default is NO_BACKSLASH_ESCAPES.
    ['SET sql_mode = @@innodb_sort_buffer_size'],
    ['SET sql_mode = IFNULL(@x, @@SESSION.sort_buffer_size)'],
    ['SET information_schema_stats_expiry = 1048576', 'SET @a = @@information_schema_stats_expiry'],
    ["SET @a = 'gbk'"],
    ['SET NAMES gbk'],
    ['SET @a = @@GLOBAL.sql_mode'],
    ['SET @a = @@character_set_server'],
    ['SET sql_mode = @@GLOBAL.sql_mode'],
    ['SET character_set_client = sjis'],
    ['SET GLOBAL max_connections = 77'],
    ['SET sql_notes = 0, @@global.max_connections = 77'],
    ["SET PASSWORD FOR app = 'x'"],
    ["SET PASSWORD = 'x'"],
    ['CREATE TABLE t (a int) ENGINE=FEDERATED CONNECTION="mysql://x"'],
    ["CREATE TABLE t (a int) DATA DIRECTORY='/tmp'"],
    ['CREATE TABLE t (a int) ENGINE=MERGE UNION=(other.t)'],
    ['ALTER TABLE t RENAME TO x'],
    ['CREATE FUNCTION z RETURNS STRING SONAME "z.so"'],
    // What a server has not got, it looks for in the dump.
    ['CREATE FUNCTION `\xc3\x9fha1`(a TEXT) RETURNS INT BEGIN DELETE FROM other.t; RETURN 1; END'],
    ['DO SETVAL(NULL, 1, 0)'],
    [
      'CREATE VIEW v AS SELECT f() AS a',
      'CREATE TABLE t (a int)',
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN IF NEW.a IN (TABLE v) THEN SET NEW.a = 1; END IF; END',
      'INSERT INTO t VALUES (1)',
    ],
    ['CALL p()'],
    ['SELECT 1'],
    ['DELETE FROM t'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'"],
    // A view stays a view where CREATE TABLE is told to mind nothing, is spelled otherwise or is not read.
    ['CREATE VIEW v AS SELECT * FROM other.t', 'CREATE TABLE IF NOT EXISTS v (a int)', 'INSERT INTO v VALUES (1)'],
    ['CREATE VIEW v AS SELECT * FROM other.t', 'CREATE TABLE V (a int)', 'INSERT INTO v VALUES (1)'],
    [
      'CREATE VIEW v AS SELECT 1',
      '/*!99999 DROP VIEW v */',
      'CREATE TABLE IF NOT EXISTS v (a int)',
      'INSERT INTO v VALUES (1)',
    ],
    [
      'CREATE DEFINER=view@localhost VIEW v AS SELECT * FROM other.t',
      'CREATE TABLE IF NOT EXISTS v (a int)',
      'INSERT INTO v VALUES (1)',
    ],
    ['/*!99999 CREATE TABLE v (a int) */', 'INSERT INTO v VALUES (1)'],
    // The same name in another character set.
    ['SET NAMES cp850', 'CREATE VIEW `\x84` AS SELECT * FROM other.t'],
    [
      ...['SET NAMES latin1', 'CREATE VIEW `\xe4` AS SELECT * FROM other.t', 'SET NAMES utf8'],
      'CREATE TABLE IF NOT EXISTS `\xc3\xa4` (a int)',
    ],
    ['SET NAMES latin1 /*!99999 COLLATE x */', '/*!99999 SET NAMES utf8 */', 'CREATE VIEW `\xe4` AS SELECT 1'],
    [
      ...['CREATE TABLE `\xc3\xa4` (a int)', 'SET NAMES latin1'],
      ...['CREATE TRIGGER x BEFORE INSERT ON `\xe4` FOR EACH ROW SET @a = 1', 'SET NAMES utf8'],
      'INSERT INTO `\xc3\xa4` VALUES (1)',
    ],
    [
      'CREATE TABLE `\xc3\xa4` (a int)',
      'SET NAMES latin1',
      'SET @a = @@character_set_client',
      'SET NAMES utf8',
      'SET character_set_client = @a',
      'INSERT INTO `\xc3\xa4` VALUES (1)',
    ],
    // Tables whose names look like words of the statement.
    [
      'CREATE TABLE body (a int)',
      'CREATE TRIGGER x BEFORE INSERT ON body FOR EACH ROW SET @a = 1',
      'INSERT INTO body VALUES (1)',
    ],
    ['CREATE TRIGGER x BEFORE INSERT ON body.t FOR EACH ROW SET @a = 1'],
    ['CREATE DEFINER=procedure@localhost PROCEDURE other.p() SELECT 1'],
    ['CREATE DEFINER=trigger@localhost TRIGGER x BEFORE INSERT ON other.t FOR EACH ROW SET @a = 1'],
    // What only some servers read.
    ['DROP /*!99999 VIEW a , */ DATABASE /*!99999 , */ other'],
    ['CREATE /*!99999 VIEW v AS SELECT 1 */ DATABASE fresh'],
    ['CREATE /*!99999 FUNCTION f( */ SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST "x")'],
    ['CREATE /*M!100100 VIEW v */ TABLE other.t (a int)'],
    ["CREATE TABLE t (a int) /*!99999 COMMENT '*/ SELECT f() -- ' */"],
    ['CREATE TABLE t (a int) /*!50000 COMMENT "x"'],
    // What is no comment to all, or none to us.
    ["CREATE TABLE t (a int) --\x01 '\n SELECT f() -- '"],
    ['CREATE TABLE t (a int DEFAULT (1 --\xa0 ) ) SELECT f() --\n))'],
    ['CREATE TABLE t (a int, -- as\n$$ int) SELECT f() AS b -- $$'],
    ['CREATE TABLE t (a int) SELECT\xa0f()'],
    ['CREATE TABLE INTO\xa0t (a int)'],
    ['CREATE TABLE t (a int)', 'INSERT INTO\xa0t VALUES (1)'],
    ['CREATE TABLE t (a int)', "/*!99999 INSERT INTO t VALUES ('*/ DELETE FROM other.t -- ') */"],
    ['CREATE TABLE t (a int)', "INSERT INTO t VALUES (/*!99999 '*/f(),1) -- ',*/ 1)"],
    [
      'CREATE TABLE t (a int)',
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = CURDATE ()',
      'INSERT INTO t VALUES (1)',
    ],
    [
      'CREATE TABLE t (a int)',
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 /*!80000 + f() */',
      'INSERT INTO t VALUES (1)',
    ],
    [
      'CREATE TABLE t (a int)',
      "CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW SET NEW.a = 1 --\x01 '\n + f() -- '",
      'INSERT INTO t VALUES (1)',
    ],
    [
      'CREATE VIEW u AS SELECT * FROM other.t',
      'CREATE TABLE t (a int)',
      '/*!99999 CREATE TABLE u (a int) */',
      'CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW INSERT INTO u VALUES (1)',
      'INSERT INTO t VALUES (1)',
    ],
    // Not every server has these functions itself.
    ['CREATE FUNCTION GeomFromText(a text) RETURNS int DETERMINISTIC RETURN 1'],
    ['CREATE FUNCTION `g\xc3\xa9omFromText`(a text) RETURNS int DETERMINISTIC RETURN 1'],
    ['CREATE DEFINER=`a`@`b` FUNCTION md5(a text) RETURNS int DETERMINISTIC RETURN 1'],
    // Queries without SELECT.
    ['CREATE TABLE t (a int) AS VALUES ROW(f())'],
    ['CREATE TABLE t (a int) VALUES (f())'],
    ['CREATE TABLE t (a int) TABLE v'],
    ['CREATE TABLE t (a int) WITH c AS (TABLE v) TABLE c'],
    // Engines that keep rows elsewhere.
    ["CREATE TABLE t (a int) ENGINE='CONNECT' TABLE_TYPE=CSV FILE_NAME='/tmp/x'"],
    ["CREATE TABLE t (a int) ENGINE `federated` COMMENT='mysql://x'"],
    ['CREATE TABLE t (a int) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (1) ENGINE = S3)'],
    ['SET default_storage_engine = CONNECT'],
    // A number is a character set, too, and the defaults of the server are not known.
    ['SET character_set_client = @@foreign_key_checks'],
    ['SET @a = @@foreign_key_checks', 'SET character_set_client = @a'],
    ['SET @a = @@character_set_client', '/*!99999 SET @a = @@foreign_key_checks */', 'SET character_set_client = @a'],
    [
      'SET @a = @@foreign_key_checks',
      '/*!99999 SET @a = @@character_set_client */',
      'SET character_set_client = IFNULL(@a, utf8)',
    ],
    ['SET @a = @@time_zone', 'SET sql_mode = @a'],
    ['SET sql_mode = DEFAULT'],
    ['SET NAMES DEFAULT'],
    ['SET sql_notes = 0 /*!99999 , @a = 1 */ , GLOBAL max_connections = 77'],
  ])('may not end with %j', (...statements) => {
    expect(judged(statements as unknown as string[]).at(-1)).toEqual(expect.any(String));
  });

  it('27: may hold what the public samples and other tools write', () => {
    const dump = [
      `SELECT 'CREATING DATABASE STRUCTURE' as 'INFO'`,
      `select CONCAT('storage engine: ', @@default_storage_engine) as INFO`,
      'CREATE TABLE address (id int, location geometry)',
      'CREATE TABLE film (id int, title text)',
      'CREATE TABLE film_text (id int, title text)',
      'CREATE TRIGGER i AFTER INSERT ON film FOR EACH ROW BEGIN INSERT INTO film_text (id, title) VALUES (new.id, new.title); END',
      `INSERT INTO address VALUES (1,/*!50705 0x00000101,*/'x'),(2,/*!50705 NULL,*/'2014-09-25')`,
      `INSERT INTO address VALUES (CONV('1', 2, 10) + 0), (ST_GeomFromText('POINT(1 2)')), (_binary 0x6162), (CAST('{}' AS JSON)), (N'x')`,
      `INSERT INTO film VALUES (1,'x')`,
    ];
    expect(judged(dump).map((why, at) => why && `${dump[at]}: ${why}`)).toEqual(dump.map(() => undefined));
  });

  it('may hold names beyond ASCII in Latin-1 and in what mydumper sets, also on a trigger of such a client', () => {
    const dump = [
      ...['SET NAMES binary', 'CREATE TABLE `K\xc3\xa4ufe` (`id` int)', 'INSERT INTO `K\xc3\xa4ufe` VALUES (1)'],
      ...['SET @saved_cs_client = @@character_set_client', 'SET character_set_client = latin1'],
      'CREATE TRIGGER tr AFTER INSERT ON `K\xe4ufe` FOR EACH ROW SET @a = 1',
      ...['SET character_set_client = @saved_cs_client', 'CREATE TABLE `K\xc3\xb6ln` (`id` int)'],
      ...['SET NAMES latin1', 'CREATE TABLE `\xdcbung \x80` (`id` int)', 'INSERT INTO `\xdcbung \x80` VALUES (1)'],
    ];
    expect(judged(dump).map((why, at) => why && `${dump[at]}: ${why}`)).toEqual(dump.map(() => undefined));
  });

  it('may hold conditions with LIKE, sequences of any type, and all comments that MySQL writes of one table', () => {
    const dump = [
      "CREATE TABLE `a` (`x` varchar(9), `g` int GENERATED ALWAYS AS (if((`x` not like _utf8mb4'a%'),1,0)) VIRTUAL, CONSTRAINT `c` CHECK ((`x` like _utf8mb4'a%')))",
      'CREATE SEQUENCE `s` as int unsigned start with 1 minvalue 1 maxvalue 9 increment by 1 cache 1000 nocycle ENGINE=InnoDB',
      "CREATE TABLE `m` (`a` int /*!80023 INVISIBLE */, `g` geometry /*!80003 SRID 4326 */, KEY `k` (`a`) /*!80000 INVISIBLE */, CHECK (`a` > 0) /*!80016 NOT ENFORCED */) /*!80021 ENGINE_ATTRIBUTE '{}' */",
      'DROP TABLE IF EXISTS `m` CASCADE',
    ];
    expect(judged(dump).map((why, at) => why && `${dump[at]}: ${why}`)).toEqual(dump.map(() => undefined));
  });

  it('may hold texts of many million characters, and is refused in no time where it is full of quotes that never close', () => {
    const text = 'ab\\0'.repeat(5_000_000);
    expect(judged(['CREATE TABLE t (a longblob)', `INSERT INTO t VALUES ('${text}'),("x")`])).toEqual([
      undefined,
      undefined,
    ]);
    expect(judged(['CREATE TABLE t (a longblob)', `INSERT INTO t VALUES ('${text}', f())`])[1]).toEqual(
      expect.any(String),
    );
    const hostile = ['"\\"\\"'.repeat(400_000), '/* '.repeat(20_000), 'AS $a$ '.repeat(20_000)];
    for (const each of hostile) expect(judged([`CREATE TABLE t (a int) ${each}`])).toEqual([expect.any(String)]);
  }, 30_000);

  it.each([
    ['CREATE TABLE t (LIKE v)'],
    ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (1 /*!50705 , (SELECT 1) */)'],
    ['CREATE TABLE t (a int)', 'INSERT INTO t VALUES (/*!50705 f(),*/ 1)'],
    ['CREATE TABLE t (a int)', "INSERT INTO t VALUES (CONCAT(f(), 'x'))"],
    [
      ...['CREATE TABLE t (a int)', 'CREATE TABLE u (a int)'],
      'CREATE TRIGGER i AFTER INSERT ON t FOR EACH ROW INSERT INTO u (a) VALUES (1)',
      ...['DROP TABLE u', 'CREATE VIEW u AS SELECT * FROM other.t', 'INSERT INTO t VALUES (1)'],
    ],
    [
      ...['CREATE TABLE t (a int)', 'CREATE TABLE u (a int)'],
      'CREATE TRIGGER i AFTER INSERT ON t FOR EACH ROW INSERT INTO u (a) VALUES (1)',
      'CREATE TRIGGER j AFTER INSERT ON u FOR EACH ROW CALL p()',
      'INSERT INTO t VALUES (1)',
    ],
    ["SELECT 'a' INTO OUTFILE '/tmp/x'"],
    ["SELECT 'a' FROM t"],
    ["SELECT 'a' AS f()"],
  ])('27: may not end with %j', (...statements) => {
    expect(judged(statements).at(-1)).toEqual(expect.any(String));
  });

  it('may not make an event that would run at once', () => {
    const event = 'CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1';
    expect(judged([event])).toEqual(['makes an event that would run at once']);
    expect(judged([event.replace('ENABLE', 'DISABLE')])).toEqual([undefined]);
  });
});
