import { distinctNames } from './distinct-names.js';

describe('the names of connections in a list', () => {
  it('are their own, and say more where two have the same', () => {
    const names = distinctNames([
      { name: 'shop on localhost', db_type: 'PostgreSQL', port: 5432 },
      { name: 'Ledger', db_type: 'MySQL', port: 3306 },
      { name: 'shop on localhost', db_type: 'MySQL', port: 3306 },
    ]).map(({ distinctName }) => distinctName);
    expect(names).toEqual([
      'shop on localhost (PostgreSQL, port 5432)',
      'Ledger',
      'shop on localhost (MySQL, port 3306)',
    ]);
  });
});
