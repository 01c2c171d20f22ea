import type { DatabaseGrant } from '@app/domain';
import type { DatabaseProperties } from './database-properties.js';
import { commandsToMatch, setCommand } from './property-commands.js';

const grant = (
  grantee: string | null,
  grantor: string,
  privileges: string[],
  grantable: string[] = [],
): DatabaseGrant => ({
  ...{ grantee, grantor, privileges, grantable },
});

const properties = (changes: Partial<DatabaseProperties> = {}): DatabaseProperties => ({
  oid: '1',
  owner: 'o',
  grants: null,
  settings: [],
  roleSettings: [],
  comment: null,
  connectionLimit: -1,
  isTemplate: false,
  allowsConnections: true,
  ...changes,
});

describe('settings', () => {
  it.each([
    ['work_mem=4MB', `SET "work_mem" TO '4MB'`],
    ['TimeZone=Europe/Berlin', `SET "TimeZone" TO 'Europe/Berlin'`],
    [`app.note=it's = "so", no`, `SET "app.note" TO 'it''s = "so", no'`],
    ['search_path="$user", public, "Ä ""x"", y"', `SET "search_path" TO '$user', 'public', 'Ä "x", y'`],
    ['search_path=""', `SET "search_path" TO ''`],
    ['search_path=', `SET "search_path" TO ''`],
    ['temp_tablespaces=fast, "Slow One"', `SET "temp_tablespaces" TO 'fast', 'Slow One'`],
    ['DateStyle=ISO, DMY', `SET "DateStyle" TO 'ISO, DMY'`],
    [String.raw`app.path=C:\x`, String.raw`SET "app.path" TO  E'C:\\x'`],
  ])('writes %s as the server reads it', (setting, command) => {
    expect(setCommand(setting)).toBe(command);
  });

  it('touches nothing that is so already, so that it keeps its very form', () => {
    const same = properties({ settings: ['a.b=1'], grants: [grant('x', 'o', ['CONNECT'])], comment: 'c' });
    expect(commandsToMatch('d', same, { ...same, oid: '2' })).toEqual([]);
  });

  it('takes away what is not wanted, of roles as well', () => {
    const is = properties({
      settings: ['a.b=1'],
      roleSettings: [{ role: 'r', settings: ['a.b=2'] }],
      connectionLimit: 3,
    });
    expect(commandsToMatch('d', properties(), is)).toEqual([
      'ALTER DATABASE "d" RESET ALL',
      'ALTER ROLE "r" IN DATABASE "d" RESET ALL',
      'ALTER DATABASE "d" CONNECTION LIMIT -1',
    ]);
  });
});

describe('rights', () => {
  it('are given by whom they came from, and only when he has them himself', () => {
    const wanted = properties({
      grants: [
        grant('b', 'a', ['CONNECT']),
        grant('a', 'o', ['CONNECT', 'CREATE'], ['CONNECT']),
        grant('o', 'o', ['CREATE']),
      ],
    });
    expect(commandsToMatch('d', wanted, properties())).toEqual([
      'REVOKE ALL ON DATABASE "d" FROM PUBLIC CASCADE',
      'REVOKE ALL ON DATABASE "d" FROM "o" CASCADE',
      'GRANT CREATE ON DATABASE "d" TO "a"',
      'GRANT CONNECT ON DATABASE "d" TO "a" WITH GRANT OPTION',
      'SET LOCAL ROLE "a"',
      'GRANT CONNECT ON DATABASE "d" TO "b"',
      'RESET ROLE',
      'GRANT CREATE ON DATABASE "d" TO "o"',
    ]);
  });

  it('are all taken away where nobody is to have any', () => {
    expect(commandsToMatch('d', properties({ grants: [] }), properties())).toEqual([
      'REVOKE ALL ON DATABASE "d" FROM PUBLIC CASCADE',
      'REVOKE ALL ON DATABASE "d" FROM "o" CASCADE',
    ]);
  });
});
