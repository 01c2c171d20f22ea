import { Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useId } from 'react';
import classes from './panel.module.css';

interface Props {
  title: string;
  description?: ReactNode;
  /** Actions next to the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A part of a page that has a name of its own. */
export function Panel({ title, description, actions, children }: Props) {
  const id = useId();
  return (
    <Card component="section" className={classes.panel} aria-labelledby={id} padding="lg">
      <Stack gap="md">
        <Group justify="space-between" align="flex-start" wrap="wrap" gap="sm">
          <div className={classes.heading}>
            <Title order={2} size="h4" id={id}>
              {title}
            </Title>
            {description !== undefined && (
              <Text size="sm" c="dimmed" component="div">
                {description}
              </Text>
            )}
          </div>
          {actions !== undefined && <Group gap="xs">{actions}</Group>}
        </Group>
        {children}
      </Stack>
    </Card>
  );
}
