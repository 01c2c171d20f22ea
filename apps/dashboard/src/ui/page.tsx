import { Group, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import type { ReactNode } from 'react';

interface Props {
  title: string;
  description?: ReactNode;
  /** The main actions of the page, next to the title. */
  actions?: ReactNode;
  children: ReactNode;
}

/** A page: its name in the tab, its one heading of the first order, and what is on it. */
export function Page({ title, description, actions, children }: Props) {
  useDocumentTitle(`${title} · Database Backup Service`);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="flex-end" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h2" className="break">
            {title}
          </Title>
          {description !== undefined && (
            <Text c="dimmed" component="div" maw="44rem">
              {description}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
