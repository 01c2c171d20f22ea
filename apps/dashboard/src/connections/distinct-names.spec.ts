import { distinctNames } from './distinct-names.js';

describe('the names of connections in a list', () => {
  it('are their own, and say more where two have the same', () => {
    const names = distinctNames([
      { name: 'shop on localhost', db_type: 'PostgreSQL', port: 5432, username: 'app' },
      { name: 'Ledger', db_type: 'MySQL', port: 3306, username: 'app' },
      { name: 'shop on localhost', db_type: 'MySQL', port: 3306, username: 'app' },
    ]).map(({ distinctName }) => distinctName);
    expect(names).toEqual([
      'shop on localhost (PostgreSQL, port 5432)',
      'Ledger',
      'shop on localhost (MySQL, port 3306)',
    ]);
  });

  it('name the user where one database has two logins', () => {
    const shop = { name: 'shop on localhost', db_type: 'PostgreSQL', port: 5432 };
    const names = distinctNames([
      { ...shop, username: 'app' },
      { ...shop, username: 'backup' },
      { ...shop, port: 5433, username: 'app' },
    ]).map(({ distinctName }) => distinctName);
    expect(names).toEqual([
      'shop on localhost (app, PostgreSQL, port 5432)',
      'shop on localhost (backup, PostgreSQL, port 5432)',
      'shop on localhost (PostgreSQL, port 5433)',
    ]);
  });
});
