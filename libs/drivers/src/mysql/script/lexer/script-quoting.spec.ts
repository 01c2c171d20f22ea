import { ScriptQuoting, setsModeByText } from './script-quoting.js';

describe('The quoting of a script', () => {
  it.each<[string[], boolean]>([
    [[], true],
    [["SET sql_mode = 'NO_BACKSLASH_ESCAPES'"], false],
    [["/*!50003 SET sql_mode              = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES' */"], false],
    [[" /*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' "], true],
    [
      ['SET @saved_sql_mode = @@sql_mode', "SET sql_mode = 'NO_BACKSLASH_ESCAPES'", 'SET sql_mode = @saved_sql_mode'],
      true,
    ],
    [
      ["SET @@SESSION.sql_mode='NO_BACKSLASH_ESCAPES'", 'SET @a = @@sql_mode', "SET sql_mode=''", 'SET sql_mode = @a'],
      false,
    ],
    [["SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'", "SET sql_mode = ''"], true],
    [['SET sql_mode = 1048576'], false],
    [['SET sql_mode = 2097152'], true],
    [["SELECT 'sql_mode = NO_BACKSLASH_ESCAPES'"], true],
    [["SET NAMES utf8mb4, sql_mode = 'NO_BACKSLASH_ESCAPES'"], false],
  ])('follows %j', (statements, escapes) => {
    const quoting = new ScriptQuoting();
    for (const statement of statements) quoting.see(statement);
    expect(quoting.backslashEscapes).toBe(escapes);
  });

  it.each<[string, boolean]>([
    ["SET sql_mode = 'NO_BACKSLASH_ESCAPES'", true],
    ["/*!50003 SET sql_mode = 'STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES' */", true],
    ["SET sql_mode = CONCAT('NO_BACKSLASH', '_ESCAPES')", false],
    ["SET STATEMENT sql_mode='NO_BACKSLASH_ESCAPES' FOR SELECT 1", false],
    ["SET sql_mode = 'NO_BACKSLASH_ESCAPES' + 1", false],
  ])('tells that %s is plain: %s', (statement, plain) => {
    expect(setsModeByText(statement)).toBe(plain);
  });
});
