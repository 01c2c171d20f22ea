import { logLineOf } from './log-lines.js';

describe('a line of a log', () => {
  it('is a time and what happened then', () => {
    expect(logLineOf('2026-01-02T03:04:05.678Z warning: two\nlines')).toEqual({
      at: '2026-01-02T03:04:05.678Z',
      text: 'warning: two\nlines',
    });
  });

  it('is shown as it is where it tells no time', () => {
    expect(logLineOf('no time at all')).toEqual({ at: undefined, text: 'no time at all' });
  });
});
