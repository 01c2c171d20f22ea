import type { RowCounts } from '@app/domain';
import { InsertRowCounter } from './insert-row-counter.js';

function rows(dump: string | Buffer, size: number): RowCounts {
  const counter = new InsertRowCounter();
  const bytes = Buffer.from(dump as string);
  const piece = Buffer.alloc(size);
  for (let from = 0; from < bytes.length; from += size) {
    // The same memory again and again: nothing of a chunk may be looked at after its turn.
    counter.update(piece.subarray(0, bytes.copy(piece, 0, from, from + size)));
  }
  return counter.finish();
}

const SIZES = [1, 2, 3, 5, 7, 16, 31, 64, 1_023, 1_025, 100_000];

const HEADER = `/*M!999999\\- enable the sandbox mode */ 
-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, it's for debian-linux-gnu (x86_64)
--
-- Host: 127.0.0.1    Database: it's
/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40014 SET FOREIGN_KEY_CHECKS=0 */;

--
-- Table structure for table \`t\`
--

DROP TABLE IF EXISTS \`t\`;
/*!40101 SET character_set_client = utf8 */;
CREATE TABLE \`t\` (
  \`a\` int(11) DEFAULT NULL COMMENT 'it''s; \\nINSERT INTO \`x\` VALUES (1);',
  CHECK (\`a\` in (1,2))
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
`;

const ROUTINES = `
/*!50001 CREATE TABLE IF NOT EXISTS \`placeholder\` (\`a\` int) ENGINE=MyISAM */;
/*!50001 CREATE VIEW \`v\` AS SELECT
 1 AS \`a\` */;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=\`root\`@\`%\`*/ /*!50003 TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN
  -- don't count this
INSERT INTO \`log\` VALUES (1),(2);
  # nor "this
  SET @x = ';;';
END */;;
DELIMITER ;
delimiter $$
CREATE PROCEDURE p() BEGIN
INSERT INTO log VALUES (3);
END $$
DELIMITER ;
`;

describe.each(SIZES)('The rows in a dump that comes in pieces of %p bytes', (size) => {
  it.each<[string, string | Buffer, RowCounts]>([
    ['none', '-- MariaDB dump 10.19\n-- Dump completed', {}],
    ['of a table without rows', HEADER, { t: 0 }],
    ['as MariaDB writes them', `${HEADER}INSERT INTO \`t\` VALUES\n(1),\n(2),\n(NULL);\n`, { t: 3 }],
    ['as Oracle writes them', `${HEADER}INSERT INTO \`t\` VALUES (1),(2),(NULL);\n`, { t: 3 }],
    [
      'of several statements',
      'INSERT INTO `t` VALUES (1),(2);\nINSERT INTO `u` VALUES (1);\nINSERT INTO `t` VALUES (3);\n',
      { t: 3, u: 1 },
    ],
    [
      'with a list of columns',
      'INSERT INTO `t` (`a`, `b(;)`, `values`) VALUES (1,2,3),\n(4,5,6);\nREPLACE INTO `u` (`a`) VALUES (1);\nINSERT  IGNORE INTO `w` VALUES (1);\n',
      { t: 2, u: 1, w: 1 },
    ],
    [
      'with all that may be in a text',
      String.raw`INSERT INTO t VALUES (1,'it''s'),(2,'\'),('),(3,'\\'),(4,'a"b` +
        '`c' +
        String.raw`'),(5,'x;\n-- y /* z'),(6,'),('),(7,'');` +
        '\n',
      { t: 7 },
    ],
    [
      'with binary values',
      Buffer.concat([
        Buffer.from("INSERT INTO `t` VALUES (0xDEADBEEF,_binary '"),
        Buffer.from([0xff, 0xfe, 0x5c, 0x27, 0x29, 0x2c, 0x28, 0x5c, 0x30, 0x5c, 0x5c]),
        Buffer.from("',NULL,-1.5e-10,b'101'),(1,'',\"dou\\\"ble),(\",3,4);\n"),
      ]),
      { t: 2 },
    ],
    [
      'of tables with odd names',
      'CREATE TABLE `a.b` (x int);\nINSERT INTO `c``;d` VALUES (1);\nINSERT INTO `db`.`größe 🐘` VALUES (1),(2);\nINSERT INTO plain VALUES (1);\nCREATE TABLE IF NOT EXISTS `values` (a int);INSERT INTO `values` VALUES (1);',
      { 'a.b': 0, 'c`;d': 1, 'größe 🐘': 2, plain: 1, values: 1 },
    ],
    [
      'between locks and keys',
      'LOCK TABLES `t` WRITE;\n/*!40000 ALTER TABLE `t` DISABLE KEYS */;\nINSERT INTO `t` VALUES (1);\n/*!40000 ALTER TABLE `t` ENABLE KEYS */;\nUNLOCK TABLES;\n',
      { t: 1 },
    ],
    [
      'and not in the bodies of routines',
      `INSERT INTO t VALUES (1);${ROUTINES}INSERT INTO u VALUES (1);\n`,
      { t: 1, u: 1 },
    ],
    [
      'and not in comments',
      "-- INSERT INTO a VALUES (1);\n# INSERT INTO b VALUES (1);\n/* it's\nINSERT INTO c VALUES (1); **/\n--\nINSERT INTO t VALUES (1);\n--\n",
      { t: 1 },
    ],
    [
      'and not what is done about duplicates',
      'INSERT INTO t VALUES (1),(2) ON DUPLICATE KEY UPDATE a=VALUES(a), b=(1);\nINSERT INTO u VALUES (1);\n',
      { t: 2, u: 1 },
    ],
    ['after a very long text', `INSERT INTO t VALUES ('${'x\\\\'.repeat(3_000)}'),(2);\n`, { t: 2 }],
    [
      'with comments within and between them',
      "INSERT INTO t VALUES (1, -- it's )\n 2),\n/* (x), */ (3,4) # ;\n,(5,6);\nINSERT INTO u VALUES (1);\n",
      { t: 3, u: 1 },
    ],
    [
      'with comments before them',
      'CREATE TABLE IF NOT EXISTS -- x\n`w` (a int);\nINSERT /* a */ INTO # b\n t -- c\n VALUES (1),(2);\n',
      { w: 0, t: 2 },
    ],
    ['under another delimiter', 'DELIMITER $$\nINSERT INTO t VALUES (1),(2)$$\nDELIMITER ;\n', { t: 2 }],
    [
      'in which a backslash is one',
      `SET @x = '${'x'.repeat(2_000)}', sql_mode = 'NO_BACKSLASH_ESCAPES';\nINSERT INTO t VALUES ('\\'),(2),('\\');\n`,
      { t: 3 },
    ],
    ['before what the clients do not send', 'INSERT INTO t VALUES (1);\n\x1a', { t: 1 }],
    ['with brackets of their own', 'INSERT INTO t VALUES (f(1),(2)),(3,g(h()));\n', { t: 2 }],
  ])('are counted: %s', (_title, dump, expected) => {
    expect(rows(dump, size)).toEqual(expected);
  });

  it.each(['INSERT INTO t SELECT * FROM u;', 'INSERT INTO t SET a = 1;', 'INSERT INTO t;'])(
    'are not guessed: %j',
    (dump) => {
      expect(() => rows(dump, size)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
    },
  );

  it.each(["INSERT INTO t VALUES (1),('x", 'INSERT INTO t VALUES (1)', 'INSERT INTO t', 'CREATE TABLE `t` (', '/* x'])(
    'are not those of a dump that is cut off: %j',
    (dump) => {
      expect(() => rows(dump, size)).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
    },
  );
});
