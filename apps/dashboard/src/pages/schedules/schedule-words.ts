import type { Schemas } from '../../api/client.js';

export type Schedule = Schemas['ScheduleEntry'];

/** The schedules that people often want. */
export const PRESETS: readonly { cron: string; label: string }[] = [
  { cron: '0 * * * *', label: 'Hourly' },
  { cron: '30 2 * * *', label: 'Daily at 02:30' },
  { cron: '0 0 * * 6', label: 'Saturdays at 00:00' },
  { cron: '0 3 1 * *', label: 'Monthly on the 1st at 03:00' },
];

/** The API's description of a cron expression without the zone, which is shown next to it. */
export function withoutZone({ description, timezone }: { description: string; timezone: string }): string {
  const zone = ` (${timezone})`;
  return description.endsWith(zone) ? description.slice(0, -zone.length) : description;
}

/** `Backup of shop`, `Restore of shop into staging`. `nameOf`: of a connection; undefined where it has gone. */
export function deedOf(
  { action, connection_id: target, connection_ids: covered, source_connection_id: source }: Schedule,
  nameOf: (id: string) => string | undefined,
): string {
  const [first, ...others] = covered.map((id) => nameOf(id) ?? 'a connection that is no longer there');
  if (others.length > 0) {
    const more = others.length === 1 ? others[0] : `${others.length} more without a schedule of their own`;
    return `Backup of ${first} and ${more}`;
  }
  if (target === null) return first === undefined ? 'Backup of the connected database' : `Backup of ${first}`;
  const into = nameOf(target) ?? 'a connection that is no longer there';
  if (action !== 'restore') return `Backup of ${into}`;
  const from = source === null ? undefined : nameOf(source);
  return `Restore of the newest verified backup of ${from ?? 'a connection that is no longer there'} into ${into}`;
}

const VERIFICATIONS = {
  complete: 'whole when written',
  stored: 'read back from storage',
  restored: 'restored on a verification server',
} as const;

/** Says where its options differ from the settings; undefined where it has none of its own. */
export function optionsInWords(options: Schedule['options']) {
  const { format, compression, verification, compare, location, name, no_owner: noOwner } = options;
  const words = [
    format ? `format ${format}` : undefined,
    compression ? `compression ${compression}` : undefined,
    verification ? `verification: ${VERIFICATIONS[verification]}` : undefined,
    compare ? `compared by ${compare}` : undefined,
    location ? `in ${location}` : undefined,
    name ? `files called ${name}_…` : undefined,
    noOwner ? 'without owners and grants' : undefined,
  ].filter((part) => part !== undefined);
  return words.length === 0 ? undefined : words.join(', ');
}

/** Those that stand first are suggested: the service's and the browser's. `all` need not have them. */
export function zoneChoices(suggested: readonly string[], all: readonly string[]) {
  const first = [...new Set(suggested)];
  return [
    { group: 'Suggested', items: first },
    { group: 'All', items: [...new Set(['UTC', ...all])].filter((zone) => !first.includes(zone)).toSorted() },
  ];
}

/** `2026-11-28 02:30:00` → `2026-11-28 02:30`: schedules know no seconds. */
export const toMinute = (local: string): string => local.replace(/:00$/, '');

/** The reasons that concern databases a schedule should answer for: not scheduled, or overdue. */
const LATE = ['not_scheduled', 'overdue'];

/** `shop, crm: The newest backup is too old, …`: each text once, for all that it holds for. */
export function lateWords(databases: readonly Pick<Schemas['OverviewDatabase'], 'connection' | 'verdict'>[]): string[] {
  const names = new Map<string, string[]>();
  for (const { connection, verdict } of databases) {
    for (const { message } of verdict.reasons.filter(({ code }) => LATE.includes(code))) {
      names.set(message, [...(names.get(message) ?? []), connection.name]);
    }
  }
  return [...names].map(([message, of]) => `${of.join(', ')}: ${message}`);
}

/** The first run that is due of all schedules; undefined when none of them runs. */
export function earliestRun(
  schedules: readonly Schedule[],
): { at: string; local: string; timezone: string; name: string } | undefined {
  return schedules
    .flatMap(({ next_runs: [next], timezone, name }) => (next === undefined ? [] : [{ ...next, timezone, name }]))
    .toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .at(0);
}
