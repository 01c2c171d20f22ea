/** A statement of the usual length, which the tools end at 1 MB, fits in. */
const BUFFER_BYTES = 1024 * 1024 + 128 * 1024;
/** Shorter statements are copied: they may live on for long. */
const SHORT_BYTES = 128 * 1024;
/** No more than are under way at once. */
const SPARE_MAX = 8;

/**
 * Puts a statement together from the chunks in which it comes, in memory that is used again. Memory of this size is given
 * back so late that a load would grow by many times of what it needs.
 */
export class StatementBuffer {
  length = 0;
  private buffer: Buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
  private spare: Buffer[] = [];

  append(bytes: Buffer): void {
    const needed = this.length + bytes.length;
    if (needed > this.buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.buffer.length));
      this.buffer.copy(larger, 0, 0, this.length);
      this.buffer = larger;
    }
    bytes.copy(this.buffer, this.length);
    this.length = needed;
  }

  /** The first bytes of what is there. */
  head(bytes: number): string {
    return this.buffer.toString('latin1', 0, Math.min(bytes, this.length));
  }

  /** All that is there, which belongs to the caller. */
  take(): Buffer {
    const taken = this.buffer.subarray(0, this.length);
    this.length = 0;
    if (taken.length < SHORT_BYTES) return Buffer.from(taken);
    this.buffer = this.spare.pop() ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    return taken;
  }

  /** Takes back a piece that nobody reads any more. */
  reuse({ buffer, byteOffset }: Buffer): void {
    const whole = byteOffset === 0 && buffer.byteLength >= BUFFER_BYTES;
    if (whole && this.spare.length < SPARE_MAX) this.spare.push(Buffer.from(buffer));
  }
}
