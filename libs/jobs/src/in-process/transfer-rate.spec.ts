import { TransferRate } from './transfer-rate.js';

const at = (rate: TransferRate, seconds: number, bytes: number, totalBytes: number | null = null, phase = 'dump') =>
  rate.figures({ phase, bytes, totalBytes }, seconds * 1_000);

describe('TransferRate', () => {
  it('has no figures at first, then bytes and seconds', () => {
    const rate = new TransferRate();
    expect(at(rate, 0, 0, 1_000)).toEqual({ bytesPerSecond: null, secondsLeft: null });
    expect(at(rate, 0.4, 40, 1_000)).toEqual({ bytesPerSecond: null, secondsLeft: null });
    expect(at(rate, 2, 200, 1_000)).toEqual({ bytesPerSecond: 100, secondsLeft: 8 });
    expect(at(rate, 10, 1_000, 1_000)).toEqual({ bytesPerSecond: 100, secondsLeft: 0 });
  });

  it('follows a change within ten seconds', () => {
    const rate = new TransferRate();
    for (let second = 0; second <= 60; second += 1) at(rate, second, second * 1_000);
    expect(at(rate, 60, 60_000).bytesPerSecond).toBe(1_000);
    for (let second = 61; second < 70; second += 1) at(rate, second, 60_000 + (second - 60) * 10);
    expect(at(rate, 70, 60_100).bytesPerSecond).toBe(10);
  });

  it('gives no time left without a total, beyond the estimate, or at a standstill', () => {
    const rate = new TransferRate();
    at(rate, 0, 0);
    expect(at(rate, 1, 100).secondsLeft).toBeNull();
    expect(at(rate, 2, 200, 150)).toEqual({ bytesPerSecond: 100, secondsLeft: null });
    const still = new TransferRate();
    at(still, 0, 100, 200);
    expect(at(still, 5, 100, 200)).toEqual({ bytesPerSecond: 0, secondsLeft: null });
  });

  it.each([
    ['with a new phase', 3, 300, 'check'],
    ['when the bytes begin anew', 3, 10, 'dump'],
    ['when the clock is set back', 1, 300, 'dump'],
  ])('starts again %s', (_, seconds, bytes, phase) => {
    const rate = new TransferRate();
    at(rate, 0, 0);
    expect(at(rate, 2, 200).bytesPerSecond).toBe(100);
    expect(at(rate, seconds, bytes, null, phase).bytesPerSecond).toBeNull();
    expect(at(rate, seconds + 1, bytes + 50, null, phase).bytesPerSecond).toBe(50);
  });
});
