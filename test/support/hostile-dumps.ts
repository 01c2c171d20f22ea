/** What reaches beyond the database in which a dump is loaded. `$FILE`: a file that is not there yet. */
export function hostileDumps(mariadb: boolean): string[] {
  const both = [
    // Word for word from the issue.
    'TRUNCATE shop.orders;',
    'DROP TABLE IF EXISTS nothing, other.victim;',
    'DELETE x FROM victim.t x;',
    'DROP PROCEDURE IF EXISTS shop.p;',
    'CREATE TRIGGER victim.tr2 BEFORE INSERT ON victim.t FOR EACH ROW SET @a = 1;',
    'CREATE TRIGGER victim.tr2 BEFORE INSERT ON t FOR EACH ROW SET @a = 1;',
    'SET GLOBAL max_connections=77;',
    `SET PASSWORD FOR app = 'new';`,
    'ALTER TABLE t RENAME TO other.x;',
    'TRUNCATE shop.orders;\nINSERT INTO nosuch VALUES (1);',
    'DELIMITER $$\nINSERT INTO t VALUES (9,9); DROP TABLE other.t$$',
    'DELIMITER $$\nSELECT 1; DROP TABLE other.t; $$\nDELIMITER ;',
    `SET sql_mode = CONCAT('NO_BACKSLASH', '_ESCAPES');\nINSERT INTO t VALUES (9, '\\\\'); DROP TABLE other.t; -- ');`,
    `SET sql_mode = 1048576;\nSELECT '\\\\'; DROP TABLE other.t; -- ';`,
    // Its default is the number of NO_BACKSLASH_ESCAPES.
    `CREATE TABLE h (a varchar(9), b int);\nDELIMITER ;;\nCREATE FUNCTION hole() RETURNS int DETERMINISTIC BEGIN DELETE FROM other.t; RETURN 1; END;;\nDELIMITER ;\nSET sql_mode = @@innodb_sort_buffer_size;\nINSERT INTO h VALUES ('\\', hole()) -- ');`,
    `SET NAMES gbk;\nSELECT '\xbf\\'; DROP TABLE other.t; -- ';`,
    `SET character_set_client = gbk;\nINSERT INTO t VALUES (9, '\xbf\\'); TRUNCATE shop.orders; -- ');`,
    `DROP TABLE${' '.repeat(2100)}other.t;`,
    `INSERT INTO${' '.repeat(2100)}other.t VALUES (9,9);`,
    `INSERT INTO/*${'x'.repeat(2100)}*/other.t VALUES (9,9);`,
    'SELECT 1 --\x01 ;\nDROP TABLE other.t;',
    'SELECT 1 --\x01 ; DROP TABLE other.t;\nDROP TABLE other.t;',
    // Other databases.
    'DROP TABLE other.t;',
    'DROP TABLE `other` . `t`;',
    'DROP TABLE "other"."t";',
    'drop/**/table/**/other/**/./**/t;',
    '/*!50000 DROP TABLE other.t */;',
    '/*!50000 DROP */ /*!50000 TABLE */ /*!50000 other.t */;',
    'DROP VIEW IF EXISTS t2, other.v;',
    'DROP FUNCTION other.f;',
    'DROP EVENT other.e;',
    'DROP TRIGGER other.tr;',
    'DROP DATABASE other;',
    'DROP SCHEMA IF EXISTS other;',
    'CREATE DATABASE fresh;',
    'ALTER DATABASE other CHARACTER SET latin1;',
    'CREATE TABLE other.fresh (a int);',
    'CREATE TABLE other.fresh LIKE t;',
    'CREATE TABLE fresh AS SELECT * FROM other.t; UPDATE other.t SET a = 5;',
    'CREATE VIEW other.fresh AS SELECT 1;',
    'CREATE OR REPLACE VIEW other.v AS SELECT 2 AS id;',
    'CREATE PROCEDURE other.fresh() SELECT 1;',
    'CREATE FUNCTION other.fresh() RETURNS int DETERMINISTIC NO SQL RETURN 1;',
    'CREATE EVENT other.fresh ON SCHEDULE EVERY 1 DAY DO SELECT 1;',
    'ALTER EVENT other.e ENABLE;',
    'ALTER TABLE other.t ADD COLUMN b int;',
    'ALTER TABLE other.t DROP COLUMN a;',
    'RENAME TABLE other.t TO other.u;',
    'RENAME TABLE t TO other.x;',
    'ALTER TABLE t ADD KEY z (a), RENAME other.x;',
    'CREATE INDEX i ON other.t (a);',
    'DROP INDEX i ON other.t;',
    'INSERT INTO other.t VALUES (9,9);',
    'INSERT INTO other.t SELECT 9, 9;',
    'REPLACE other.t VALUES (1,9);',
    'INSERT INTO t VALUES (9,9); INSERT INTO other.t VALUES (9,9);',
    'UPDATE other.t SET a = 9;',
    'UPDATE t, other.t AS o SET o.a = 9;',
    'UPDATE t JOIN other.t o ON 1 SET o.a = 9;',
    'DELETE FROM other.t;',
    'DELETE other.t FROM other.t JOIN t;',
    'DELETE FROM o USING other.t AS o;',
    'TRUNCATE TABLE other.t;',
    'ANALYZE TABLE other.t;\nTRUNCATE other.t;',
    'LOCK TABLES other.t WRITE;\nDELETE FROM other.t;',
    'USE other;\nDROP TABLE t;',
    'CALL other.p();',
    'CREATE VIEW w AS SELECT * FROM other.t;\nUPDATE w SET a = 9;',
    'CREATE VIEW w AS SELECT * FROM other.t;\nINSERT INTO w VALUES (9, 9);',
    'CREATE ALGORITHM=MERGE DEFINER=root@localhost SQL SECURITY DEFINER VIEW w AS SELECT * FROM other.t;\nDELETE FROM w;',
    `PREPARE s FROM 'DROP TABLE other.t';\nEXECUTE s;`,
    `SET @s = CONCAT('DROP TABLE ', 'other', '.t');\nPREPARE s FROM @s;\nEXECUTE s;`,
    'DELIMITER ;;\nCREATE PROCEDURE z() BEGIN DELETE FROM other.t; END;;\nDELIMITER ;\nCALL z();',
    'DELIMITER ;;\nCREATE DEFINER=root@localhost PROCEDURE z() SQL SECURITY DEFINER BEGIN DELETE FROM other.t; END;;\nDELIMITER ;\nCALL z();',
    `DELIMITER ;;\nCREATE FUNCTION z() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM other.t; RETURN 1; END;;\nDELIMITER ;\nSET @a = z();`,
    `DELIMITER ;;\nCREATE FUNCTION z() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM other.t; RETURN 1; END;;\nDELIMITER ;\nINSERT INTO t VALUES (z(), 1);`,
    'DELIMITER ;;\nCREATE TRIGGER z BEFORE INSERT ON t FOR EACH ROW DELETE FROM other.t;;\nDELIMITER ;\nINSERT INTO t VALUES (99,99);',
    'DELIMITER ;;\nCREATE DEFINER=`root`@`%` TRIGGER z BEFORE INSERT ON t FOR EACH ROW DELETE FROM other.t;;\nDELIMITER ;\nINSERT INTO t VALUES (99,99);',
    '/*!50003 CREATE*/ /*!50017 */ /*!50003 trigger shop.audit BEFORE INSERT ON shop.orders FOR EACH ROW SET @a = 1 */;',
    // The server and its accounts.
    `SET @@GLOBAL.max_connections = 77;`,
    'SET @a = 1, GLOBAL max_connections = 77;',
    'SET SESSION sql_notes = 0, @@global.max_connections = 77;',
    '/*!40101 SET GLOBAL max_connections = 77 */;',
    `CREATE USER mallory@'%' IDENTIFIED BY 'x';`,
    `ALTER USER app@'%' IDENTIFIED BY 'x';`,
    `DROP USER app@'%';`,
    `RENAME USER app@'%' TO mallory@'%';`,
    `GRANT ALL ON *.* TO app@'%';`,
    'GRANT SELECT ON other.* TO app@`%`;',
    `REVOKE SELECT ON shop.* FROM app@'%';`,
    'CREATE ROLE mallory;',
    `INSERT INTO mysql.db (Host, Db, User) VALUES ('%', 'other', 'mallory');`,
    `UPDATE mysql.db SET User = 'mallory';`,
    'DELETE FROM mysql.tables_priv;\nDROP TABLE mysql.tables_priv;',
    'FLUSH TABLES WITH READ LOCK;\nKILL 1;',
    `CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'localhost');`,
    `INSTALL PLUGIN p SONAME 'p.so';`,
    `UNINSTALL PLUGIN ${mariadb ? 'unix_socket' : 'validate_password'};`,
    `CREATE FUNCTION z RETURNS STRING SONAME 'z.so';`,
    'PURGE BINARY LOGS BEFORE NOW();',
    `CHANGE MASTER TO MASTER_HOST='x';`,
    'SHUTDOWN;',
    // Files.
    `SELECT 1 INTO OUTFILE '$FILE';`,
    `SELECT 1 INTO DUMPFILE '$FILE';`,
    `SELECT * FROM t INTO OUTFILE '$FILE';`,
    `INSERT INTO t VALUES (9, 9), (10, (SELECT 1 FROM t LIMIT 1 INTO OUTFILE '$FILE'));`,
    `LOAD DATA INFILE '/etc/passwd' INTO TABLE t;`,
    `LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE t;`,
    '\\! touch $FILE',
    'system touch $FILE',
    'tee $FILE\nSELECT 1;',
    'source $FILE',
    // What this service would take for its own.
    'CREATE TABLE `__backup_service_programs` (kind VARCHAR(16), name VARCHAR(64), position INT, text LONGBLOB);',
  ];
  const ofMariadb = [
    'SET STATEMENT max_statement_time=100 FOR DROP DATABASE other;',
    'SET STATEMENT max_statement_time=100 FOR DROP TABLE other.t;',
    'SET STATEMENT sql_mode="" FOR TRUNCATE shop.orders;',
    `EXECUTE IMMEDIATE 'DROP TABLE other.t';`,
    'BEGIN NOT ATOMIC DROP TABLE other.t; END;',
    'DELIMITER ;;\nBEGIN NOT ATOMIC DELETE FROM other.t; END;;',
    'CREATE OR REPLACE TABLE other.t (a int);',
    'CREATE SEQUENCE other.s;',
    'SET DEFAULT ROLE NONE FOR app@`%`;\nDROP ROLE IF EXISTS x;\nDROP TABLE other.t;',
    '/*M!100100 DROP TABLE other.t */;',
    '/*M!100100 DROP */ TABLE other.t;',
  ];
  const ofMysql = [
    '/*!80000 DROP TABLE other.t */;',
    'SET PERSIST max_connections = 77;',
    'SET @@PERSIST.max_connections = 77;',
    'RESET PERSIST;\nSET GLOBAL max_connections = 77;',
    'CREATE RESOURCE GROUP g TYPE = USER;',
    `CREATE TABLESPACE ts ADD DATAFILE 'ts.ibd';`,
    'ALTER INSTANCE ROTATE INNODB MASTER KEY;\nDROP TABLE other.t;',
    `CREATE SPATIAL REFERENCE SYSTEM 990001 NAME 'x' DEFINITION 'x';\nDROP TABLE other.t;`,
    'TABLE t INTO OUTFILE "$FILE";',
    `VALUES ROW(1) INTO OUTFILE '$FILE';`,
    'WITH c AS (SELECT 1) DELETE FROM other.t;',
  ];
  return [...both, ...(mariadb ? ofMariadb : ofMysql)];
}

const VERBS = [
  ...[
    'DROP TABLE',
    'DROP VIEW',
    'DROP PROCEDURE',
    'DROP TRIGGER',
    'DROP EVENT',
    'DROP DATABASE',
    'TRUNCATE',
    'TRUNCATE TABLE',
  ],
  ...[
    'DELETE FROM',
    'DELETE x FROM',
    'INSERT INTO',
    'REPLACE INTO',
    'UPDATE',
    'ALTER TABLE',
    'RENAME TABLE',
    'CREATE TABLE',
    'CREATE VIEW',
  ],
  ...[
    'CREATE TRIGGER',
    'CREATE FUNCTION',
    'CREATE EVENT',
    'CALL',
    'DO',
    'SET',
    'SET GLOBAL',
    'SET PASSWORD FOR',
    'GRANT ALL ON',
    'LOCK TABLES',
  ],
  ...[
    'SET STATEMENT max_statement_time=9 FOR DROP TABLE',
    'ALTER DATABASE',
    'CREATE INDEX i ON',
    'ALTER EVENT',
    'DROP USER',
    'ALTER USER',
    'PREPARE s FROM',
  ],
];
const NAMES = [
  'other.t',
  'victim.victim',
  'shop.orders',
  '`other`.`t`',
  '"other"."t"',
  'other . t',
  'other/**/.t',
  'other',
  't',
  'app',
  '`t`',
  `'other'.'t'`,
  'x, other.t',
  't x, other.t',
  '.other.t',
  'mysql.db',
];
const TAILS = [
  '',
  ' VALUES (9,9)',
  ' SET a = 9',
  ' x',
  ' RENAME TO other.x',
  ' TO other.x',
  ' (a int)',
  ' AS SELECT * FROM other.t',
  ' WRITE',
  ' LIKE other.t',
  ' max_connections = 77',
  ` = 'new'`,
  ' TO app',
  ' BEFORE INSERT ON other.t FOR EACH ROW SET @a = 1',
  ' CHARACTER SET latin1',
  ' ON SCHEDULE EVERY 1 DAY DO SELECT 1',
  ' ENABLE',
  '()',
  ` IDENTIFIED BY 'x'`,
  ` INTO OUTFILE '$FILE'`,
  `'DROP TABLE other.t'; EXECUTE s`,
];
const BEFORE = [
  '',
  '',
  '',
  '/*!50000 ',
  '/*!99999 ',
  '/*M!100000 ',
  '/* ',
  '-- \n',
  '--\x01',
  '# \n',
  '\\',
  "'",
  '"',
  '`',
  '\xbf',
  ';;',
  'SELECT 1; ',
  'IF EXISTS ',
  "SELECT '\\'; ",
  "SELECT '\xbf\\'; ",
  'SELECT "\\"; ',
  'SELECT 1 */ ; ',
  ' '.repeat(300),
];
const PREFACES = [
  '',
  '',
  '',
  'SET NAMES gbk;\n',
  'SET NAMES sjis;\n',
  "SET sql_mode = CONCAT('NO_BACKSLASH_','ESCAPES');\n",
  'SET sql_mode = 1048576;\n',
  "SET sql_mode = 'ANSI_QUOTES';\n",
  'SET @@sql_mode = 4;\n',
  'DELIMITER $$\n',
  'DELIMITER //\n',
  'SET character_set_client = big5;\n',
  'SET @@character_set_client = @x;\n',
  "SET sql_mode='ORACLE';\n",
];
const ENDS = [
  ';',
  ';',
  ';',
  '$$',
  '//',
  '*/;',
  '*/',
  ';;',
  '\\g',
  '\\G',
  "';",
  '";',
  '-- ;\n;',
  '; DROP TABLE other.t;',
];

/** Statements that are put together from pieces with a meaning to some lexer, and then damaged. The same for each seed. */
export function* mutations(seed: number, count: number): Generator<string> {
  let state = seed * 2_654_435_761;
  const random = (below: number): number => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
  const pick = (list: readonly string[]): string => list[random(list.length)] as string;
  for (let made = 0; made < count; made += 1) {
    let text =
      pick(PREFACES) +
      pick(BEFORE) +
      pick(VERBS) +
      pick([' ', ' ', '\n', '/**/', '\t', '\x0b', '  ']) +
      pick(NAMES) +
      pick(TAILS) +
      pick(ENDS);
    for (let change = random(4); change > 0; change -= 1) {
      const at = random(text.length);
      const how = random(4);
      if (how === 0) text = text.slice(0, at) + text.slice(at + 1);
      else if (how === 1) text = text.slice(0, at) + pick(BEFORE) + text.slice(at);
      else if (how === 2)
        text =
          text.slice(0, at) +
          pick(["'", '"', '`', '\\', ';', '/*', '*/', '--', '#', '\x00', '\n', '.']) +
          text.slice(at);
      else text = text.slice(0, at) + (text[at] ?? '').toUpperCase() + text.slice(at + 1);
    }
    // Nobody waits for these.
    yield /\b(SLEEP|BENCHMARK|GET_LOCK)\b/i.test(text) ? 'SELECT 1;' : text;
  }
}
