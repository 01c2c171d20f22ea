import { Stack, Text, ThemeIcon } from '@mantine/core';
import type { ComponentType, ReactNode } from 'react';

interface Props {
  icon: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  title: string;
  /** Says what to do first. */
  children?: ReactNode;
}

/** Where nothing is yet: says so, and what to do first. */
export function EmptyState({ icon: Icon, title, children }: Props) {
  return (
    <Stack align="center" gap="xs" py="xl" px="md" ta="center">
      <ThemeIcon size={52} radius="xl" variant="light">
        <Icon size={28} aria-hidden />
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      {children !== undefined && (
        <Text size="sm" c="dimmed" maw="30rem" component="div">
          {children}
        </Text>
      )}
    </Stack>
  );
}
