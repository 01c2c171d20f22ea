import { hostileDumps } from './hostile-dumps.js';

/** What dump tools write of one database: most of what is made of it passes the guard, and meets what stands behind it. */
const PLAIN = [
  '/*!40101 SET @saved_cs_client     = @@character_set_client */;',
  '/*!50503 SET character_set_client = utf8mb4 */;',
  'SET @x = @@sql_notes;\nSET sql_notes = @x;',
  `/*!50003 SET sql_mode = 'STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION' */ ;`,
  '/*!40101 SET SQL_MODE=IFNULL(@OLD_SQL_MODE, "") */;',
  `SET TIME_ZONE='+00:00', UNIQUE_CHECKS=0;`,
  'SET @@SESSION.SQL_LOG_BIN= 0;',
  'DROP TABLE IF EXISTS `u`;',
  'DROP VIEW IF EXISTS w, `x`;',
  "CREATE TABLE u (id int NOT NULL, a varchar(9) DEFAULT 'x' COMMENT \"it's\", PRIMARY KEY (id)) ENGINE=InnoDB;",
  'CREATE TABLE IF NOT EXISTS `u` (`id` int /*!80023 INVISIBLE */, KEY `k` (`id`)) /*!50100 PARTITION BY HASH (id) PARTITIONS 2 */;',
  'CREATE TABLE g (a int, b int GENERATED ALWAYS AS (a + 1) STORED, CHECK (a > 0));',
  'CREATE TABLE `p` (\n  `a` int DEFAULT NULL,\n  CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `t` (`id`) ON DELETE CASCADE\n);',
  'ALTER TABLE `t` ADD COLUMN b int, MODIFY `a` int, COMMENT = "a; b";',
  '/*!40000 ALTER TABLE `t` DISABLE KEYS */;',
  'CREATE INDEX i2 ON t (a);',
  'LOCK TABLES `t` WRITE;\nINSERT INTO t VALUES (20,1);\nUNLOCK TABLES;',
  `INSERT INTO \`t\` (id, a) VALUES (31,-1),(32,NULL);`,
  `INSERT IGNORE INTO t VALUES (0x21,'5'),(34,"6");`,
  'REPLACE INTO t VALUES (1,9);',
  'CREATE VIEW w AS SELECT id FROM t;',
  '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`app`@`%` SQL SECURITY DEFINER */\n/*!50001 VIEW `w` AS select `t`.`id` AS `id` from `t` */;',
  'DELIMITER ;;\n/*!50003 CREATE*/ /*!50017 DEFINER=`app`@`%`*/ /*!50003 TRIGGER tr1 BEFORE INSERT ON t FOR EACH ROW SET @a = 1 */;;\nDELIMITER ;',
  'DELIMITER ;;\nCREATE DEFINER=`app`@`%` FUNCTION `fn`(a int) RETURNS int DETERMINISTIC\nBEGIN RETURN a + 1; END ;;\nDELIMITER ;',
  'DELIMITER $$\nCREATE PROCEDURE q(IN a int) SQL SECURITY INVOKER BEGIN -- a comment\n SELECT a; END$$\nDELIMITER ;',
  "DELIMITER ;;\n/*!50106 CREATE*/ /*!50117 DEFINER=`app`@`%`*/ /*!50106 EVENT `ev` ON SCHEDULE EVERY 1 YEAR STARTS '2037-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO DELETE FROM t */ ;;\nDELIMITER ;",
  'TRUNCATE TABLE t;',
  'START TRANSACTION;\nINSERT INTO t VALUES (50,1);\nCOMMIT;',
  'ALTER DATABASE `source` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ;',
];

/** Statements that reach beyond a database and are not in the list of hostile dumps. */
const RARE = [
  ...['HANDLER other.t OPEN', 'HANDLER other.t READ FIRST', `XA START 'x'`, `XA RECOVER`, `XA COMMIT 'x'`],
  ...['FLUSH PRIVILEGES', 'FLUSH LOGS', 'FLUSH TABLES other.t FOR EXPORT', 'FLUSH TABLES WITH READ LOCK'],
  ...['RESET MASTER', 'RESET BINARY LOGS AND GTIDS', 'RESET QUERY CACHE', 'RESET PERSIST', 'RESET REPLICA ALL'],
  ...['KILL 5', 'KILL QUERY 5', 'RESTART', 'LOCK INSTANCE FOR BACKUP', 'BACKUP STAGE START'],
  ...[`CLONE LOCAL DATA DIRECTORY = '$FILE'`, `IMPORT TABLE FROM '$FILE'`, `INSTALL COMPONENT 'file://component_x'`],
  ...[`INSTALL SONAME 'auth_ed25519'`, `UNINSTALL COMPONENT 'file://component_x'`, 'ALTER INSTANCE RELOAD TLS'],
  ...[
    'ALTER INSTANCE DISABLE INNODB REDO_LOG',
    `BINLOG 'AAAA'`,
    `SIGNAL SQLSTATE '45000'`,
    'SET PERSIST_ONLY port = 1',
  ],
  ...['SET GLOBAL init_connect = "DROP TABLE other.t"', 'SET GLOBAL read_only = 1', 'SET @@GLOBAL.sql_mode = ANSI'],
  ...[`CREATE USER x@'%' IDENTIFIED BY 'y'`, 'GRANT app TO root', 'SET ROLE ALL', 'SET DEFAULT ROLE ALL TO app'],
  ...[
    `SET PASSWORD = 'x'`,
    `ALTER USER USER() IDENTIFIED BY 'x'`,
    'GRANT PROXY ON root TO app',
    'REVOKE ALL ON *.* FROM app',
  ],
  ...[
    'DO other.f()',
    'SELECT other.f()',
    'SELECT * FROM other.t FOR UPDATE',
    'OPTIMIZE TABLE other.t',
    'CACHE INDEX other.t IN k',
  ],
  ...[
    'ALTER SERVER s OPTIONS (HOST "x")',
    'DROP SERVER IF EXISTS s',
    'CREATE UNDO TABLESPACE u ADD DATAFILE "$FILE.ibu"',
  ],
  ...[
    'CREATE LOGFILE GROUP g ADD UNDOFILE "$FILE"',
    'ALTER TABLESPACE mysql RENAME TO x',
    'CREATE LIBRARY other.l LANGUAGE JAVASCRIPT AS $$ 1 $$',
  ],
  ...[
    'CHANGE REPLICATION FILTER REPLICATE_DO_DB = (x)',
    'STOP REPLICA',
    'PURGE BINARY LOGS TO "x"',
    'SET GLOBAL event_scheduler = ON',
  ],
  ...[
    'CREATE TABLE z (a int) ENGINE=MERGE UNION=(other.t) INSERT_METHOD=LAST',
    `CREATE TABLE z (a int) DATA DIRECTORY='/tmp'`,
  ],
  ...[
    'CREATE TABLE z (a int) AS VALUES ROW(zf())',
    'CREATE TABLE z (a int) TABLE w',
    'CREATE TABLE z (a int DEFAULT (zf()))',
  ],
  ...[
    'ALTER TABLE t EXCHANGE PARTITION p WITH TABLE other.t',
    'ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES other.t (id) ON DELETE CASCADE',
  ],
  ...[
    `CREATE TABLE z (a int) ENGINE='CONNECT' TABLE_TYPE='CSV' FILE_NAME='$FILE'`,
    'ALTER DATABASE other READ ONLY = 1',
  ],
  ...[
    `LOAD XML INFILE '/etc/passwd' INTO TABLE other.t`,
    `LOAD DATA INFILE '/etc/passwd' INTO TABLE other.t`,
    `LOAD INDEX INTO CACHE other.t`,
  ],
  ...[
    'CREATE DEFINER=procedure@localhost PROCEDURE other.zz() SELECT 1',
    'CREATE DEFINER=event@x EVENT other.zz ON SCHEDULE EVERY 1 YEAR DO SELECT 1',
  ],
  ...['DROP /*!99999 VIEW a , */ DATABASE /*!99999 , */ other', 'CREATE /*!99999 VIEW v AS SELECT 1 */ DATABASE fresh'],
  ...['SET @x = @@foreign_key_checks', 'SET character_set_client = @x', 'SET sql_mode = DEFAULT', 'SET NAMES DEFAULT'],
  ...[
    '\\u other',
    '\\. $FILE',
    '\\T $FILE',
    'pager cat > $FILE',
    'use other',
    'connect other',
    'edit',
    'notee',
    'nopager',
    'charset gbk',
    '\\C gbk',
  ],
].map((text) => `${text};`);

/** Something of the dump that acts elsewhere when the server comes to run it. */
const TRAPS = [
  'DELIMITER ;;\nCREATE FUNCTION zf() RETURNS int DETERMINISTIC MODIFIES SQL DATA BEGIN DELETE FROM other.t; RETURN 1; END;;\nDELIMITER ;\n',
  'CREATE VIEW w AS SELECT id, a FROM other.t;\n',
  'DELIMITER ;;\nCREATE TRIGGER zt BEFORE INSERT ON t FOR EACH ROW DELETE FROM other.t;;\nDELIMITER ;\n',
  'CREATE TABLE body (a int);\nDELIMITER ;;\nCREATE TRIGGER zb BEFORE INSERT ON body FOR EACH ROW DELETE FROM other.t;;\nDELIMITER ;\n',
];
const SPRUNG = [
  'CREATE TABLE IF NOT EXISTS w (id int);\nINSERT INTO w VALUES (9,9);',
  'CREATE TABLE W (id int);\nINSERT INTO w VALUES (9,9);',
  'INSERT INTO body VALUES (1);',
  'INSERT INTO t VALUES (70,1);',
  'INSERT INTO t VALUES (71,zf());',
  'SET @a = zf();',
  'CREATE TABLE z AS SELECT zf();',
  'REPLACE w VALUES (9,9);',
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
  'w',
  'app',
];
const MORE_NAMES = [
  `'other'.'t'`,
  'x, other.t',
  't x, other.t',
  '.other.t',
  'mysql.db',
  '@@GLOBAL.sql_mode',
  '@x',
  'zf()',
  'other.f()',
];
const BLANKS = [
  '\t',
  '\v',
  '\f',
  '\r\n',
  '\n',
  '\0',
  '\x01',
  '\x1a',
  '\xa0',
  '\x85',
  '/**/',
  ' -- \n',
  ' --\x01\n',
  '# \n',
  '/*!*/',
  '/*!99999 x*/',
];
const HARMLESS_BLANKS = [
  ' ',
  '\n',
  '\t',
  '\v',
  '  ',
  '/**/',
  '/* x */',
  ' -- x\n',
  ' --\x01 x\n',
  ' #\n',
  ' -- "\n',
  " --\x02 '\n",
  ' # `\n',
  '/*!*/',
  ' '.repeat(300),
];
const PIECES = [
  ...[
    "'",
    '"',
    '`',
    '\\',
    ';',
    '/*',
    '*/',
    '--',
    '--\x01',
    '--\xa0',
    '#',
    '\0',
    '\n',
    '.',
    ',',
    '(',
    ')',
    '=',
    '@',
    '$$',
    ' AS $$',
    '\xbf',
    '\xff',
    '\x5c\x5c',
  ],
  ...[
    '/*!50000 ',
    '/*!99999 ',
    '/*!080000 ',
    '/*!',
    '/*M!100100 ',
    '/*M!',
    '/*+',
    '-- \n',
    '# \n',
    ';;',
    '\\g',
    '\\G',
    'SELECT 1; ',
    'IF EXISTS ',
    'GLOBAL ',
  ],
  ...[
    "SELECT '\\'; ",
    "SELECT '\xbf\\'; ",
    'SELECT "\\"; ',
    'SELECT 1 */ ; ',
    ` INTO OUTFILE '$FILE'`,
    ' RENAME TO other.x',
    ' SELECT zf()',
    ' TABLE w',
    ' DEFINER=`root`@`%`',
  ],
  ...[
    "_gbk'\xbf\\'",
    "n'",
    "x'",
    '0x',
    '1e',
    ':=',
    '{d ',
    '?',
    '%',
    '||',
    '&&',
    '<=>',
    ' DELIMITER $$\n',
    '\nDELIMITER //\n',
    '\nUSE other\n',
    '\n\\! touch $FILE\n',
  ],
];
const PREFACES = [
  ...[
    'SET NAMES gbk;\n',
    'SET NAMES sjis;\n',
    'SET NAMES latin1;\n',
    'SET NAMES cp850;\n',
    "SET sql_mode = CONCAT('NO_BACKSLASH_','ESCAPES');\n",
  ],
  ...[
    'SET sql_mode = 1048576;\n',
    "SET sql_mode = 'ANSI_QUOTES';\n",
    'SET @@sql_mode = 4;\n',
    "SET sql_mode='ORACLE';\n",
    'SET character_set_client = big5;\n',
  ],
  ...[
    'SET @@character_set_client = @x;\n',
    'SET character_set_client = @@foreign_key_checks;\n',
    'SET sql_mode = DEFAULT;\n',
    'DELIMITER $$\n',
    'DELIMITER //\n',
  ],
  ...[
    '/*!50003 ',
    'SET STATEMENT sql_mode = "" FOR ',
    'EXPLAIN ANALYZE ',
    'BEGIN NOT ATOMIC ',
    'WITH c AS (SELECT 1) ',
    '(',
    'PREPARE s FROM ',
    'EXECUTE IMMEDIATE ',
  ],
];
const ENDS = [
  '',
  '',
  '',
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
  ' AS SELECT * FROM other.t;',
  '\nDELIMITER ;\n',
];
const PARTS = /\/\*M?!\d*|\*\/|'(?:[^'\\]|\\[^])*'|"(?:[^"\\]|\\[^])*"|`[^`]*`|[\w$]+|\s+|[^]/g;
/** Nobody waits for these, and the tests have their own sessions to lose. */
const WAITS = /\b(SLEEP|BENCHMARK|GET_LOCK|SHUTDOWN|RESTART)\b/i;

/** The same for each seed. */
export class Chance {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (this.state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** Hostile and plain statements, damaged and put together anew. `$FILE` stands for a file that is not there. */
export function* mutatedStatements(seed: number, count: number, mariadb: boolean): Generator<string> {
  const chance = new Chance(seed);
  const hostile = [...hostileDumps(mariadb), ...RARE];
  const one = (): string => chance.of(chance.of([PLAIN, PLAIN, hostile]));
  for (let made = 0; made < count;) {
    let text = chance.below(6) === 0 ? chance.of(TRAPS) + chance.of(SPRUNG) : one();
    for (let change = chance.below(4); change > 0; change -= 1) text = changed(text, chance, one);
    if (chance.below(5) === 0) text = chance.of(PREFACES) + text;
    if (chance.below(5) === 0) text = chance.of(TRAPS) + text;
    if (chance.below(4) === 0) text += chance.of(ENDS);
    if (WAITS.test(text)) continue;
    made += 1;
    yield text;
  }
}

function changed(text: string, chance: Chance, another: () => string): string {
  const parts = text.match(PARTS) ?? [];
  const at = chance.below(parts.length + 1);
  const part = parts[at] ?? '';
  const put = (...instead: string[]): string => [...parts.slice(0, at), ...instead, ...parts.slice(at + 1)].join('');
  switch (chance.below(24)) {
    case 0:
      return put();
    case 1:
      return put(part, part);
    case 2:
      return put(parts[at + 1] ?? '', part);
    case 3:
    case 4:
      return replacedName(parts, chance);
    case 5:
    case 6:
      return put(chance.of(PIECES), part);
    case 7:
      return put(
        chance.of(['/*!50000 ', '/*!99999 ', '/*!80000 ', '/*M!100100 ', '/*!', '/* ', '/* /* ']),
        part,
        ' */',
      );
    case 8:
      return put(chance.below(2) === 0 ? part.toUpperCase() : part.toLowerCase());
    case 9:
      return [...parts]
        .map((each) => (/^\s+$/.test(each) && chance.below(2) === 0 ? chance.of(BLANKS) : each))
        .join('');
    case 10:
      return put(chance.of(BLANKS), part);
    case 11:
      return put(quoted(part, chance));
    case 12:
      return parts.slice(0, at).join('');
    case 13: {
      const other = another().match(PARTS) ?? [];
      return [...parts.slice(0, at), ...other.slice(chance.below(other.length + 1))].join('');
    }
    case 14:
      return chance.below(2) === 0 ? `${text}\n${another()}` : `${another()}\n${text}`;
    case 15:
      return wrapped(text.replace(/;\s*$/, ''), chance);
    // These mostly leave a statement what it is.
    case 16:
    case 17:
      return [...parts]
        .map((each) => (/^\s+$/.test(each) && chance.below(3) === 0 ? chance.of(HARMLESS_BLANKS) : each))
        .join('');
    case 18:
    case 19:
      return put(chance.of(['/*!50000 ', '/*!', '/*!40000 ', '/*!99999 ', '/*!80000 ', '/*M!100100 ']), part, '*/');
    case 20:
      return put(part, chance.of(HARMLESS_BLANKS));
    case 21:
      return text.replace(/[a-z]/gi, (letter) =>
        chance.below(4) === 0
          ? letter === letter.toUpperCase()
            ? letter.toLowerCase()
            : letter.toUpperCase()
          : letter,
      );
    case 22:
      return /^\w+$/.test(part) ? put(`\`${part}\``) : put(part, ' ');
    default:
      return chance.below(4) === 0 ? put(' '.repeat(2100), part) : put(chance.of(PIECES));
  }
}

function replacedName(parts: readonly string[], chance: Chance): string {
  const names = [...parts.keys()].filter((at) => /^[\w`]/.test(parts[at] ?? ''));
  const at = names.length === 0 ? 0 : chance.of(names);
  return parts.map((part, each) => (each === at ? chance.of(chance.of([NAMES, MORE_NAMES])) : part)).join('');
}

function quoted(part: string, chance: Chance): string {
  const bare = part.replace(/^(['"`])([^]*)\1$/, '$2');
  const quote = chance.of(["'", '"', '`', '$$', '']);
  return chance.of(['', '', '', '_utf8', '_gbk', 'n']) + quote + bare + quote;
}

/** Where a statement is run by another. */
function wrapped(text: string, chance: Chance): string {
  const literal = text.replaceAll('\\', '\\\\').replaceAll("'", "''");
  return chance.of([
    `PREPARE s FROM '${literal}';\nEXECUTE s;`,
    `SET @s = '${literal}';\nPREPARE s FROM @s;\nEXECUTE s;`,
    `EXECUTE IMMEDIATE '${literal}';`,
    `DELIMITER ;;\nCREATE PROCEDURE zp() BEGIN ${text}; END;;\nDELIMITER ;\nCALL zp();`,
    `DELIMITER ;;\nCREATE TRIGGER zt BEFORE INSERT ON t FOR EACH ROW BEGIN ${text}; END;;\nDELIMITER ;\nINSERT INTO t VALUES (60,1);`,
    `DELIMITER ;;\nCREATE FUNCTION zg() RETURNS int DETERMINISTIC BEGIN ${text}; RETURN 1; END;;\nDELIMITER ;\nINSERT INTO t VALUES (61,zg());`,
    `DELIMITER ;;\nCREATE EVENT ze ON SCHEDULE EVERY 1 SECOND DO BEGIN ${text}; END;;\nDELIMITER ;`,
    `BEGIN NOT ATOMIC ${text}; END;`,
    `SET STATEMENT max_statement_time=9 FOR ${text};`,
    `/*!50000 ${text} */;`,
    `/*!99999 SELECT 1 */ ${text};`,
    `SELECT 1 --\x01 ' ;\n${text} -- ';`,
  ]);
}
