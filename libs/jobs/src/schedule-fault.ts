import { CronTime } from 'cron';
import { IANAZone } from 'luxon';

/**
 * What is wrong with the cron expression of a schedule; undefined when nothing is. The environment's own check allows a
 * field of seconds before the five; it stands in @app/config, which may not import this lib.
 */
export function cronFault(expression: string): string | undefined {
  if (expression.trim().split(/\s+/).length !== 5) return 'must have five fields: minute, hour, day, month, weekday';
  try {
    new CronTime(expression, 'UTC').sendAt();
    return undefined;
  } catch {
    return 'is not a cron expression that ever comes due';
  }
}

export function timezoneFault(zone: string): string | undefined {
  return IANAZone.isValidZone(zone) ? undefined : 'is not a time zone, such as Europe/Berlin';
}
