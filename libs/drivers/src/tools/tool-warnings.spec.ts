import { toolWarnings } from './tool-warnings.js';

describe('what a tool complained of although it succeeded', () => {
  it('is nothing where it was silent', () => {
    expect(toolWarnings('')).toEqual([]);
    expect(toolWarnings('\n  \n')).toEqual([]);
  });

  it('joins details and hints of pg_dump to their warning', () => {
    const stderr = [
      'pg_dump: warning: could not resolve dependency loop among these items:',
      'pg_dump: detail:   FUNCTION g  (ID 203 OID 16390)',
      'pg_dump: detail:   TYPE d  (ID 800 OID 16385)',
      'pg_dump: warning: another one',
      'pg_dump: hint: Do something.',
    ].join('\n');
    expect(toolWarnings(`${stderr}\n`)).toEqual([
      'could not resolve dependency loop among these items: FUNCTION g  (ID 203 OID 16390) TYPE d  (ID 800 OID 16385)',
      'another one Do something.',
    ]);
  });

  it('keeps the words of the MySQL and MariaDB tools', () => {
    const stderr = '-- Warning: column statistics not supported by the server.\nmysqldump: [Warning] A partial dump.';
    expect(toolWarnings(stderr)).toEqual([
      '-- Warning: column statistics not supported by the server.',
      '[Warning] A partial dump.',
    ]);
  });

  it('says how many more there are', () => {
    const stderr = Array.from({ length: 30 }, (_, nr) => `pg_dump: warning: w${nr}`).join('\n');
    expect(toolWarnings(stderr)).toHaveLength(21);
    expect(toolWarnings(stderr).at(-1)).toBe('and 10 more like these');
  });
});
