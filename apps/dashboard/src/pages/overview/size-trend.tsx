import classes from './overview.module.css';
import { trendPoints } from './trend-points.js';

const WIDTH = 100;
const HEIGHT = 36;

/** How large the last backups were, oldest first. Drawn here: a library of charts is larger than the whole page. */
export function SizeTrend({ sizes, label }: { sizes: readonly { size: number }[]; label: string }) {
  const line = trendPoints(
    sizes.map(({ size }) => size),
    WIDTH,
    HEIGHT,
  ).join(' ');
  return (
    <svg
      className={classes.trend}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
      <polyline points={line} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
