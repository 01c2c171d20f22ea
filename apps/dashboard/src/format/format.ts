/** How sizes, times and durations are written: in the browser's locale, unless a test says another. */

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/** `1.5 MB`: three figures at most, powers of 1000. */
export function formatBytes(bytes: number, locale?: string): string {
  let value = Math.abs(bytes);
  let unit = 0;
  // 999.5 and above would be written as 1000.
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: BYTE_UNITS[unit] ?? 'byte',
    unitDisplay: unit === 0 ? 'long' : 'short',
    maximumSignificantDigits: 3,
  }).format(bytes < 0 ? -value : value);
}

/** `1,536,000 bytes`. */
export function formatExactBytes(bytes: number, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit: 'byte', unitDisplay: 'long' }).format(bytes);
}

/** `12.3 MB/s`. */
export function formatRate(bytesPerSecond: number, locale?: string): string {
  return `${formatBytes(bytesPerSecond, locale)}/s`;
}

export function formatCount(count: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(count);
}

const DURATION_UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
] as const;

/** `2 hr 5 min`: the two largest units; below a second in milliseconds, below ten with one decimal. */
export function formatDuration(ms: number, locale?: string): string {
  const write = (value: number, unit: string, digits = 0): string =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value);
  if (ms < 1000) return write(Math.round(ms), 'millisecond');
  if (ms < 9950) return write(ms / 1000, 'second', 1);
  let rest = Math.round(ms / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, length] of DURATION_UNITS) {
    if (parts.length === 0 ? rest >= length : parts.length === 1) {
      const count = Math.floor(rest / length);
      rest -= count * length;
      if (count > 0) parts.push(write(count, unit));
      else break;
    }
  }
  return parts.join(' ');
}

const RELATIVE_UNITS = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/**
 * `5 minutes ago`, `in 2 days`; `just now` within half a minute. From a day on by the calendar of the browser's zone:
 * `tomorrow` is the next day, however many hours it is away; the 1st is 30 days ago on the 31st, and not of `this month`.
 */
export function formatRelative(at: number, now: number, locale?: string): string {
  const difference = at - now;
  if (Math.abs(difference) < 30_000) return difference > 0 ? 'in a moment' : 'just now';
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'long' });
  for (const [unit, length] of RELATIVE_UNITS) {
    const count = Math.abs(difference) >= length ? elapsed(at, now, unit, length) : 0;
    if (count !== 0) return format.format(count, unit);
  }
  return format.format(Math.sign(difference), 'minute');
}

function elapsed(at: number, now: number, unit: (typeof RELATIVE_UNITS)[number][0], length: number): number {
  const then = new Date(at);
  const today = new Date(now);
  const years = then.getFullYear() - today.getFullYear();
  if (unit === 'year') return years;
  if (unit === 'month') return years * 12 + then.getMonth() - today.getMonth();
  if (unit !== 'day') return Math.trunc((at - now) / length);
  const midnight = (date: Date): number => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return Math.round((midnight(then) - midnight(today)) / length);
}

/** Date and time to the minute or second, in the browser's zone, with that zone. */
export function formatZonedTime(at: number | Date, locale?: string, to: 'minute' | 'second' = 'minute'): string {
  const date = { year: 'numeric', month: 'short', day: 'numeric' } as const;
  const time = { hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;
  const seconds = to === 'second' ? ({ second: '2-digit' } as const) : {};
  return new Intl.DateTimeFormat(locale, { ...date, ...time, ...seconds }).format(at);
}

/** On whose clocks the browser shows times. */
export const browserZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Date and time, to the minute or second, in the browser's zone. */
export function formatTime(at: number | Date, locale?: string, to: 'minute' | 'second' = 'minute'): string {
  const timeStyle = to === 'second' ? 'medium' : 'short';
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle }).format(at);
}

/** To the second, with the zone. */
export function formatExactTime(at: number | Date, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'long' }).format(at);
}

/** ISO text, epoch milliseconds or a date, as epoch milliseconds. */
export function toEpoch(at: string | number | Date): number {
  return typeof at === 'number' ? at : new Date(at).getTime();
}

/** `14:30:05`, in the browser's zone: for what happens within minutes. */
export function formatClock(at: number | Date, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { timeStyle: 'medium' }).format(at);
}
