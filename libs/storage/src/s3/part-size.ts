/** An upload has this many parts at most, on every server. */
const MOST_PARTS = 10_000;
const MEBIBYTE = 1024 * 1024;
/** An estimate may be absurd, and parts are kept in memory. With this, an upload has 2.5 TB before parts grow. */
const MOST_BYTES = 256 * MEBIBYTE;
/** How far an estimate may be too low before parts grow. */
const MARGIN = 2;
/** After so many parts they grow, as the estimate was wrong by more than that; then each so many parts again, three times. */
const PARTS_OF_ONE_SIZE = 5000;
const PARTS_BEFORE_NEXT = 1000;
const MOST_GROWTH = 3;

/** Returns the size of a part, in whole mebibytes, with which twice the expected bytes fit into one upload. */
export function partBytesOf(least: number, expectedBytes: number): number {
  const needed = Math.ceil((expectedBytes * MARGIN) / MOST_PARTS / MEBIBYTE) * MEBIBYTE;
  return Math.max(least, Math.min(needed, MOST_BYTES));
}

/**
 * Returns the size of part number `number`, which counts from 1. It stays the same, as some servers demand, unless the artifact becomes
 * so much longer than expected that the parts would not suffice.
 */
export function grownPartBytes(partBytes: number, number: number): number {
  if (number <= PARTS_OF_ONE_SIZE) return partBytes;
  return partBytes * 2 ** Math.min(MOST_GROWTH, Math.ceil((number - PARTS_OF_ONE_SIZE) / PARTS_BEFORE_NEXT));
}
