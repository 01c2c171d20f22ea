import { Alert, Button, Group, Text } from '@mantine/core';
import { IconLink } from '@tabler/icons-react';

interface Props {
  message: string;
  busy: boolean;
  onReplace(): void;
  /** The text of the other button, and its action. */
  other: string;
  onOther(): void;
}

/** One database reached by a second login: it stays one, and the login can take the place of the one before. */
export function SameDatabaseAlert({ message, busy, onReplace, other, onOther }: Props) {
  return (
    <Alert color="yellow" variant="light" icon={<IconLink aria-hidden />} role="alert" title="Known already">
      <Text size="sm" className="break">
        {message}
      </Text>
      <Text size="sm" c="dimmed">
        Its backups and schedules stay where its login is replaced.
      </Text>
      <Group mt="xs" gap="xs">
        <Button size="compact-sm" onClick={onReplace} loading={busy}>
          Replace its login
        </Button>
        <Button size="compact-sm" variant="default" onClick={onOther} disabled={busy}>
          {other}
        </Button>
      </Group>
    </Alert>
  );
}
