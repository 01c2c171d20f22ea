import {
  browserZone,
  formatBytes,
  formatDuration,
  formatExactBytes,
  formatExactTime,
  formatRelative,
  formatTime,
  formatZonedTime,
  toEpoch,
} from '../format/format.js';
import { $api } from '../api/client.js';
import { useNow } from './now.js';

type At = string | number | Date;

const STEP_MS = 10_000;

/** `1.5 MB`; the exact number on hover. */
export function Bytes({ value }: { value: number }) {
  return (
    <span className="figures" title={formatExactBytes(value)}>
      {formatBytes(value)}
    </span>
  );
}

/** `2 hr 5 min`; milliseconds on hover. */
export function Duration({ ms }: { ms: number }) {
  return (
    <span className="figures" title={`${new Intl.NumberFormat().format(Math.round(ms))} ms`}>
      {formatDuration(ms)}
    </span>
  );
}

/** `5 minutes ago`, running; the time itself on hover. `at`: ISO text, epoch milliseconds or a date. */
export function RelativeTime({ at }: { at: At }) {
  const epoch = toEpoch(at);
  const now = useNow(STEP_MS);
  // The clock that we go by stands still in between: what has just happened is not to come.
  const reached = epoch > now && epoch < now + STEP_MS ? epoch : now;
  return (
    <time dateTime={new Date(epoch).toISOString()} title={formatExactTime(epoch)}>
      {formatRelative(epoch, reached)}
    </time>
  );
}

/** Whether the service, whose times stand in the names of backups, goes by another zone than the browser. */
function useTwoZones(): boolean {
  const { data } = $api.useQuery('get', '/api/status');
  return data !== undefined && data.timezone !== browserZone();
}

/**
 * `Nov 23, 2026, 2:30 PM`, with the zone where the service has another one; to the second, with the zone, on hover.
 * `seconds`: for what is over within a minute.
 */
export function Time({ at, seconds = false }: { at: At; seconds?: boolean }) {
  const epoch = toEpoch(at);
  const zoned = useTwoZones();
  const to = seconds ? 'second' : 'minute';
  return (
    <time dateTime={new Date(epoch).toISOString()} title={formatExactTime(epoch)}>
      {zoned ? formatZonedTime(epoch, undefined, to) : formatTime(epoch, undefined, to)}
    </time>
  );
}

/**
 * On the clocks of whoever looks; where a schedule goes by those of another zone, with both zones: `Nov 28, 2026, 12:00 AM
 * GMT+1 (2026-11-28 08:00 Asia/Tokyo)`. `local`: on the clocks of `timezone`.
 */
export function ZonedTime({ at, local, timezone }: { at: At; local: string; timezone: string }) {
  if (timezone === browserZone()) return <Time at={at} />;
  const epoch = toEpoch(at);
  return (
    <time dateTime={new Date(epoch).toISOString()} title={formatExactTime(epoch)}>
      {formatZonedTime(epoch)} ({local.replace(/:00$/, '')} {timezone})
    </time>
  );
}

/** `3 hr 12 min` until then, running each second; nothing when it is over. */
export function Countdown({ to }: { to: At }) {
  const epoch = toEpoch(to);
  const left = epoch - useNow();
  return (
    <time dateTime={new Date(epoch).toISOString()} title={formatExactTime(epoch)} role="timer" aria-live="off">
      {left > 0 ? formatDuration(Math.max(1000, left - (left % 1000))) : 'now'}
    </time>
  );
}
