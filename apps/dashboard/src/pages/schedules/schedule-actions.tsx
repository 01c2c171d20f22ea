import { ActionIcon, Button, Group, Menu, Stack } from '@mantine/core';
import { IconDots, IconPencil, IconPlayerPlay, IconTrash } from '@tabler/icons-react';
import { useRef } from 'react';
import { $api } from '../../api/client.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import type { Schedule } from './schedule-words.js';
import classes from './schedules.module.css';

interface Props {
  schedule: Schedule;
  /** Whether it runs or waits now. */
  busy: boolean;
  onEdit(): void;
  onDelete(): void;
}

export function ScheduleActions({ schedule, busy, onEdit, onDelete }: Props) {
  const { id, name, is_default: isDefault } = schedule;
  const run = $api.useMutation('post', '/api/schedules/{id}/run');
  const more = useRef<HTMLButtonElement>(null);
  /** The item goes with the menu: its dialog gives the focus back to the button. */
  const fromMenu = (open: () => void) => () => {
    more.current?.focus();
    open();
  };
  return (
    <Stack gap={4} align="flex-end">
      <Group gap={6} wrap="nowrap" className={classes.actions}>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          loading={run.isPending}
          disabled={busy}
          onClick={() => run.mutate({ params: { path: { id } } })}
          aria-label={`Run now: ${name}`}
        >
          Run now
        </Button>
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon ref={more} variant="default" size={26} aria-label={`More actions for ${name}`}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={fromMenu(onEdit)}>
              Edit…
            </Menu.Item>
            {!isDefault && (
              <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={fromMenu(onDelete)}>
                Delete…
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      </Group>
      {run.error !== null && <ErrorAlert error={run.error} />}
    </Stack>
  );
}
