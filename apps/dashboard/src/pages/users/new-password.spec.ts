import { newPassword } from './new-password.js';

describe('a new password', () => {
  it('has each kind of character, and signs only inside', () => {
    for (let round = 0; round < 200; round++) {
      const password = newPassword();
      expect(password).toMatch(/^[a-zA-Z2-9][-_.+=a-zA-Z2-9]{22}[a-zA-Z2-9]$/);
      for (const kind of [/[a-z]/, /[A-Z]/, /[2-9]/, /[-_.+=]/]) expect(password).toMatch(kind);
    }
  });

  it('is another one each time', () => {
    expect(new Set(Array.from({ length: 200 }, () => newPassword())).size).toBe(200);
  });
});
