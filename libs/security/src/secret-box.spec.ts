import { randomBytes } from 'node:crypto';
import { SecretBox } from './secret-box.js';

const PURPOSE = 'config.ini connection password';

describe('SecretBox', () => {
  const box = new SecretBox(randomBytes(32));

  it.each(['', 'p', 'quote \' double " back \\', 'ünïcödé 🗝', 'x'.repeat(10_000)])(
    'opens a sealed text: %#',
    (text) => {
      expect(box.open(box.seal(text, PURPOSE), PURPOSE)).toBe(text);
    },
  );

  it('marks sealed texts, and never seals to the same text twice', () => {
    const sealed = box.seal('secret', PURPOSE);
    expect(sealed).toMatch(/^sealed:v1:[A-Za-z0-9+/]+=*$/);
    expect(SecretBox.isSealed(sealed)).toBe(true);
    expect(SecretBox.isSealed('secret')).toBe(false);
    expect(box.seal('secret', PURPOSE)).not.toBe(sealed);
  });

  it('refuses another key, another purpose, and an altered, cut or foreign text, each with a clear error', () => {
    const sealed = box.seal('secret', PURPOSE);
    const bytes = Buffer.from(sealed.slice('sealed:v1:'.length), 'base64');
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const attempts = [
      () => new SecretBox(randomBytes(32)).open(sealed, PURPOSE),
      () => box.open(sealed, 'another purpose'),
      () => box.open(`sealed:v1:${bytes.toString('base64')}`, PURPOSE),
      () => box.open(sealed.slice(0, 20), PURPOSE),
      () => box.open('secret', PURPOSE),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow(
        expect.objectContaining({ code: 'INTERNAL', message: expect.stringMatching(/another key/) }),
      );
    }
  });
});
