import { DomainError } from '@app/domain';
import { ProcessFailure } from '@app/process';
import { missingPrerequisite } from './missing-prerequisite.js';

const printed = (stderr: string, reason: 'exit' | 'signal' = 'exit') =>
  new DomainError('RESTORE_FAILED', 'Restoring failed.', { cause: new ProcessFailure('mariadb', reason, 1, stderr) });

describe('A load that failed', () => {
  it.each<[string, DomainError]>([
    ['a collation', printed(`ERROR 1273 (HY000) at line 3: Unknown collation: 'utf8mb4_0900_ai_ci'`)],
    ['a storage engine', printed(`ERROR 1286 (42000) at line 3: Unknown storage engine 'ROCKSDB'`)],
    ['space', printed('ERROR 1114 (HY000) at line 9: The table `t` is full')],
    ['its life', printed('ERROR 2013 (HY000) at line 9: Lost connection to server during query')],
    ['its session, which was killed', printed('ERROR 1927 (70100) at line 9: Connection was killed')],
    ['its statement, which was killed', printed('ERROR 1317 (70100) at line 9: Query execution was interrupted')],
    ['privileges', printed('ERROR 1227 (42000) at line 9: Access denied; you need SUPER')],
    ['the client, which was killed', printed('', 'signal')],
  ])('because the server lacks a prerequisite is not blamed on the dump: %s', (_what, failure) => {
    expect(missingPrerequisite(failure)).toMatchObject({ message: expect.stringMatching(/\w/) });
  });

  it.each<[string, DomainError]>([
    ['a syntax error', printed('ERROR 1064 (42000) at line 2: You have an error in your SQL syntax')],
    ['a duplicate', printed(`ERROR 1062 (23000) at line 2: Duplicate entry '1' for key 'PRIMARY'`)],
    ['a table that is not there', printed(`ERROR 1146 (42S02) at line 2: Table 'verify_1.t' doesn't exist`)],
    ['words without a number', printed('something else')],
    ['the file', new DomainError('BACKUP_DAMAGED', 'The backup could not be read to its end.')],
  ])('because the server refused a statement for what it is, is blamed on the dump: %s', (_what, failure) => {
    expect(missingPrerequisite(failure)).toBeUndefined();
  });
});
