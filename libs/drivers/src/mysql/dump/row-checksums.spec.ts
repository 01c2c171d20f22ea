import type { MysqlSession } from '../login/mysql-session.js';
import { hashedTables } from './row-checksums.js';

describe('the checksum of a table', () => {
  const columns = ['id', 'mood', 'face', 'answer'].map((name, index) => ({
    ...{ table: 't', name, place: index + 1, type: 'varchar', nullable: 'YES', octets: 9, extra: '' },
    ...{ expression: null, standard: '?', characterSet: 'utf8mb4' },
  }));
  const tableOf = async (listed: readonly object[]) => {
    const session = { rows: () => Promise.resolve(listed), serverInfo: () => Promise.resolve({ flavour: 'MySQL' }) };
    return (await hashedTables(session as unknown as MysqlSession, 'shop')).get('t');
  };

  it('71: is the same in whatever order the server lists the columns', async () => {
    const table = await tableOf(columns);
    expect(table?.defaults.columns.map(({ name }) => name)).toEqual(['id', 'mood', 'face', 'answer']);
    for (const listed of [columns.toReversed(), columns.toSorted((a, b) => (a.name < b.name ? -1 : 1))]) {
      expect(await tableOf(listed)).toEqual(table);
    }
  });
});
