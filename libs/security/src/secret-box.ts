import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { DomainError } from '@app/domain';

const PREFIX = 'sealed:v1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const ALGORITHM = 'aes-256-gcm';

/**
 * Seals short secrets with AES-256-GCM as `sealed:v1:<base64 of nonce, tag, ciphertext>`. `purpose` says what the secret
 * is and is bound to the seal: a text sealed for one purpose does not open for another.
 */
export class SecretBox {
  /** `key` has 32 bytes. */
  constructor(private readonly key: Buffer) {}

  static isSealed(text: string): boolean {
    return text.startsWith(PREFIX);
  }

  seal(plain: string, purpose: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64');
  }

  /** Fails with INTERNAL when the text was sealed with another key or for another purpose, or was altered. */
  open(sealed: string, purpose: string): string {
    const bytes = Buffer.from(sealed.slice(PREFIX.length), 'base64');
    try {
      if (!SecretBox.isSealed(sealed) || bytes.length < NONCE_BYTES + TAG_BYTES) throw new Error('not a sealed text');
      const decipher = createDecipheriv(ALGORITHM, this.key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(Buffer.from(purpose));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
    } catch (error) {
      throw new DomainError('INTERNAL', 'The stored password cannot be opened: it was sealed with another key.', {
        hint: 'Bring back the secret key file that it was saved with, or give the password once more.',
        cause: error,
      });
    }
  }
}
