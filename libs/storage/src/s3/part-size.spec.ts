import { grownPartBytes, partBytesOf } from './part-size.js';

const MEBIBYTE = 1024 * 1024;
const GIBIBYTE = 1024 * MEBIBYTE;
const LEAST = 8 * MEBIBYTE;

/** The bytes of an upload with the most parts that it can have. */
function capacity(partBytes: number): number {
  let bytes = 0;
  for (let number = 1; number <= 10_000; number += 1) bytes += grownPartBytes(partBytes, number);
  return bytes;
}

describe('the parts of an upload', () => {
  it.each([0, 1, 30 * GIBIBYTE])('are small for an artifact of %d bytes', (expected) => {
    expect(partBytesOf(LEAST, expected)).toBe(LEAST);
  });

  it('are as large as twice the expected size needs, in whole mebibytes', () => {
    const bytes = partBytesOf(LEAST, 500 * GIBIBYTE);
    expect(bytes % MEBIBYTE).toBe(0);
    expect(bytes * 10_000).toBeGreaterThanOrEqual(1000 * GIBIBYTE);
    expect(bytes).toBeLessThan(110 * MEBIBYTE);
  });

  it('do not fill the memory for an absurd estimate', () => {
    expect(partBytesOf(LEAST, 1e18)).toBe(256 * MEBIBYTE);
  });

  it('are of one size for long, as some servers demand, and grow when the artifact becomes much longer than expected', () => {
    expect(grownPartBytes(LEAST, 1)).toBe(LEAST);
    expect(grownPartBytes(LEAST, 5000)).toBe(LEAST);
    expect(grownPartBytes(LEAST, 5001)).toBe(2 * LEAST);
    expect(grownPartBytes(LEAST, 10_000)).toBe(8 * LEAST);
    expect(capacity(LEAST)).toBeGreaterThan(3 * 10_000 * LEAST);
  });
});
