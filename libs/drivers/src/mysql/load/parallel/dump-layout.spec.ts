import { SessionState, kindOf, opensTail } from './dump-layout.js';
import { ClientScript } from './client-script.js';
import { lineEndsOf, replaced, rowHeadOf, statementText } from './row-statement.js';

describe('A statement of a dump', () => {
  it.each([
    ['create table', 'CREATE TABLE `a` (\n  `id` int\n) ENGINE=InnoDB'],
    ['drop', 'DROP TABLE IF EXISTS `a``b`'],
    ['insert', 'INSERT INTO `a` VALUES (1)'],
    ['other rows', 'INSERT  IGNORE INTO `a` VALUES (1)'],
    ['other rows', 'REPLACE INTO `a` VALUES (1)'],
    ['other rows', 'INSERT INTO a VALUES (1)'],
    ['before rows', 'LOCK TABLES `a` WRITE'],
    ['before rows', '/*!40000 ALTER TABLE `a` DISABLE KEYS */'],
    ['after rows', '/*!40000 ALTER TABLE `a` ENABLE KEYS */'],
    ['after rows', 'UNLOCK TABLES'],
    [
      'trigger',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a = 1 */',
    ],
    [
      'trigger',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`%`*/ /*!50003 trigger\nt before insert on a for each row set @a = 1 */',
    ],
    ['trigger', '/*!50003 CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a = 1 */'],
    ['pass', 'CREATE SEQUENCE `s` start with 1 minvalue 1'],
    ['pass', 'DO SETVAL(`s`, -2, 0)'],
    ['pass', 'SELECT SETVAL(`s`, 1001, 0)'],
    ['pass', '/*!50001 CREATE VIEW `v` AS SELECT\n 1 AS `a` */'],
    ['pass', '/*!50001 CREATE TABLE `v` (\n  `a` tinyint NOT NULL\n) ENGINE=MyISAM */'],
    ['pass', 'ALTER DATABASE `d` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'],
    [
      'tail',
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */',
    ],
    ['tail', '/*!50003 DROP PROCEDURE IF EXISTS `p` */'],
    ['tail', '/*!50106 DROP EVENT IF EXISTS `e` */'],
    ['unknown', 'LOCK TABLES `a` READ'],
    ['unknown', 'LOCK TABLES `a` WRITE, `b` WRITE'],
    ['unknown', 'DROP TABLE IF EXISTS `a`, `b`'],
    ['unknown', 'ALTER TABLE `a` ADD KEY (`b`)'],
    ['unknown', 'USE `other`'],
    ['unknown', 'CREATE DATABASE `other`'],
    ['unknown', 'UPDATE `a` SET b = 1'],
  ])('is told by its first words: %s, %j', (kind, statement) => {
    expect(kindOf(statement)).toBe(kind);
  });

  it('of routines, events and views is announced by a comment', () => {
    expect(opensTail("-- Dumping routines for database 'x'")).toBe(true);
    expect(opensTail("-- Dumping events for database 'x'")).toBe(true);
    expect(opensTail('-- Final view structure for view `v`')).toBe(true);
    expect(opensTail('-- Dumping data for table `x`')).toBe(false);
  });
});

const PREAMBLE = [
  '/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */',
  '/*!50503 SET NAMES utf8mb4 */',
  '/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */',
  `/*!40103 SET TIME_ZONE='+00:00' */`,
  '/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */',
  '/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */',
  `/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */`,
  '/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */',
  'SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN',
  'SET @@SESSION.SQL_LOG_BIN= 0',
];

function afterPreamble(): SessionState {
  const session = new SessionState();
  for (const statement of PREAMBLE) expect(session.kindOf(statement)).toBe('pass');
  session.endPreamble();
  return session;
}

describe('The settings of a dump', () => {
  it('that stand at its beginning are for every session', () => {
    const session = afterPreamble();
    expect(session.preamble).toEqual(PREAMBLE);
    expect(session.objection()).toBeUndefined();
    expect(session.kindOf('SELECT 1')).toBeUndefined();
  });

  it.each([
    ...[
      '/*!40101 SET NAMES latin1 */',
      `SET SQL_MODE='NO_BACKSLASH_ESCAPES'`,
      'SET FOREIGN_KEY_CHECKS=1',
      'SET wait_timeout = 5',
    ],
    ...['SET @a = 1', 'SET @@GLOBAL.x = 1, UNIQUE_CHECKS=0', 'SET character_set_client = latin1', 'SET PASSWORD = 1'],
  ])('that the dump tools do not write are not known: %j', (statement) => {
    expect(new SessionState().kindOf(statement) ?? 'unknown').toBe('unknown');
  });

  it('are all needed', () => {
    const session = new SessionState();
    session.kindOf('/*!40101 SET NAMES utf8 */');
    expect(session.objection()).toBe(
      'it does not set unique_checks, foreign_key_checks, sql_mode as mysqldump and mariadb-dump do',
    );
  });

  it('that change for one object and change back do not prevent a parallel load of what follows', () => {
    const session = afterPreamble();
    session.kindOf('/*!40101 SET @saved_cs_client     = @@character_set_client */');
    session.kindOf('/*!50503 SET character_set_client = utf8mb4 */');
    expect(session.objection()).toBeUndefined();
    session.kindOf('/*!40101 SET character_set_client = @saved_cs_client */');
    session.kindOf('SET @OLD_AUTOCOMMIT=@@AUTOCOMMIT, @@AUTOCOMMIT=0');
    expect(session.objection()).toBeUndefined();
    expect(session.kindOf('SET AUTOCOMMIT=@OLD_AUTOCOMMIT')).toBe('pass');
    expect(session.kindOf(`/*!50003 SET sql_mode              = 'ANSI_QUOTES,ORACLE' */`)).toBe('pass');
    expect(session.objection()).toBe('it has sql_mode set for a table');
    expect(session.kindOf('/*!50003 SET sql_mode              = @saved_sql_mode */')).toBe('pass');
    expect(session.objection()).toBeUndefined();
    session.kindOf('/*!50003 SET character_set_client  = latin1 */');
    expect(session.objection()).toBe('it has character_set_client set for a table');
  });

  it('that are put back end the tables', () => {
    expect(afterPreamble().kindOf('/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */')).toBe('tail');
  });
});

describe('A statement with rows', () => {
  const head = (text: string): string | undefined => rowHeadOf(Buffer.from(text));

  it('may go to any worker session when it has nothing but rows', () => {
    expect(head('INSERT INTO `a` VALUES (1);\n')).toBe('INSERT INTO `a` VALUES');
    expect(head('INSERT INTO `a``b` VALUES\n(1),\n(2);\n')).toBe('INSERT INTO `a``b` VALUES');
    expect(head('INSERT INTO `a` (`b`, `c,`) VALUES (1);\n')).toBe('INSERT INTO `a` (`b`, `c,`) VALUES');
    const columns = Array.from({ length: 3_000 }, (_, index) => `\`column_${index}\``).join(', ');
    expect(head(`INSERT INTO \`a\` (${columns}) VALUES (1);\n`)).toBe(`INSERT INTO \`a\` (${columns}) VALUES`);
  });

  it.each([
    'INSERT INTO `a` SELECT * FROM `b`;\n',
    'INSERT INTO `a` SET b = 1;\n',
    'INSERT INTO `a` (b) VALUES (1);\n',
    'INSERT INTO `d`.`a` VALUES (1);\n',
    'INSERT INTO `a` VALUES (1) ON DUPLICATE KEY UPDATE `b` = 1;\n',
    'INSERT INTO `a` VALUES (1) RETURNING `b`;\n',
  ])('must stay with the client when it is %j', (text) => {
    expect(head(text)).toBeUndefined();
  });

  it('leaves its line ends behind, and can be replaced', () => {
    expect(lineEndsOf(Buffer.from("INSERT INTO `a` VALUES\n(1),\n('\n');\n")).toString()).toBe('\n\n\n\n');
    expect(replaced(Buffer.from('CREATE TABLE `ü;` (x) ;\n'), 'SELECT 1').toString()).toBe('SELECT 1;\n');
    expect(statementText(Buffer.from('SELECT 1 ; \n'))).toBe('SELECT 1');
    expect(statementText(Buffer.from('SELECT 1;;\n'))).toBe('SELECT 1');
  });
});

it('A line that the client names is found in the dump, whatever was put in before it', () => {
  const given: string[] = [];
  const never = { next: () => ({ statement: 'SELECT 1', reached: Promise.resolve() }) };
  const client = new ClientScript(never, (bytes) => given.push(bytes.toString()));
  expect(client.dumpLine(7)).toBe(7);
  client.insert('SET a', 10);
  void client.done(10);
  void client.done(20);
  // The client has 10 and 11 from us, then lines 10 to 19 of the dump, one of ours, and line 20.
  expect([9, 10, 11, 12, 21, 22, 23].map((line) => client.dumpLine(line))).toEqual([9, 10, 10, 10, 19, 20, 20]);
  expect(given).toEqual(['SET a;\n', 'SELECT 1;\n', 'SELECT 1;\n']);
});
