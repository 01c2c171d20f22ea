import { standardStringsSetting } from '../script/script-settings.js';
import { judge } from './statement-policy.js';

const options = { skipOwnership: false, knownSettings: new Set(['row_security', 'xmloption', 'lock_timeout']) };
const verdict = (command: string, skipOwnership = false): string => {
  const found = judge(Buffer.from(command), { ...options, skipOwnership });
  return found.do === 'refuse' ? `refuse: ${found.why}` : found.do;
};

describe('judge', () => {
  test.each([
    ['CREATE TABLE t (a int)', 'run'],
    ['create user mapping for public server s', 'run'],
    ['SELECT pg_catalog.setval(1, 2)', 'run'],
    ['INSERT INTO t VALUES (1)', 'run'],
    ['SET newer_setting = 1', 'skip'],
    ['SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE', 'run'],
    ['SET row_security = off', 'run'],
    ['SET my.setting = 1', 'run'],
    ['SET SESSION AUTHORIZATION x', 'run'],
    ["SET TIME ZONE 'UTC'", 'run'],
    ['SET transaction_timeout = 0', 'skip'],
    ['SET lock_timeout = 0', 'skip'],
    ['BEGIN', 'skip'],
    ['/* x */ begin -- y\n transaction', 'skip'],
    ['START TRANSACTION ISOLATION LEVEL SERIALIZABLE', 'skip'],
    ['COMMIT', 'skip'],
    ['END', 'skip'],
    ['COPY public.t (a, b) FROM stdin', 'copy'],
    [`COPY "from stdin" FROM stdin WITH (FORMAT csv, DELIMITER ';')`, 'copy'],
  ])('%s → %s', (command, expected) => {
    expect(verdict(command)).toBe(expected);
  });

  test.each([
    'ROLLBACK',
    'ABORT',
    'COMMIT AND CHAIN',
    "COMMIT PREPARED 'x'",
    "PREPARE TRANSACTION 'x'",
    'SAVEPOINT s',
    'RELEASE s',
    'CREATE DATABASE x',
    'DROP DATABASE x',
    'ALTER SYSTEM SET a = 1',
    'CREATE ROLE x SUPERUSER',
    'alter /* y */ user x',
    'DROP TABLESPACE t',
    "COPY t FROM PROGRAM 'rm -rf /'",
    "COPY t TO '/etc/passwd'",
    `COPY "x FROM stdin" FROM '/etc/passwd'`,
    "COPY t FROM '/x from stdin'",
    "LOAD 'evil.so'",
    'VACUUM',
    'NOTIFY x',
    '日本 x',
    'SELECT \0',
  ])('refuses %p', (command) => {
    expect(verdict(command)).toMatch(/^refuse: /);
  });

  test.each([
    ['ALTER TABLE "x OWNER TO y".t OWNER TO "z; --"', 'skip'],
    ['ALTER LARGE OBJECT 1 OWNER TO x', 'skip'],
    ['GRANT SELECT ON t TO x', 'skip'],
    ['REVOKE ALL ON t FROM x', 'skip'],
    ['ALTER DEFAULT PRIVILEGES FOR ROLE x GRANT SELECT ON TABLES TO y', 'skip'],
    ['SET SESSION AUTHORIZATION x', 'skip'],
    [`ALTER TABLE t ADD CHECK (a <> ' OWNER TO x')`, 'run'],
    ['ALTER SEQUENCE s OWNED BY t.a', 'run'],
    ['CREATE TABLE t (a int)', 'run'],
  ])('without ownership: %s → %s', (command, expected) => {
    expect(verdict(command, true)).toBe(expected);
  });
});

describe('60: judge decides on the whole command', () => {
  const columns = Array.from({ length: 1_600 }, (_, n) => `"${'ä'.repeat(29)}_${n}"`).join(', ');
  const comment = `/* ${'x'.repeat(5_000)} */`;

  test.each([
    [`COPY t (${columns}) FROM stdin`, 'copy'],
    [`CREATE TABLE t (${columns.replaceAll(',', ' text,')} text)`, 'run'],
    [`COPY t ${comment} (a) FROM ${comment} stdin`, 'copy'],
  ])('%.40s… → %s', (command, expected) => {
    expect(verdict(command)).toBe(expected);
  });

  test.each([
    `CREATE ${comment} ROLE x SUPERUSER`,
    `ALTER ${comment} SYSTEM SET a = 1`,
    `${comment} CREATE ROLE x`,
    `COPY t (${columns}) FROM '/etc/passwd'`,
    `/* /* nested */ */ COPY t FROM '/x' -- FROM stdin`,
  ])('refuses %.60s…', (command) => {
    expect(verdict(command)).toMatch(/^refuse: /);
  });

  it('reads texts by the setting of the session', () => {
    const command = Buffer.from(`COPY t FROM '\\' FROM stdin --'`);
    expect(judge(command, options, false)).toMatchObject({ do: 'refuse' });
    const owner = Buffer.from(`ALTER TABLE t ALTER a SET DEFAULT ${'1 + '.repeat(2_000)} 1, OWNER TO x`);
    expect(judge(owner, { ...options, skipOwnership: true })).toEqual({ do: 'skip' });
  });
});

describe('standardStringsSetting', () => {
  test.each([
    ['SET standard_conforming_strings = on', true],
    ['SET standard_conforming_strings = off', false],
    [`set session standard_conforming_strings to 'off'`, false],
    ['SET row_security = off', undefined],
    [`SET /* ${'x'.repeat(300)} */ standard_conforming_strings = off`, false],
    ['SET "standard_conforming_strings" TO off', false],
    [`SELECT pg_catalog.set_config('standard_conforming_strings', 'off', false)`, false],
  ])('%s → %p', (command, expected) => {
    expect(standardStringsSetting(Buffer.from(command))).toBe(expected);
  });
});
