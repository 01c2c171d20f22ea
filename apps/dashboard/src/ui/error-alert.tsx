import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { troubleOf } from '../api/api-error.js';

/** Says what went wrong and what to do next, next to the cause. Read out at once. `error` is whatever a call threw. */
export function ErrorAlert({ error, title, onRetry }: { error: unknown; title?: string; onRetry?: () => void }) {
  const { message, hint, fields } = troubleOf(error);
  const others = Object.entries(fields).filter(([, words]) => !message.includes(words));
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} role="alert" title={title}>
      <Text size="sm" className="break">
        {message}
      </Text>
      {others.map(([field, words]) => (
        <Text key={field} size="sm" className="break">
          <strong>{field}</strong>: {words}
        </Text>
      ))}
      {hint !== undefined && (
        <Text size="sm" c="dimmed" mt={4} className="break">
          {hint}
        </Text>
      )}
      {onRetry && (
        <Group mt="xs">
          <Button size="compact-sm" variant="default" onClick={onRetry}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}
