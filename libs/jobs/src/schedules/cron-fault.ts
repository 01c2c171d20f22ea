import { CronTime } from 'cron';
import { IANAZone } from 'luxon';

interface Part {
  name: string;
  min: number;
  max: number;
  words?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const PARTS: readonly Part[] = [
  { name: 'minute', min: 0, max: 59 },
  { name: 'hour', min: 0, max: 23 },
  { name: 'day', min: 1, max: 31 },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  { name: 'weekday', min: 0, max: 7, words: DAYS },
];

/**
 * Says what is wrong with the cron expression of a schedule, as the end of a sentence after its name; undefined when nothing is.
 * The check of the environment also allows a field of seconds before the five; it is in @app/config, which may not import this
 * lib.
 */
export function cronFault(expression: string): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (fields.length !== PARTS.length) return 'must have five fields: minute, hour, day, month, weekday';
  try {
    new CronTime(expression, 'UTC').sendAt();
    return undefined;
  } catch {
    const faults = PARTS.map((part, at) => fieldFault(fields[at] ?? '', part)).filter((fault) => fault !== undefined);
    return faults.length > 0 ? `has ${faults.join(', and ')}` : 'is not a cron expression that ever comes due';
  }
}

function fieldFault(field: string, part: Part): string | undefined {
  return field
    .split(',')
    .map((item) => itemFault(item, part))
    .find((fault) => fault !== undefined);
}

/** Checks `*`, a value or `from-to`, each with `/step`. */
function itemFault(item: string, part: Part): string | undefined {
  const [range = '', step, ...rest] = item.split('/');
  if (rest.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
    return `the ${part.name} "${item}", whose step must be a number from 1 on`;
  }
  if (range === '*') return undefined;
  const values = range.split('-');
  const wrong = values.find((value) => valueOf(value, part) === undefined);
  if (wrong !== undefined || values.length > 2) {
    const shown = item === wrong || wrong === undefined ? `"${item}"` : `"${wrong}" in "${item}"`;
    return `the ${part.name} ${shown}, which must be from ${part.min} to ${part.max}${wordsOf(part)}`;
  }
  const [from = 0, to = from] = values.map((value) => valueOf(value, part) ?? 0);
  return from > to ? `the ${part.name} "${item}", which ends before it begins` : undefined;
}

function valueOf(text: string, { min, max, words = [] }: Part): number | undefined {
  const word = words.indexOf(text.toLowerCase());
  if (word >= 0) return min === 1 ? word + 1 : word;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : undefined;
  return value !== undefined && value >= min && value <= max ? value : undefined;
}

function wordsOf({ words }: Part): string {
  return words === undefined ? '' : `, or ${words[0]} to ${words.at(-1)}`;
}

/** Says what is wrong with the name of a time zone; undefined when nothing is. */
export function timezoneFault(zone: string): string | undefined {
  return IANAZone.isValidZone(zone) ? undefined : 'is not a time zone, such as Europe/Berlin';
}
