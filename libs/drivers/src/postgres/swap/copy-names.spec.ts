import { copyName, parseCopyName, requireCopyName } from './copy-names.js';

describe('the names of staging and previous databases', () => {
  it('say of which database they are, what for, and of which restore', () => {
    expect(copyName('shop', 'restore', '1a2b3c4d')).toBe('shop__restore_1a2b3c4d');
    expect(parseCopyName('shop__before_1a2b3c4d')).toEqual({
      name: 'shop__before_1a2b3c4d',
      role: 'before',
      id: '1a2b3c4d',
    });
  });

  it('have at most 63 bytes, with the id whole and no character cut', () => {
    for (const database of [
      'x'.repeat(63),
      'ü'.repeat(31),
      '数据库'.repeat(7),
      '🙂'.repeat(15),
      'a' + '🙂'.repeat(15),
    ]) {
      const name = copyName(database, 'restore', '1a2b3c4d');
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(63);
      expect(Buffer.byteLength(name)).toBeGreaterThan(63 - 4);
      expect(name).not.toContain('\ufffd');
      expect(database.startsWith(name.slice(0, name.indexOf('__restore_')))).toBe(true);
      expect(parseCopyName(name)?.id).toBe('1a2b3c4d');
    }
  });

  it('never collide for databases that begin alike, as each restore has its own id', () => {
    const long = 'x'.repeat(60);
    expect(copyName(`${long}1`, 'before', 'aaaaaaaa')).not.toBe(copyName(`${long}2`, 'before', 'bbbbbbbb'));
  });

  it('can be made for a staging or previous database itself', () => {
    const name = copyName(copyName('shop', 'before', 'aaaaaaaa'), 'restore', 'bbbbbbbb');
    expect(parseCopyName(name)).toEqual({ name, role: 'restore', id: 'bbbbbbbb' });
  });

  it.each([
    'shop',
    'postgres',
    '__before_1a2b3c4d',
    'shop__before_',
    'shop__after_1',
    'shop__before_1-2',
    `${'x'.repeat(60)}__before_1`,
  ])('are not %p, which is never touched', (name) => {
    expect(() => requireCopyName(name)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
