import { artifactStem, checkBackupName, nameOfDatabase } from './artifact-name.js';

describe('artifact names', () => {
  it('carry the local time', () => {
    expect(artifactStem('shop', new Date(2023, 11, 20, 12, 0, 0))).toBe('shop_20231220_120000');
    expect(artifactStem('shop', new Date(2023, 0, 2, 3, 4, 5))).toBe('shop_20230102_030405');
  });

  it.each(['manual_backup', 'before upgrade 2.1', 'größe', 'バックアップ', 'a..b'])(
    'a caller may choose %j',
    (name) => {
      expect(checkBackupName(name)).toBe(name);
    },
  );

  it.each([
    '',
    ' ',
    '../x',
    'a/b',
    'a\\b',
    'a\0b',
    'a\nb',
    '.hidden',
    '-rf',
    'x'.repeat(161),
    'ü'.repeat(81),
    'a:b',
    'a*',
    'end.',
  ])('a caller may not choose %j', (name) => {
    expect(() => checkBackupName(name)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error);
  });

  it.each([
    ['shop', 'shop'],
    ['a/b', 'a_b'],
    ['../../etc', '__.._etc'],
    ['.', '_'],
    ['a"b`c;d', 'a_b_c_d'],
    ['größe', 'größe'],
  ])('of the database %j become %j', (database, expected) => {
    expect(nameOfDatabase(database)).toBe(expected);
    expect(checkBackupName(nameOfDatabase(database))).toBe(expected);
  });

  it('of a database with a long name are cut at a character', () => {
    const name = nameOfDatabase('ü'.repeat(200));
    expect(name).toBe('ü'.repeat(80));
  });
});
