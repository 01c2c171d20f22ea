import { DomainError } from '@app/domain';
import { ProcessFailure } from '@app/process';
import { missingPrerequisite } from './missing-prerequisite.js';

const said = (code: string, message: string, detail?: string) =>
  new DomainError('RESTORE_FAILED', 'The dump could not be loaded.', {
    cause: Object.assign(new Error(message), { severity: 'ERROR', code, detail }),
  });
const printed = (stderr: string) =>
  new DomainError('RESTORE_FAILED', 'The archive could not be loaded.', {
    cause: new ProcessFailure('/usr/bin/pg_restore', 'exit', 1, stderr),
  });

describe('A load that failed', () => {
  it.each<[string, DomainError]>([
    ['an extension', said('0A000', 'extension "postgis" is not available')],
    ['the files of one', said('58P01', 'could not access file "$libdir/postgis-3": No such file or directory')],
    [
      'a library that must be there from the start',
      said('55000', 'pg_cron can only be loaded via shared_preload_libraries'),
    ],
    ['a locale', said('22023', 'could not create locale "xx_YY": No such file or directory')],
    ['a part of the build', said('0A000', 'ICU is not supported in this build')],
    ['a tablespace', said('22023', 'invalid value for parameter "default_tablespace": "fast"')],
    ['a dictionary', said('F0000', 'could not open stop-word file "/x/y.stop": No such file or directory')],
    ['privileges', said('42501', 'permission denied for schema public')],
    ['space', said('53100', 'could not extend file "base/1/2": No space left on device')],
    ['its life', said('57P01', 'terminating connection due to administrator command')],
    [
      'an extension, says pg_restore',
      printed(
        'pg_restore: error: could not execute query: ERROR:  extension "x" is not available\nDETAIL:  Could not open it.\nCommand was: CREATE EXTENSION x;\n',
      ),
    ],
    [
      'space, says pg_restore',
      printed(
        'pg_restore: error: COPY failed for table "t": ERROR:  could not extend file "x": No space left on device\n',
      ),
    ],
    [
      'its life, says pg_restore',
      printed('pg_restore: error: could not execute query: server closed the connection unexpectedly\n'),
    ],
  ])('because the server lacks a prerequisite is not blamed on the dump: %s', (_what, failure) => {
    expect(missingPrerequisite(failure)).toMatchObject({ message: expect.stringMatching(/\w/) });
    expect(missingPrerequisite(failure)?.role).toBeUndefined();
  });

  it('for want of a role names it', () => {
    expect(missingPrerequisite(said('42704', 'role "a ""b" does not exist'))?.role).toBe('a ""b');
    const stderr =
      'pg_restore: while PROCESSING TOC:\npg_restore: from TOC entry 1; 2 3 POLICY t p\npg_restore: error: could not execute query: ERROR:  role "reader" does not exist\nCommand was: CREATE POLICY p ON t TO reader;\n\n\npg_restore: error: a worker process died unexpectedly\n';
    expect(missingPrerequisite(printed(stderr))?.role).toBe('reader');
  });

  it.each<[string, DomainError]>([
    ['a constraint', said('23505', 'could not create unique index "t_pkey"')],
    ['something that is not there', said('42704', 'type "x" does not exist')],
    ['bad text', said('22P02', 'invalid input syntax for type integer: "permission denied, out of memory"')],
    ['what is not supported anywhere', said('0A000', 'cross-database references are not implemented: a.b.c')],
    [
      'a statement that quotes such words',
      printed(
        `pg_restore: error: could not execute query: ERROR:  syntax error at or near "x"\nCommand was: SELECT 'No space left, permission denied';\n`,
      ),
    ],
    ['the archive', new DomainError('BACKUP_DAMAGED', 'The archive cannot be read.')],
  ])('because a statement was refused for what it is, is: %s', (_what, failure) => {
    expect(missingPrerequisite(failure)).toBeUndefined();
  });
});
