import { UnstyledButton } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import classes from './overview.module.css';
import { trendPoints } from './trend-points.js';

const SizesDialog = lazy(() => import('./sizes-dialog.js'));

const WIDTH = 100;
const HEIGHT = 36;

interface Props {
  name: string;
  /** Oldest first. */
  sizes: readonly { created: number; size: number }[];
  /** The content of the picture in words. */
  label: string;
}

/**
 * How large the last backups were. The line is drawn here, as a library of charts is larger than the whole page; a click
 * shows it with its axes, and loads the library then.
 */
export function SizeTrend({ name, sizes, label }: Props) {
  const [opened, setOpened] = useState(false);
  const line = trendPoints(
    sizes.map(({ size }) => size),
    WIDTH,
    HEIGHT,
  ).join(' ');
  return (
    <>
      <UnstyledButton
        className={classes.trendButton}
        onClick={() => setOpened(true)}
        aria-label={`${label}. Show them`}
        title="Show the sizes"
      >
        <svg className={classes.trend} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden>
          <polygon points={`0,${HEIGHT} ${line} ${WIDTH},${HEIGHT}`} />
          <polyline points={line} vectorEffect="non-scaling-stroke" />
        </svg>
      </UnstyledButton>
      <Suspense fallback={null}>
        {opened && <SizesDialog name={name} sizes={sizes} label={label} onClose={() => setOpened(false)} />}
      </Suspense>
    </>
  );
}
