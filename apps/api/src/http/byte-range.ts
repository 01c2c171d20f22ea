import type { BytePart } from '@app/storage';

/**
 * What a header `Range` asks for of so many bytes (RFC 9110, 14). Undefined: everything, also where several ranges are
 * asked for, another unit, or nothing that can be read: each of these may be ignored.
 *
 * `range-parser`, which Express brings, is not used: it has no bytes for `bytes=-300` of 10 and for `bytes=5-2`, where RFC 9110 has
 * all, and does not look at the unit (ADR 51).
 */
export function byteRangeOf(header: string | undefined, size: number): BytePart | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(header ?? '') ?? [];
  if (first === '') {
    if (last === '') return undefined;
    // So many from the end.
    return last.replace(/^0+/, '') === '' || size === 0
      ? 'unsatisfiable'
      : { start: Math.max(0, size - Number(last)), end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}
