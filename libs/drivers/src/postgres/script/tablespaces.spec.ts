import { skeleton } from './skeleton.js';
import { judge } from '../foreign/statement-policy.js';
import { movesToTablespace, withoutTablespace } from './tablespaces.js';

const without = (command: string): string => withoutTablespace(Buffer.from(command, 'latin1')).toString('latin1');

describe('a command that names a tablespace', () => {
  it.each([
    ['CREATE TABLE t (a int) TABLESPACE fast', 'CREATE TABLE t (a int)'],
    [
      'CREATE TABLE t (a int) WITH (fillfactor=70) TABLESPACE "Fast one"',
      'CREATE TABLE t (a int) WITH (fillfactor=70)',
    ],
    [
      'CREATE UNIQUE INDEX i ON t USING btree (a) TABLESPACE fast WHERE (a > 1)',
      'CREATE UNIQUE INDEX i ON t USING btree (a) WHERE (a > 1)',
    ],
    ['ALTER TABLE t ADD PRIMARY KEY (a) USING INDEX TABLESPACE fast', 'ALTER TABLE t ADD PRIMARY KEY (a)'],
    ['CREATE MATERIALIZED VIEW v\nTABLESPACE fast\nAS SELECT 1', 'CREATE MATERIALIZED VIEW v\nAS SELECT 1'],
  ])('62: loses that clause: %s', (command, expected) => {
    expect(without(command)).toBe(expected);
  });

  it.each([
    'CREATE TABLE t (tablespace text, "TABLESPACE x" int)',
    `CREATE TABLE t (a text DEFAULT ' TABLESPACE fast')`,
    `COMMENT ON TABLE t IS 'TABLESPACE fast'`,
    'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 TABLESPACE x $$',
    'CREATE VIEW v AS SELECT a TABLESPACE FROM t',
  ])('is left alone where that is something else: %s', (command) => {
    expect(without(command)).toBe(command);
  });

  it('62: is passed over where it does nothing else', () => {
    const options = {
      skipOwnership: false,
      skipTablespaces: true,
      knownSettings: new Set(['default_tablespace', 'a']),
    };
    const verdict = (command: string, given = options) => judge(Buffer.from(command), given).do;
    expect(verdict(`SET default_tablespace = fast`)).toBe('skip');
    expect(verdict(`SET temp_tablespaces = fast`)).toBe('skip');
    expect(verdict('ALTER INDEX i SET TABLESPACE fast')).toBe('skip');
    expect(verdict('SET a = 1')).toBe('run');
    expect(verdict(`SET default_tablespace = fast`, { ...options, skipTablespaces: false })).toBe('run');
    expect(movesToTablespace(skeleton(Buffer.from('ALTER TABLE t ADD COLUMN tablespace text')))).toBe(false);
  });
});
