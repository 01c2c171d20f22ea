import { definedObject, logSettings, onlyMakesLogged, withDefiner } from './statement-tokens.js';

describe('The definer of a statement', () => {
  it.each([
    ['CREATE DEFINER=`root`@`localhost` PROCEDURE `p`() SELECT 1', 'PROCEDURE p', 'root@localhost'],
    ["create definer = 'a b'@'%' sql security invoker view v as select 1", 'VIEW v', 'a b@%'],
    ['CREATE DEFINER="root"@"127.0.0.1" FUNCTION "x y"() RETURNS int RETURN 1', 'FUNCTION x y', 'root@127.0.0.1'],
    ['CREATE DEFINER=root@10.0.0.1 TRIGGER s.t BEFORE INSERT ON x FOR EACH ROW SET @a=1', 'TRIGGER t', 'root@10.0.0.1'],
    ['CREATE DEFINER=CURRENT_USER() EVENT IF NOT EXISTS e ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'EVENT e', undefined],
    ['CREATE DEFINER=`a_role` FUNCTION f() RETURNS int RETURN 1', 'FUNCTION f', 'a_role@'],
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`r``x`@`%`*/ /*!50003 TRIGGER `t` BEFORE INSERT ON x FOR EACH ROW SET @a=1 */',
      'TRIGGER t',
      'r`x@%',
    ],
    [
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 */',
      'VIEW v',
      'a@b',
    ],
    ['CREATE VIEW v AS SELECT 1', 'VIEW v', undefined],
    [
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 JSON RELATIONAL DUALITY VIEW `v` AS select 1 */',
      'VIEW v',
      'a@b',
    ],
    ['CREATE OR REPLACE DEFINER=a@b PACKAGE BODY p AS END', 'PACKAGE BODY p', 'a@b'],
  ])('is taken out of %s', (statement, object, definer) => {
    const found = definedObject(statement);
    expect(`${found?.kind} ${found?.name}`).toBe(object);
    expect(found?.definer).toBe(definer);
    expect(found?.statement).not.toMatch(/DEFINER ?=/i);
    expect(found?.statement).toHaveLength(statement.length);
  });

  it.each(['CREATE TABLE t (definer int)', 'INSERT INTO t VALUES (1)', 'CREATE DEFINER', 'DROP VIEW v'])(
    'is not looked for in %s',
    (statement) => expect(definedObject(statement)).toBeUndefined(),
  );
});

describe('Settings of the log', () => {
  it.each([
    'SET @@SESSION.SQL_LOG_BIN= 0',
    'set sql_log_bin=0',
    'SET SESSION sql_log_bin := 0',
    "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'a:1-5,\nb:1-7'",
    '/*!50000 SET @@session.`sql_log_bin` = @MYSQLDUMP_TEMP_LOG_BIN */',
    'SET LOCAL sql_log_bin = OFF, @@global.gtid_purged = ""',
  ])('are known in %s', (statement) => expect(logSettings(statement)).toBeDefined());

  it.each([
    'SET @a = 1',
    'SET NAMES utf8',
    'SET sql_log_bin = 0, GLOBAL max_connections = 5',
    'SET @sql_log_bin = @@sql_log_bin',
  ])('are not all that there is in %s', (statement) => expect(logSettings(statement)).toBeUndefined());
});

describe('What is made by somebody with SUPER', () => {
  it.each([
    'CREATE FUNCTION f() RETURNS int RETURN 1',
    'CREATE   FUNCTION `f g`(a int) RETURNS int RETURN 1',
    '/*!50003 CREATE*/ /*!50017 */ /*!50003 trigger t before insert on `x` for each row set @a = "1" */',
  ])('is %s', (statement) => expect(onlyMakesLogged(statement)).toBe(true));

  it.each([
    'CREATE FUNCTION z RETURNS STRING SONAME "z.so"',
    'CREATE FUNCTION other.f() RETURNS int RETURN 1',
    'CREATE TRIGGER t BEFORE INSERT ON other.x FOR EACH ROW SET @a = 1',
    'CREATE TRIGGER other.t BEFORE INSERT ON x FOR EACH ROW SET @a = 1',
    '/*!99999 CREATE FUNCTION f( */ SET GLOBAL max_connections = 1',
    '/*M!100000 CREATE FUNCTION f( */ DROP TABLE t',
    '/* CREATE FUNCTION f( */ DROP TABLE t',
    'CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST "x")',
    'CREATE PROCEDURE p() SELECT 1',
    'CREATE FUNCTION `\xbf`.`f`() RETURNS int RETURN 1',
    'SET STATEMENT x = 1 FOR CREATE FUNCTION f() RETURNS int RETURN 1',
  ])('is not %s', (statement) => expect(onlyMakesLogged(statement)).toBe(false));

  it('gets its definer behind the words that come first', () => {
    expect(withDefiner('CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1', "'a'@'b'")).toMatch(
      /^CREATE OR REPLACE DEFINER='a'@'b' +FUNCTION f/,
    );
    expect(withDefiner('/*!50003 CREATE*/ /*!50003 TRIGGER t */', "'a'@'b'")).toMatch(
      /^\/\*!50003 CREATE DEFINER='a'@'b' +\*\/ \/\*!50003 TRIGGER/,
    );
  });
});
