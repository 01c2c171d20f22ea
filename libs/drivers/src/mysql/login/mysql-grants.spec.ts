import { escapedPattern, matchesPattern, missingPrivileges, parseGrants } from './mysql-grants.js';
import { Privileges } from './mysql-privileges.js';
import type { GrantRules } from './mysql-privileges.js';

const MARIADB: GrantRules = { patterns: 'literals', literalNames: false };
const privileges = (...lines: string[]): Privileges => new Privileges(parseGrants(lines), MARIADB);

describe('Grants, as SHOW GRANTS prints them', () => {
  it('are read with names and patterns that hold every quoting character', () => {
    const lines = [
      "GRANT USAGE ON *.* TO `u``1`@`%` IDENTIFIED BY PASSWORD '*556BEF296211C2AF58F53DA3EDDD0A3371B6ECD5'",
      'GRANT SELECT, SHOW VIEW, LOCK TABLES ON `sh``op\\_%`.* TO `u``1`@`%` WITH GRANT OPTION',
      'GRANT SELECT (`a`, `b`), INSERT ON `t`.`tt2` TO `u``1`@`%`',
      'GRANT EXECUTE ON PROCEDURE `t`.`do it;` TO `u``1`@`%`',
      'GRANT `r1` TO `u``1`@`%`',
      'SET DEFAULT ROLE `r1` FOR `u``1`@`%`',
    ];
    expect(parseGrants(lines)).toEqual([
      { privileges: ['USAGE'], scope: { level: 'global' }, grantee: '`u``1`@`%`' },
      {
        privileges: ['SELECT', 'SHOW VIEW', 'LOCK TABLES', 'GRANT OPTION'],
        scope: { level: 'database', pattern: 'sh`op\\_%' },
        grantee: '`u``1`@`%`',
      },
      { privileges: ['INSERT'], scope: { level: 'object', database: 't', name: 'tt2' }, grantee: '`u``1`@`%`' },
      { privileges: ['EXECUTE'], scope: { level: 'object', database: 't', name: 'do it;' }, grantee: '`u``1`@`%`' },
    ]);
  });

  it('of MySQL 8, dynamic privileges and roles among them', () => {
    const granted = privileges(
      'GRANT SELECT, RELOAD ON *.* TO `b`@`%`',
      'GRANT BACKUP_ADMIN,SHOW_ROUTINE ON *.* TO `b`@`%`',
      'GRANT `r`@`%` TO `b`@`%`',
    );
    expect(granted.global('SHOW_ROUTINE')).toBe(true);
    expect(granted.global('TRIGGER')).toBe(false);
    expect(granted.onDatabase('SELECT', 'any')).toBe(true);
  });

  it('ALL PRIVILEGES holds all but GRANT OPTION', () => {
    const granted = privileges('GRANT ALL PRIVILEGES ON `shop`.* TO `b`@`%`');
    expect(granted.onDatabase('TRIGGER', 'shop')).toBe(true);
    expect(granted.onDatabase('GRANT OPTION', 'shop')).toBe(false);
    expect(granted.onDatabase('TRIGGER', 'shop2')).toBe(false);
    expect(granted.global('TRIGGER')).toBe(false);
  });

  it('on one table are none on the database', () => {
    const granted = privileges('GRANT SELECT ON `mysql`.`proc` TO `b`@`%`');
    expect(granted.onDatabase('SELECT', 'mysql')).toBe(false);
    expect(granted.onObject('SELECT', 'mysql', 'proc')).toBe(true);
    expect(granted.onObject('SELECT', 'mysql', 'user')).toBe(false);
  });
});

describe('A database can be used', () => {
  it.each([
    ['GRANT USAGE ON *.* TO `b`@`%`', false],
    ['GRANT SHOW DATABASES, PROCESS, REPLICATION CLIENT, BINLOG MONITOR, BACKUP_ADMIN ON *.* TO `b`@`%`', false],
    ['GRANT SELECT, RELOAD ON *.* TO `b`@`%`', true],
    ['GRANT ALL PRIVILEGES ON *.* TO `b`@`%` WITH GRANT OPTION', true],
    ['GRANT TRIGGER ON `shop`.* TO `b`@`%`', true],
    ['GRANT TRIGGER ON `shopping`.* TO `b`@`%`', false],
    ['GRANT SELECT (`a`) ON `shop`.`t` TO `b`@`%`', true],
    ['GRANT SELECT ON `shopping`.`t` TO `b`@`%`', false],
  ])('by who has any right in it: %s: %s', (grant, usable) => {
    expect(privileges(grant).anyIn('shop')).toBe(usable);
  });
});

it('75: a privilege that is missing on a table of the server is not called as if it were one on the database', () => {
  const missing = [
    { privilege: 'SELECT', on: 'mysql.proc' },
    { privilege: 'TRIGGER', on: '`shop`.*' },
  ];
  expect(missingPrivileges('`a`@`%`', 'the dump of "shop" would be incomplete', missing).message).toBe(
    '`a`@`%` lacks the privileges SELECT on mysql.proc, TRIGGER, without which the dump of "shop" would be incomplete.',
  );
});

describe('A database name in a grant', () => {
  it.each([
    ['shop\\_%', 'shop_eu', true],
    ['shop\\_%', 'shop1', false],
    ['shop_', 'shop1', true],
    ['shop_', 'shop', false],
    ['%', 'anything', true],
    ['a.b', 'axb', false],
    ['(x)[y]^$|?+*{}', '(x)[y]^$|?+*{}', true],
    ['ü_', 'ü😀', true],
    ['back\\\\slash', 'back\\slash', true],
  ])('%j means %j: %s', (pattern, database, matches) => {
    expect(matchesPattern(pattern, database)).toBe(matches);
  });

  it.each(['shop_eu', '100%', 'a\\b', 'ü-`"'])('%j is written so that it means itself only', (database) => {
    expect(matchesPattern(escapedPattern(database), database)).toBe(true);
    expect(matchesPattern(escapedPattern(database), database.replace(/[_%\\]/, 'x'))).toBe(!/[_%\\]/.test(database));
  });
});
