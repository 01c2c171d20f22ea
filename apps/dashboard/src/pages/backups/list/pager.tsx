import { Button, Group, Text } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { formatCount } from '../../../format/format.js';

interface Props {
  /** The position of the first one shown, from 0. */
  offset: number;
  shown: number;
  total: number;
  onBack: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

/** Says which part of the list is shown, and leads to the other parts. */
export function Pager({ offset, shown, total, onBack, onNext }: Props) {
  const range = shown === total ? '' : `${formatCount(offset + 1)}–${formatCount(offset + shown)} of `;
  return (
    <Group justify="space-between" gap="sm">
      <Text size="sm" c="dimmed" role="status" className="figures">
        {range}
        {formatCount(total)} {total === 1 ? 'backup' : 'backups'}
      </Text>
      {(onBack !== undefined || onNext !== undefined) && (
        <Group gap="xs" component="nav" aria-label="Pages of backups">
          <Button
            variant="default"
            size="compact-md"
            leftSection={<IconChevronLeft size={16} aria-hidden />}
            disabled={onBack === undefined}
            onClick={onBack}
          >
            Previous
          </Button>
          <Button
            variant="default"
            size="compact-md"
            rightSection={<IconChevronRight size={16} aria-hidden />}
            disabled={onNext === undefined}
            onClick={onNext}
          >
            Next
          </Button>
        </Group>
      )}
    </Group>
  );
}
