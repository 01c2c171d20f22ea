import { Sparkline } from '@mantine/charts';

/** How large the last backups were, oldest first. A chunk of its own: charts are heavy. */
export default function SizeTrend({ sizes }: { sizes: readonly { size: number }[] }) {
  return (
    <Sparkline
      h={36}
      data={sizes.map(({ size }) => size)}
      color="indigo.5"
      curveType="monotone"
      fillOpacity={0.25}
      strokeWidth={1.5}
    />
  );
}
