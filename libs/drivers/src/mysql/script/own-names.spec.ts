import { ownQualifiers, qualifierOf, without } from './own-names.js';

const stripped = (statement: string): string =>
  without(
    statement,
    ownQualifiers(statement, { isOwn: (name) => /^`?(shop|24shop)`?$/i.test(name), backslashEscapes: true }),
  );

describe('27: the name of the dumped database before other names', () => {
  it.each([
    ['CREATE TABLE IF NOT EXISTS `shop`.`t` (\n `a` INT)', 'CREATE TABLE IF NOT EXISTS `t` (\n `a` INT)'],
    ['create table shop . t (a int)', 'create table  t (a int)'],
    [
      'CREATE TABLE `t` (a INT, INDEX i (a ASC), FOREIGN KEY (a) REFERENCES `shop`.`u` (`b`) ON DELETE NO ACTION, event INT, x INT REFERENCES shop.v (a))',
      'CREATE TABLE `t` (a INT, INDEX i (a ASC), FOREIGN KEY (a) REFERENCES `u` (`b`) ON DELETE NO ACTION, event INT, x INT REFERENCES v (a))',
    ],
    ['DROP TABLE IF EXISTS `shop`.`t`, shop.u,`shop`.v', 'DROP TABLE IF EXISTS `t`, u,v'],
    ['DROP VIEW IF EXISTS `shop`.`v` ;', 'DROP VIEW IF EXISTS `v` ;'],
    ['DROP TRIGGER IF EXISTS `shop`.`x`', 'DROP TRIGGER IF EXISTS `x`'],
    ["INSERT INTO `shop`.`t` (`a`) VALUES ('shop.t'),(1)", "INSERT INTO `t` (`a`) VALUES ('shop.t'),(1)"],
    ['REPLACE shop.t VALUES (1)', 'REPLACE t VALUES (1)'],
    ['insert ignore into shop.t select shop.u.a from shop.u', 'insert ignore into t select u.a from u'],
    ['LOCK TABLES `shop`.`t` WRITE, `shop`.`u` READ', 'LOCK TABLES `t` WRITE, `u` READ'],
    [
      'ALTER TABLE `shop`.`t` ADD CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `shop`.`u` (`a`)',
      'ALTER TABLE `t` ADD CONSTRAINT `c` FOREIGN KEY (`a`) REFERENCES `u` (`a`)',
    ],
    ['CREATE INDEX `i` ON `shop`.`t` (`a`)', 'CREATE INDEX `i` ON `t` (`a`)'],
    [
      'CREATE TABLE t (a int DEFAULT nextval(`shop`.`s`), b int DEFAULT (NEXT VALUE FOR shop.s))',
      'CREATE TABLE t (a int DEFAULT nextval(`s`), b int DEFAULT (NEXT VALUE FOR s))',
    ],
    ['CREATE TABLE shop.t LIKE shop.u', 'CREATE TABLE t LIKE u'],
    ['/*!50001 CREATE TABLE `shop`.`v` (a int) */', '/*!50001 CREATE TABLE `v` (a int) */'],
    [
      'CREATE OR REPLACE VIEW shop.v AS SELECT shop.a.x, `shop`.f(a.y) FROM shop.a, (`shop`.`b` JOIN shop.c ON a.x = c.x), (SELECT 1 FROM shop.d) e WHERE EXISTS (SELECT 1 FROM shop.d)',
      'CREATE OR REPLACE VIEW v AS SELECT a.x, f(a.y) FROM a, (`b` JOIN c ON a.x = c.x), (SELECT 1 FROM d) e WHERE EXISTS (SELECT 1 FROM d)',
    ],
    ['CREATE DEFINER=`a`@`%` PROCEDURE `shop`.`p` () SELECT 1', 'CREATE DEFINER=`a`@`%` PROCEDURE `p` () SELECT 1'],
    [
      'CREATE FUNCTION shop.uuid_to_bin(a int) RETURNS int RETURN 1',
      'CREATE FUNCTION uuid_to_bin(a int) RETURNS int RETURN 1',
    ],
    // Words that are names there.
    ['CREATE TABLE event (a INT REFERENCES shop.venue (a))', 'CREATE TABLE event (a INT REFERENCES venue (a))'],
    ['CREATE VIEW event AS SELECT * FROM shop.venue', 'CREATE VIEW event AS SELECT * FROM venue'],
    ['CREATE TABLE 24shop.t (a int)', 'CREATE TABLE t (a int)'],
    [
      'CREATE VIEW shop.v AS WITH a AS (SELECT * FROM shop.t) SELECT * FROM a JOIN shop.u',
      'CREATE VIEW v AS WITH a AS (SELECT * FROM t) SELECT * FROM a JOIN u',
    ],
    [
      'CREATE VIEW shop.v AS (SELECT * FROM shop.v2) WITH CHECK OPTION',
      'CREATE VIEW v AS (SELECT * FROM v2) WITH CHECK OPTION',
    ],
    ['CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY DO SELECT 1', 'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1'],
  ])('is taken out of %s', (statement, expected) => {
    expect(stripped(statement)).toBe(expected);
  });

  it.each([
    // Aliases and tables of that name.
    'CREATE VIEW v AS SELECT shop.id, shop.name FROM other AS shop WHERE shop.id = 1 GROUP BY shop.id, shop.name',
    'CREATE VIEW v AS SELECT EXTRACT(YEAR FROM shop.d), TRIM(BOTH FROM shop.x), REPLACE(shop.a, shop.b, 1) FROM shop',
    'CREATE VIEW v AS SELECT shop.* FROM shop',
    'CREATE VIEW v AS SELECT view, shop.a FROM x AS shop',
    // The query would be read in the place of the table.
    'CREATE VIEW v AS WITH `orders` (a) AS (SELECT 1), b AS (SELECT 2) SELECT * FROM shop.orders UNION SELECT * FROM shop.b',
    // The server may have a function of that name.
    'CREATE VIEW v AS SELECT `shop`.`uuid_to_bin`(a), shop.REGEXP_REPLACE(a, 1, 2) FROM t',
    // The host of an account, and a variable.
    'CREATE DEFINER=app@shop.example.com VIEW v AS SELECT @shop.f(1), @shop.x.y',
    // Rows, also where their end is not there.
    "INSERT INTO t VALUE ('a FROM shop.t",
    "INSERT INTO t SET a = 'a FROM shop.t ",
    "INSERT INTO t SELECT 'a FROM shop.t ",
    "CREATE TABLE t (a varchar(9) DEFAULT 'shop.t' COMMENT '`shop`.`t`') -- shop.t\n",
    'INSERT INTO victim.t VALUES (1)',
    'CREATE VIEW v AS SELECT * FROM victim.t',
    'CREATE PROCEDURE p() SELECT * FROM shop.t',
    'CREATE TRIGGER shop.x BEFORE INSERT ON shop.t FOR EACH ROW SET @a = 1',
  ])('stays in %s', (statement) => {
    expect(stripped(statement)).toBe(statement);
  });

  it.each([
    ['CREATE TABLE IF NOT EXISTS `a`.`t` (x int)', '`a`'],
    ['INSERT INTO a.t VALUES (1)', 'a'],
    ['DROP TABLE IF EXISTS `a` . `t`', '`a`'],
    ['CREATE UNIQUE INDEX i ON a.t (x)', 'a'],
    ['CREATE DEFINER=`x`@`y.z` TRIGGER `a`.`t` BEFORE INSERT ON b FOR EACH ROW SET @a = 1', '`a`'],
    ['CREATE TABLE t (a int)', undefined],
    ['SET a.b = 1', undefined],
  ])('is found in %s', (words, expected) => {
    expect(qualifierOf(words)).toBe(expected);
  });
});
