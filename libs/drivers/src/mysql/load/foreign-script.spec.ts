import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { recogniseDump } from '../dump/mysql-dump.js';
import { tidyForeignScript } from './foreign-script.js';

const HEAD = `-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)
--
-- Host: localhost    Database: shop
-- ------------------------------------------------------
/*!40101 SET NAMES utf8mb4 */;
`;
const database = (name: string): string => `--
-- Current Database: \`${name}\`
--

/*!40000 DROP DATABASE IF EXISTS \`${name}\`*/;

CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${name}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 */ /*!80016 DEFAULT ENCRYPTION='N' */;

USE \`${name}\`;
`;
const table = (name: string, value: string): string => `
--
-- Table structure for table \`${name}\`
--

CREATE TABLE \`${name}\` (
  \`a\` varchar(90) DEFAULT 'USE x;'
);
INSERT INTO \`${name}\` VALUES ('${value}'),('; USE \`other\`;
');
DELIMITER ;;
CREATE TRIGGER t_${name} BEFORE INSERT ON ${name} FOR EACH ROW BEGIN SET @a = 1; END ;;
DELIMITER ;
`;
const END = '\n-- Dump completed on 2026-11-29 12:00:00\n';

async function tidied(script: string, sourceDatabase?: string, chunk = 7) {
  function* chunks(): Generator<Buffer> {
    const bytes = Buffer.from(script);
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const open = (): Readable => Readable.from(chunks(), { objectMode: false });
  const dump = tidyForeignScript({ format: 'plain', own: false, open }, { acceptIncomplete: false, sourceDatabase });
  const result = await text(dump.open());
  return { result, ...dump.outcome, databases: [...dump.outcome.databases], notes: [...dump.outcome.notes] };
}
/** Without what was made blank. */
const lines = (script: string): string[] =>
  script
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '');

describe('36: a foreign script of MySQL', () => {
  it('is left without messages of its tool, places of a replica and orders for logs, which are noted', async () => {
    const messages =
      'mysqldump: [Warning] Using a password on the command line interface can be insecure.\n' +
      'Warning: A partial dump from a server that has GTIDs will by default include the GTIDs of all transactions.\n';
    const replica = `CHANGE MASTER TO MASTER_LOG_FILE='binlog.000004', MASTER_LOG_POS=157;\nSTART SLAVE;\n`;
    const newer = `CHANGE REPLICATION SOURCE TO SOURCE_LOG_FILE='binlog.000004', SOURCE_LOG_POS=157;\n`;
    const script = messages + HEAD + replica + newer + 'FLUSH /*!50503 BINARY */ LOGS;\n' + table('t', 'one') + END;
    expect(recogniseDump(Buffer.from(script))).toBe('plain');
    const { result, notes } = await tidied(script, undefined, 100_000);
    expect(notes).toEqual([
      'messages of the dump program',
      ...['CHANGE MASTER TO', 'START SLAVE', 'CHANGE REPLICATION SOURCE TO', 'FLUSH BINARY LOGS'],
    ]);
    expect(lines(result)).toEqual(lines(HEAD + table('t', 'one') + END));
    expect(result.split('\n')).toHaveLength(script.split('\n').length);
  });
});

describe.each([1, 7, 100_000])('36: a foreign script of MySQL, read %d bytes at a time', (chunk) => {
  it('is left without how its one database is made and entered, which is noted', async () => {
    const script = HEAD + database('shop') + table('t', 'one') + END;
    const { result, notes, ended, contents, databases } = await tidied(script, undefined, chunk);
    expect({ notes, ended, contents, databases }).toEqual({
      notes: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE IF NOT EXISTS shop', 'USE shop'],
      ...{ ended: true, databases: ['shop'] },
      contents: { tables: 1, rows: true, withoutRows: [] },
    });
    expect(result.split('\n')).toHaveLength(script.split('\n').length);
    expect(lines(result)).toEqual(lines(script).filter((line) => !/^(USE|CREATE DATABASE|\/\*!40000 DROP)/.test(line)));
  });

  it('37: names all databases that it holds', async () => {
    const script = HEAD + database('shop') + table('t', 'one') + database('o`ther'.replace('`', '``')) + END;
    expect((await tidied(script, undefined, chunk)).databases).toEqual(['shop', 'o`ther']);
  });

  it.each([
    ['shop', 'one'],
    ['mid dle', 'two'],
    ['last', 'three'],
  ])('37: is cut down to the one that is asked for: %s', async (name, value) => {
    const names = ['shop', 'mid dle', 'last'];
    const values = ['one', 'two', 'three'];
    const script = HEAD + names.map((one, index) => database(one) + table('t', values[index] ?? '')).join('') + END;
    const { result, databases, ended } = await tidied(script, name, chunk);
    expect({ databases, ended }).toEqual({ databases: names, ended: true });
    expect(lines(result).join('\n')).toContain(lines(table('t', value)).join('\n'));
    for (const other of values.filter((one) => one !== value)) expect(result).not.toContain(`'${other}'`);
    expect(result.match(/CREATE TABLE/g)).toHaveLength(1);
    expect(result).not.toMatch(/^(USE|CREATE DATABASE)/m);
    expect(result).toMatch(/\n-- Dump completed\n$/);
  });

  it('keeps a USE behind what was made elsewhere, for the loader to refuse', async () => {
    const script = `${HEAD}${table('t', 'x')}USE \`shop\`;\n${END}`;
    const { result, databases } = await tidied(script, undefined, chunk);
    expect({ same: result === script, databases }).toEqual({ same: true, databases: [] });
  });

  it('37: is told from a dump of rows alone', async () => {
    expect(await tidied(`${HEAD}INSERT INTO t VALUES (1);${END}`, undefined, chunk)).toMatchObject({
      contents: { only: 'rows' },
    });
  });

  it('37: is asked which tables it makes, and of which it has no rows', async () => {
    const parts = [
      'CREATE TABLE `full` (a int);\nLOCK TABLES `full` WRITE;\nINSERT INTO `full` VALUES (1);\nUNLOCK TABLES;\n',
      'CREATE TABLE `empty` (a int);\nLOCK TABLES `empty` WRITE;\nUNLOCK TABLES;\n',
      'CREATE TABLE IF NOT EXISTS `left``out` (a int);\n',
      'CREATE TABLE `all` (a int) ENGINE=MRG_MyISAM UNION=(`full`,`empty`);\n',
      '/*!50001 CREATE TABLE `view` (a tinyint) */;\n',
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`a`@`b` SQL SECURITY DEFINER */\n/*!50001 VIEW `view` AS SELECT 1 AS a */;\n',
    ];
    const { contents } = await tidied(HEAD + parts.join('') + END, undefined, chunk);
    expect(contents).toEqual({ tables: 4, rows: true, withoutRows: ['left`out'] });
    expect((await tidied(`${HEAD}-- WHERE:  a < 3\nCREATE TABLE t (a int);${END}`, undefined, chunk)).contents).toEqual(
      {
        ...{ tables: 1, rows: false, withoutRows: [], condition: 'a < 3' },
      },
    );
    const value = `${HEAD}CREATE TABLE t (a text);INSERT INTO t VALUES ('\n-- WHERE:  a < 3\n');${END}`;
    expect((await tidied(value, undefined, chunk)).contents.condition).toBeUndefined();
  });
});
