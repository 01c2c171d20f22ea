import { LEFT_TO_RIGHT, PROHIBITED, RIGHT_TO_LEFT } from './saslprep-tables.js';

/**
 * Normalises a password as PostgreSQL and libpq do (RFC 4013), so that both ends hash the same bytes. Like them it takes a
 * text that SASLprep does not allow as it is, rather than to fail.
 */
export function saslPrep(password: string): string {
  if (/^[\x01-\x7f]*$/.test(password)) return password;
  const mapped = password
    // RFC 3454 table C.1.2, other spaces.
    .replaceAll(/[\u00a0\u1680\u2000-\u200b\u202f\u205f\u3000]/gu, ' ')
    // Table B.1, commonly mapped to nothing; alternatives, because a class of joining marks is misleading.
    .replaceAll(/\u00ad|\u034f|\u1806|[\u180b-\u180d]|\u200c|\u200d|\u2060|[\ufe00-\ufe0f]|\ufeff/gu, '');
  if (mapped === '') return password;
  // The RFC would have the normalised text checked. PostgreSQL checks what went in, and both ends must agree.
  const points = Array.from(mapped, (character) => character.codePointAt(0) ?? 0);
  const allowed = !points.some((point) => contains(PROHIBITED, point)) && !mixesDirections(points);
  return allowed ? mapped.normalize('NFKC') : password;
}

/** RFC 3454, section 6: with any right-to-left character, no left-to-right one, and such at both ends. */
function mixesDirections(points: readonly number[]): boolean {
  const rightToLeft = points.map((point) => contains(RIGHT_TO_LEFT, point));
  if (!rightToLeft.includes(true)) return false;
  return points.some((point) => contains(LEFT_TO_RIGHT, point)) || !rightToLeft.at(0) || !rightToLeft.at(-1);
}

function contains(ranges: readonly (readonly [number, number])[], point: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const [first, last] = ranges[middle] ?? [0, 0];
    if (point < first) high = middle - 1;
    else if (point > last) low = middle + 1;
    else return true;
  }
  return false;
}
