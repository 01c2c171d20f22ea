/** Room for the line's own width at the top. */
const MARGIN = 2;

/** `x,y` of each value, from left to right. From zero, so that a backup of half the size is half as high. */
export function trendPoints(values: readonly number[], width: number, height: number): string[] {
  const top = Math.max(...values, 1);
  const step = width / Math.max(values.length - 1, 1);
  return values.map(
    (value, index) => `${rounded(index * step)},${rounded(height - (value / top) * (height - MARGIN))}`,
  );
}

const rounded = (value: number): number => Math.round(value * 100) / 100;
