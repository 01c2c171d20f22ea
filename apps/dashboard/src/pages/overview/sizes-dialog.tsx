import '@mantine/charts/styles.css';
import { AreaChart } from '@mantine/charts';
import { Modal, Stack, Text } from '@mantine/core';
import { formatBytes, formatTime } from '../../format/format.js';
import { useReturnFocus } from '../../ui/use-return-focus.js';

interface Props {
  /** The name of the connection. */
  name: string;
  /** Oldest first. */
  sizes: readonly { created: number; size: number }[];
  /** The content of the picture in words. */
  label: string;
  onClose(): void;
}

/** The sizes of the last backups with their axes. A chunk of its own: the library is larger than the page. */
export default function SizesDialog({ name, sizes, label, onClose }: Props) {
  useReturnFocus(true);
  return (
    <Modal opened onClose={onClose} title={`Sizes of the backups of ${name}`} size="xl" returnFocus={false}>
      <Stack>
        <Text size="sm" c="dimmed">
          {label}.
        </Text>
        <div role="img" aria-label={label}>
          <AreaChart
            h={280}
            data={sizes.map(({ created, size }) => ({ made: formatTime(created * 1000), Size: size }))}
            dataKey="made"
            series={[{ name: 'Size', color: 'indigo.5' }]}
            valueFormatter={(size) => formatBytes(size)}
            curveType="monotone"
            withDots
            yAxisProps={{ width: 64 }}
          />
        </div>
      </Stack>
    </Modal>
  );
}
