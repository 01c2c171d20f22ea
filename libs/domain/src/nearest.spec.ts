import { nearestOf } from './nearest.js';

describe('the name that is meant', () => {
  const fields = ['host', 'port', 'database', 'username', 'backup_file_path'];
  it.each([
    ['user_name', 'username'],
    ['Host', 'host'],
    ['databse', 'database'],
    ['backupFilePath', 'backup_file_path'],
    // More characters differ than are permitted.
    ['BACKUP-FILE PATH', 'backup_file_path'],
    ['PORT', 'port'],
    ['colour', undefined],
    ['x', undefined],
    ['', undefined],
  ])('%j is %s', (name, expected) => expect(nearestOf(name, fields)).toBe(expected));
});
