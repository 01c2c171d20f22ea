import { MysqlDriver } from './mysql/mysql-driver.js';
import { PostgresDriver } from './postgres/postgres-driver.js';
import type { GivenName } from './given-names.js';

const postgres = new PostgresDriver({ runtimeDir: '/nonexistent' });
const mysql = new MysqlDriver({ runtimeDir: '/nonexistent' });
const of = (kind: GivenName['kind'], name: string): GivenName[] => [{ kind, name, field: 'target_database' }];

describe('70: names that a server would cut or refuse', () => {
  it.each<[string, GivenName['kind'], string, number]>([
    ['a database', 'database', 'd'.repeat(65), 65],
    ['a database in characters of two bytes', 'database', 'ä'.repeat(32), 64],
    ['a user', 'user', 'u'.repeat(64), 64],
    ['a table', 'table', `public.${'t'.repeat(64)}`, 64],
    ['a table in quotes', 'table', `"${'s'.repeat(70)}"."a.b"`, 70],
  ])('are refused for %s of PostgreSQL, by bytes', (_what, kind, name, bytes) => {
    const message = `is ${bytes} bytes long in UTF-8; PostgreSQL allows 63 for the name of a ${kind}`;
    expect(() => postgres.checkNames(of(kind, name))).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: `target_database ${message}.`,
        fields: [{ field: 'target_database', message }],
      }),
    );
  });

  it('are let be where the server takes them', () => {
    postgres.checkNames([
      ...of('database', 'd'.repeat(63)),
      ...of('database', `${'ä'.repeat(31)}x`),
      ...of('table', `${'s'.repeat(63)}.${'t'.repeat(63)}`),
      ...of('table', `"${'""'.repeat(63)}".t`),
    ]);
    mysql.checkNames([
      ...of('database', 'ä'.repeat(64)),
      ...of('table', '漢'.repeat(64)),
      ...of('user', 'u'.repeat(80)),
    ]);
  });

  it.each<GivenName['kind']>(['database', 'table'])('are refused for a %s of MySQL that ends with a space', (kind) => {
    const message = `ends with a space, which MySQL refuses in the name of a ${kind}`;
    expect(() => mysql.checkNames(of(kind, 'shop '))).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', fields: [{ field: 'target_database', message }] }),
    );
    postgres.checkNames(of(kind, 'shop '));
  });

  it.each<GivenName['kind']>(['database', 'table'])('are refused for a %s of MySQL, by characters', (kind) => {
    expect(() => mysql.checkNames(of(kind, 'ä'.repeat(65)))).toThrow(
      expect.objectContaining({
        code: 'INVALID_INPUT',
        message: `target_database is 65 characters long; MySQL allows 64 for the name of a ${kind}.`,
      }),
    );
  });
});
