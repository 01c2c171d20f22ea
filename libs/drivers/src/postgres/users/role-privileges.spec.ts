import { roleAttributes } from './role-privileges.js';

describe('roleAttributes', () => {
  it('takes names in any case, once', () => {
    expect(roleAttributes(['login', ' CreateDB ', 'LOGIN', 'NOINHERIT'])).toEqual(['LOGIN', 'CREATEDB', 'NOINHERIT']);
  });

  it('names all that it does not know', () => {
    expect(() => roleAttributes(['LOGIN', 'FLY', 'SWIM"; DROP'])).toThrow(
      expect.objectContaining({ code: 'UNKNOWN_PRIVILEGE', message: expect.stringMatching(/FLY, SWIM"; DROP/) }),
    );
  });

  it('refuses contradictions', () => {
    expect(() => roleAttributes(['LOGIN', 'nologin'])).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
  });
});
