import { cronFault, timezoneFault } from './cron-fault.js';

describe('the check of a schedule', () => {
  it.each(['0 0 * * 6', '*/5 9-17 * * mon-fri', '0 0 29 2 *', '0  3 1 1 *', '0 0 * * 7'])('takes %j', (expression) => {
    expect(cronFault(expression)).toBeUndefined();
  });

  it.each([
    ['', 'must have five fields: minute, hour, day, month, weekday'],
    ['0 0 * *', 'must have five fields: minute, hour, day, month, weekday'],
    ['0 0 0 * * 6', 'must have five fields: minute, hour, day, month, weekday'],
    ['@daily', 'must have five fields: minute, hour, day, month, weekday'],
    ['61 * * * *', 'has the minute "61", which must be from 0 to 59'],
    ['0 24 * * *', 'has the hour "24", which must be from 0 to 23'],
    ['0 0 0 * *', 'has the day "0", which must be from 1 to 31'],
    ['0 0 * 1-13 *', 'has the month "13" in "1-13", which must be from 1 to 12, or jan to dec'],
    ['0 0 * * mon,fre', 'has the weekday "fre", which must be from 0 to 7, or sun to sat'],
    ['5-1 * * * *', 'has the minute "5-1", which ends before it begins'],
    ['*/0 * * * *', 'has the minute "*/0", whose step must be a number from 1 on'],
    ['0 0 L * *', 'has the day "L", which must be from 1 to 31'],
    ['61 25 * * *', 'has the minute "61", which must be from 0 to 59, and the hour "25", which must be from 0 to 23'],
    ['0 0 30 2 *', 'is not a cron expression that ever comes due'],
  ])('says what is wrong with %j', (expression, fault) => {
    expect(cronFault(expression)).toBe(fault);
  });

  it('accepts the time zones of the world, and nothing else', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires']) {
      expect(timezoneFault(zone)).toBeUndefined();
    }
    for (const zone of ['', 'Berlin', 'Mars/Olympus', '../etc/localtime']) {
      expect(timezoneFault(zone)).toBe('is not a time zone, such as Europe/Berlin');
    }
  });
});
