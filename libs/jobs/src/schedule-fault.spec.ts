import { cronFault, timezoneFault } from './schedule-fault.js';

describe('the check of a schedule', () => {
  it.each(['0 0 * * 6', '*/5 9-17 * * mon-fri', '0 0 29 2 *', '0  3 1 1 *', '0 0 * * 7'])('takes %j', (expression) => {
    expect(cronFault(expression)).toBeUndefined();
  });

  it.each([
    ['', 'must have five fields: minute, hour, day, month, weekday'],
    ['0 0 * *', 'must have five fields: minute, hour, day, month, weekday'],
    ['0 0 0 * * 6', 'must have five fields: minute, hour, day, month, weekday'],
    ['@daily', 'must have five fields: minute, hour, day, month, weekday'],
    ['61 * * * *', 'is not a cron expression that ever comes due'],
    ['5-1 * * * *', 'is not a cron expression that ever comes due'],
    ['0 0 L * *', 'is not a cron expression that ever comes due'],
    ['0 0 30 2 *', 'is not a cron expression that ever comes due'],
  ])('says what is wrong with %j', (expression, fault) => {
    expect(cronFault(expression)).toBe(fault);
  });

  it('knows the zones of the world, and nothing else', () => {
    for (const zone of ['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires']) {
      expect(timezoneFault(zone)).toBeUndefined();
    }
    for (const zone of ['', 'Berlin', 'Mars/Olympus', '../etc/localtime']) {
      expect(timezoneFault(zone)).toBe('is not a time zone, such as Europe/Berlin');
    }
  });
});
