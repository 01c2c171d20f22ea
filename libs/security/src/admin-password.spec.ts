import { AdminPassword } from './admin-password.js';

describe('AdminPassword', () => {
  it('matches exactly the password and nothing else', () => {
    const password = new AdminPassword('pässword');
    expect(password.matches('pässword')).toBe(true);
    for (const wrong of ['', 'passwor', 'pässwordd', 'Pässword', 'pässword\0'])
      expect(password.matches(wrong)).toBe(false);
  });

  it('does not keep the password itself', () => {
    expect(JSON.stringify(Object.values(new AdminPassword('correct horse')))).not.toContain('correct horse');
  });
});
