import { trendPoints } from './trend-points.js';

describe('trendPoints', () => {
  it('goes from left to right, as high as the values are', () => {
    expect(trendPoints([5, 10, 0], 100, 36)).toEqual(['0,19', '50,2', '100,36']);
  });

  it('lies on the ground where all backups are empty', () => {
    expect(trendPoints([0, 0], 100, 36)).toEqual(['0,36', '100,36']);
  });
});
