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

  it('is left without the prepared statements by which mysqldump of Percona has RocksDB load faster, and with all others', async () => {
    const prepared = (version: string, variable: string): string =>
      `/*!${version} PREPARE s FROM @${variable} */;\n/*!${version} EXECUTE s */;\n/*!${version} DEALLOCATE PREPARE s */;\n`;
    const before =
      `/*!50717 SELECT COUNT(*) INTO @rocksdb_has_p_s_session_variables FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'performance_schema' AND TABLE_NAME = 'session_variables' */;\n` +
      `/*!50717 SET @rocksdb_get_is_supported = IF (@rocksdb_has_p_s_session_variables, 'SELECT COUNT(*) INTO @rocksdb_is_supported FROM performance_schema.session_variables WHERE VARIABLE_NAME=\\'rocksdb_bulk_load\\'', 'SELECT 0') */;\n` +
      prepared('50717', 'rocksdb_get_is_supported') +
      `/*!50717 SET @rocksdb_enable_bulk_load = IF (@rocksdb_is_supported, 'SET SESSION rocksdb_bulk_load = 1', 'SET @rocksdb_dummy_bulk_load = 0') */;\n` +
      prepared('50717', 'rocksdb_enable_bulk_load');
    const after =
      `/*!50112 SET @disable_bulk_load = IF (@is_rocksdb_supported, 'SET SESSION rocksdb_bulk_load = @old_rocksdb_bulk_load', 'SET @dummy_rocksdb_bulk_load = 0') */;\n` +
      prepared('50112', 'disable_bulk_load');
    const { result, notes } = await tidied(HEAD + before + table('t', 'one') + after + END, undefined, 100_000);
    expect(notes).toEqual(['SET rocksdb_bulk_load']);
    expect(lines(result)).toEqual(lines(HEAD + table('t', 'one') + END));
    const other = `PREPARE s FROM @x;\nEXECUTE s;\n`;
    expect((await tidied(HEAD + other + table('t', 'one') + END)).result).toContain(other);
  });
});

it.each([undefined, 'shop', 'crm'])(
  '27: a statement of rows is handed on while it is read, whatever is asked for: %s',
  async (sourceDatabase) => {
    const rows = `(1,'x'),`.repeat(100);
    function* chunks(): Generator<Buffer> {
      yield Buffer.from('CREATE TABLE shop.t (a int, b text);\nINSERT INTO shop.t VALUES ');
      for (let at = 0; at < 2_000; at += 1) yield Buffer.from(rows);
      yield Buffer.from(`(2,'');\nCREATE TABLE crm.t (a int);\n`);
    }
    const open = (): Readable => Readable.from(chunks(), { objectMode: false });
    const dump = tidyForeignScript({ format: 'plain', own: false, open }, { acceptIncomplete: false, sourceDatabase });
    let longest = 0;
    for await (const chunk of dump.open() as AsyncIterable<Buffer>) longest = Math.max(longest, chunk.length);
    expect(longest).toBeLessThan(100_000);
  },
);

describe.each([1, 7, 100_000])('36: a foreign script of MySQL, read %d bytes at a time', (chunk) => {
  it('is left without how its one database is made and entered, which is noted', async () => {
    const script = HEAD + database('shop') + table('t', 'one') + END;
    const { result, notes, ended, contents, databases } = await tidied(script, undefined, chunk);
    expect({ notes, ended, contents, databases }).toEqual({
      notes: ['DROP DATABASE IF EXISTS shop', 'CREATE DATABASE IF NOT EXISTS shop', 'USE shop'],
      ...{ ended: true, databases: ['shop'] },
      contents: { tables: 1, rows: true, withoutRows: [], names: ['t'] },
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
    const script = `${HEAD}${table('t', 'x')}USE \`other\`;\n${END}`;
    const { result, databases } = await tidied(script, undefined, chunk);
    expect({ same: result === script, databases }).toEqual({ same: true, databases: [] });
  });

  it('27: is left without the name of its database before other names, also of rows longer than what is kept', async () => {
    const rows = `(1,'\`shop\`.\`t\`'),`.repeat(4_000);
    const script = (of: string): string =>
      `CREATE TABLE IF NOT EXISTS ${of}\`t\` (a int REFERENCES ${of}\`u\` (b));\n` +
      `INSERT INTO ${of}\`t\` VALUES ${rows}(2,'');\nCREATE VIEW ${of}v AS SELECT * FROM ${of}\`t\`, ${of}u;\n` +
      `ALTER TABLE ${of}\`t\` ADD PRIMARY KEY (a);\nINSERT INTO other.t VALUES (1);\n`;
    const whole = (of: string): string => `CREATE SCHEMA IF NOT EXISTS \`shop\`;\n${script(of)}`;
    const { result, notes, databases } = await tidied(whole('`shop`.'), undefined, chunk === 1 ? 999 : chunk);
    const squeezed = (text: string): string[] => lines(text).map((line) => line.replace(/ +/g, ' '));
    expect(squeezed(result)).toEqual(squeezed(script(' ')));
    expect({ notes, databases }).toEqual({
      notes: ['CREATE SCHEMA IF NOT EXISTS shop', '"shop." before the names of its tables and other objects'],
      databases: ['shop'],
    });
  });

  it('27: of single tables, each with the name of the database before it, is taken for a dump of that one', async () => {
    const script = 'DROP TABLE IF EXISTS shop.t;\ncreate table shop.t (a int);\ninsert into shop.t values (1);\n';
    const { result, databases, contents } = await tidied(script, undefined, chunk);
    expect({ result: result.replace(/ +/g, ' '), databases }).toEqual({
      result: script.replaceAll('shop.', ''),
      databases: ['shop'],
    });
    expect(contents).toMatchObject({ tables: 1, rows: true });
    expect((await tidied(`${script}create table crm.t (a int);`, undefined, chunk)).databases).toEqual(['shop', 'crm']);
    expect((await tidied(`${HEAD}${script.replaceAll('shop.', 'crm.')}`, undefined, chunk)).databases).toEqual([]);
    const crm = await tidied(`${script}create table crm.x (a int);\ninsert into crm.x values (2);`, 'crm', chunk);
    expect(lines(crm.result.replace(/ +/g, ' '))).toEqual(['create table x (a int);', 'insert into x values (2);']);
  });

  it('27: of mysqlpump is cut down to the one that is asked for, though tables of several are mixed', async () => {
    const part = (name: string): string =>
      `CREATE DATABASE /*!32312 IF NOT EXISTS*/ \`${name}\`;\nCREATE TABLE \`${name}\`.\`t\` (a int)\n;\n`;
    const script =
      `SET NAMES utf8mb4;\n${part('one')}${part('two')}INSERT INTO \`one\`.\`t\` VALUES (1);\nINSERT INTO \`two\`.\`t\` VALUES (2);\n` +
      `USE \`one\`;\nALTER TABLE \`one\`.\`t\` ADD KEY (a);\nDELIMITER //\nCREATE TRIGGER \`two\`.\`x\` BEFORE INSERT ON \`t\` FOR EACH ROW SET @a = 1//\nDELIMITER ;\n` +
      `USE \`two\`;\nALTER TABLE \`two\`.\`t\` ADD KEY (a);\n-- Dump end time: x\n`;
    const { result, ended, databases } = await tidied(script, 'two', chunk);
    expect({ ended, databases }).toEqual({ ended: true, databases: ['one', 'two'] });
    expect(lines(result.replace(/ +/g, ' '))).toEqual([
      ...['SET NAMES utf8mb4;', 'CREATE TABLE `t` (a int)', ';', 'INSERT INTO `t` VALUES (2);', 'DELIMITER //'],
      ...['CREATE TRIGGER `x` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1//', 'DELIMITER ;'],
      ...['ALTER TABLE `t` ADD KEY (a);', '-- Dump end time: x', '-- Dump completed'],
    ]);
  });

  it('27: loses nothing behind a USE that ends with its line', async () => {
    const { result, databases } = await tidied(
      'use shop\ncreate table t (a int);\nUSE `shop`\r\nINSERT INTO t VALUES (1);',
      undefined,
      chunk,
    );
    expect(lines(result)).toEqual(['create table t (a int);', 'INSERT INTO t VALUES (1);']);
    expect(databases).toEqual(['shop']);
  });

  it('27: of several databases gives none of what it makes before the first of them', async () => {
    const script = `SET NAMES utf8mb4;\n${table('early', 'one')}USE shop;\n${table('t', 'two')}USE crm;\n${table('u', 'three')}`;
    const { result, notes } = await tidied(script, 'shop', chunk);
    expect(
      lines(result)
        .filter((line) => !/^(--|DELIMITER)/.test(line))
        .join('\n'),
    ).toBe(
      lines(`SET NAMES utf8mb4;\n${table('t', 'two')}`)
        .filter((line) => !/^(--|DELIMITER)/.test(line))
        .join('\n'),
    );
    expect(notes).toEqual(['what the dump makes before it names a database']);
  });

  it('27: does not give the databases of the server, and names them apart', async () => {
    const script =
      HEAD.replace('shop', '') + database('mysql') + table('user', 'x') + database('shop') + table('t', 'y') + END;
    const dump = tidyForeignScript(
      { format: 'plain', own: false, open: () => Readable.from([Buffer.from(script)]) },
      { acceptIncomplete: false },
    );
    await text(dump.open());
    expect([...dump.outcome.databases]).toEqual(['shop']);
    expect([...(dump.outcome.serverDatabases ?? [])]).toEqual(['mysql']);
    await expect(tidied(script, 'mysql', chunk)).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'source_database', message: 'names a database of the server itself' }],
    });
  });

  it.each(['source load_t.dump ;\n', 'SOURCE a/b.sql\n', '\\. x.sql\n'])(
    '27: that reads other files is refused with the way out: %j',
    async (command) => {
      await expect(
        tidied(`CREATE TABLE t (a int);\n${command}INSERT INTO t VALUES (1);\n`, undefined, chunk),
      ).rejects.toMatchObject({
        code: 'UNSUPPORTED',
        message: expect.stringMatching(/reads other files, by a command of the client program on line 2: /) as string,
        hint: expect.stringMatching(/into one file/) as string,
      });
    },
  );

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
    const qualified = 'CREATE TABLE `shop`.`Orders` (a int);\nCREATE TABLE IF NOT EXISTS shop.orders (a int);\n';
    expect((await tidied(HEAD + qualified + END, undefined, chunk)).contents).toMatchObject({
      names: ['Orders', 'orders'],
    });
    const names = ['full', 'empty', 'left`out', 'all', 'view'];
    expect(contents).toEqual({ tables: 4, rows: true, withoutRows: ['left`out'], names });
    expect((await tidied(`${HEAD}-- WHERE:  a < 3\nCREATE TABLE t (a int);${END}`, undefined, chunk)).contents).toEqual(
      {
        ...{ tables: 1, rows: false, withoutRows: [], names: ['t'], condition: 'a < 3' },
      },
    );
    const value = `${HEAD}CREATE TABLE t (a text);INSERT INTO t VALUES ('\n-- WHERE:  a < 3\n');${END}`;
    expect((await tidied(value, undefined, chunk)).contents.condition).toBeUndefined();
  });

  it.each([
    `INSERT INTO \`t\` SELECT '${'x'.repeat(3_000)} FROM shop.t ${'x'.repeat(70_000)} FROM shop.t ';\n`,
    `INSERT INTO \`t\` SET a = '${'x'.repeat(1_900)} FROM shop.t ${'x'.repeat(3_000)} FROM shop.t ';\n`,
    `INSERT INTO \`t\` (\`a\`) VALUE ('${'x'.repeat(1_900)} FROM shop.t ${'x'.repeat(3_000)} FROM shop.t ');\n`,
    `SET sql_mode = 'NO_BACKSLASH_ESCAPES';\nINSERT INTO \`t\` SELECT 'C:\\', ' FROM shop.t, shop.u ', 'a';\n`,
    `SET sql_mode = 'NO_BACKSLASH_ESCAPES';\nCREATE TABLE \`t\` (a varchar(9) DEFAULT 'C:\\' COMMENT ' FROM shop.t ', b int COMMENT 'x');\n`,
  ])('has its rows and texts as they are, whatever they say: %#', async (rows) => {
    for (const chunk of [100, 1_000, 65_536]) {
      const { result } = await tidied(`${HEAD}${rows}${END}`, undefined, chunk);
      expect(result).toBe(`${HEAD}${rows}${END}`);
    }
  });

  // In UTF-8 they hold the byte that is a no-break space in Latin-1.
  it.each(['Рынок', 'voilà', '栠'])('is of a database named %s', async (name) => {
    const quoted = await tidied(`${database(name)}CREATE TABLE \`${name}\`.\`t\` (a int);\n${END}`, name);
    expect(quoted.databases).toEqual([name]);
    expect(quoted.result).toMatch(/CREATE TABLE +`t` \(a int\);/);
    const bare = await tidied(`USE ${name};\nINSERT INTO ${name}.t VALUES (1);\n${END}`);
    expect(bare.notes).toEqual([`USE ${name}`, `"${name}." before the names of its tables and other objects`]);
    expect(bare.result).toMatch(/INSERT INTO +t VALUES/);
    const named = await tidied(`${HEAD.replace('shop', name)}CREATE TABLE \`${name}\`.\`t\` (a int);\n${END}`);
    expect(named.result).toMatch(/CREATE TABLE +`t` \(a int\);/);
  });
});
