import { IANAZone } from 'luxon';

export function timezoneFault(zone: string): string | undefined {
  return IANAZone.isValidZone(zone) ? undefined : 'is not a time zone, such as Europe/Berlin';
}
