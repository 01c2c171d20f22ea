import type { MysqlSession } from '../login/mysql-session.js';
import { readExactDefinitions } from './exact-definitions.js';

describe('The definitions of MySQL 5.7', () => {
  const column = { table: 't', engine: 'InnoDB', characterSet: 'utf8mb4', standard: null, expression: '' };
  const session = {
    serverInfo: async () => ({ dbType: 'MySQL', flavour: 'MySQL', version: '5.7.44', versionParts: [5, 7, 44] }),
    run: async () => undefined,
    rows: async (sql: string) => {
      if (/WITH RECURSIVE|DEFAULT\(/.test(sql)) throw Object.assign(new Error('syntax'), { errno: 1064 });
      if (!sql.includes('information_schema.COLUMNS')) return [];
      return [
        { ...column, name: 'e', type: 'enum', columnType: `enum('a','?')` },
        { ...column, name: 'v', type: 'varchar', columnType: 'varchar(9)', standard: '?' },
        { ...column, name: 'plain', type: 'varchar', columnType: 'varchar(9)', standard: 'x' },
      ];
    },
    byteRows: async () => [
      {
        'Create Table': Buffer.from(
          "CREATE TABLE `t` (\n  `e` enum('a','?') DEFAULT NULL,\n  `v` varchar(9) DEFAULT '?',\n  `plain` varchar(9) DEFAULT 'x'\n)",
        ),
      },
    ],
  };

  it('71: are not asked for by a recursive query, and columns with question marks are named', async () => {
    const { definitions, unknown } = await readExactDefinitions(session as unknown as MysqlSession, 'shop');
    expect(definitions.size).toBe(0);
    expect(unknown).toEqual(['t.e', 't.v']);
  });
});
