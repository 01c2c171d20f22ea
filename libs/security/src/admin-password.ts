import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The operator's password, kept as a keyed digest only. A comparison takes the same time whatever is wrong with the
 * attempt, its length included. A fast digest is right here: it never leaves the memory of the process that also knows
 * the password.
 */
export class AdminPassword {
  private readonly key = randomBytes(32);
  private readonly expected: Buffer;

  constructor(password: string) {
    this.expected = this.digest(password);
  }

  matches(attempt: string): boolean {
    return timingSafeEqual(this.digest(attempt), this.expected);
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.key).update(text, 'utf8').digest();
  }
}
