import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * The operator's password, of which only a keyed digest is kept. A comparison takes the same time for every wrong attempt of any
 * length. A fast digest suffices, as it never leaves the memory of the process that also knows the password.
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
