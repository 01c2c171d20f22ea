import { attributeChanges, attributesOf, grantChanges, grantsOf, spelled, whereUnknown } from './user-privileges.js';
import type { User } from './user-words.js';

const plain: User = { username: 'ann', superuser: false, create_db: false, replication: false, bypass_rls: false };

describe('attributes of a PostgreSQL user', () => {
  it('are those that it has', () => {
    expect(attributesOf(undefined)).toEqual(['LOGIN']);
    expect(attributesOf({ ...plain, login: true, create_db: true, superuser: true })).toEqual([
      'LOGIN',
      'CREATEDB',
      'SUPERUSER',
    ]);
  });

  it('are sent as what changes; a new one is told outright whether it may log in', () => {
    expect(attributeChanges(undefined, ['LOGIN', 'CREATEDB'])).toEqual(['LOGIN', 'CREATEDB']);
    expect(attributeChanges(undefined, [])).toEqual(['NOLOGIN']);
    expect(attributeChanges(['LOGIN', 'CREATEDB'], ['LOGIN', 'BYPASSRLS'])).toEqual(['NOCREATEDB', 'BYPASSRLS']);
    expect(attributeChanges(['LOGIN'], ['LOGIN'])).toEqual([]);
  });
});

describe('privileges of a MySQL user', () => {
  it('are those on the server and on the connected database', () => {
    expect(grantsOf(undefined)).toEqual({ server: [], database: [] });
    expect(grantsOf({ ...plain, privileges: ['PROCESS'], database_privileges: ['SELECT'] })).toEqual({
      server: ['PROCESS'],
      database: ['SELECT'],
    });
  });

  it('are sent as what changes, what is given before what is taken', () => {
    expect(
      grantChanges(
        { server: ['PROCESS'], database: ['SELECT'] },
        { server: ['SELECT'], database: ['SELECT', 'INSERT'] },
      ),
    ).toEqual(['SELECT ON *.*', 'INSERT', 'REVOKE PROCESS ON *.*']);
    expect(grantChanges({ server: [], database: ['DROP'] }, { server: [], database: [] })).toEqual(['REVOKE DROP']);
  });

  it('are spelled as the servers do', () => {
    expect(spelled([' lock  tables', 'LOCK TABLES', ''])).toEqual(['LOCK TABLES']);
  });

  it('are found again in what the API says of unknown ones', () => {
    const grants = { server: ['FLY'], database: ['SELECT', 'SWIM'] };
    expect(whereUnknown('The server knows no privilege "FLY ON *.*".', grants)).toEqual(['server']);
    expect(whereUnknown('The server knows no privileges "FLY ON *.*", "SWIM".', grants)).toEqual([
      'server',
      'database',
    ]);
  });
});
