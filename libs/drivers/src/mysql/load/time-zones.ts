const FIRST_YEAR = 1990;
const LAST_YEAR = 2037;

/** Instants at which time zones are compared, seconds since 1970: a winter's and a summer's day of each year. */
export const PROBES: readonly number[] = Array.from({ length: LAST_YEAR - FIRST_YEAR + 1 }, (_, n) =>
  [0, 6].map((month) => Date.UTC(FIRST_YEAR + n, month, 15, 12) / 1000),
).flat();

/** Servers take offsets of less than 14 hours, in whole minutes. */
const LARGEST_OFFSET_S = 13 * 3600 + 59 * 60;

/** `+05:00` where the offset is the same at all probes. */
export function fixedOffset(offsets: readonly number[]): string | undefined {
  const [first] = offsets;
  if (first === undefined || offsets.some((offset) => offset !== first)) return undefined;
  if (first % 60 !== 0 || Math.abs(first) > LARGEST_OFFSET_S) return undefined;
  const minutes = Math.abs(first) / 60;
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${first < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** A name for a time zone with these offsets at the probes; this machine's own is preferred. */
export function zoneOf(offsets: readonly number[]): string | undefined {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [own, ...Intl.supportedValuesOf('timeZone')].find((name) => {
    const offset = offsetAt(name);
    return offset !== undefined && PROBES.every((at, n) => offset(at) === offsets[n]);
  });
}

/** Undefined for a name that is not known here. */
export function offsetsOf(zone: string): number[] | undefined {
  const offset = offsetAt(zone);
  return offset === undefined ? undefined : PROBES.map(offset);
}

function offsetAt(zone: string): ((at: number) => number) | undefined {
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
    return (at) => {
      const part = Object.fromEntries(format.formatToParts(at * 1000).map(({ type, value }) => [type, Number(value)]));
      const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = part;
      return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - at;
    };
  } catch {
    return undefined;
  }
}
