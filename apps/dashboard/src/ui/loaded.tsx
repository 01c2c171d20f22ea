import { Skeleton, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { ErrorAlert } from './error-alert.js';

interface Props<T> {
  /** A query, or a mutation that asks. */
  query: { data: T | undefined; error: unknown; refetch(): unknown };
  /** How many grey lines stand in for what is to come. */
  lines?: number;
  children(data: T): ReactNode;
}

/**
 * What a query has answered; until then, that it is coming; without one, why not. An answer stays while the next one
 * cannot be had: the header says then that the service is away.
 */
export function Loaded<T>({ query, lines = 3, children }: Props<T>) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error !== null && query.error !== undefined) {
    return <ErrorAlert error={query.error} onRetry={() => void query.refetch()} />;
  }
  return (
    <Stack gap="sm" aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={18} width={line === lines - 1 ? '60%' : '100%'} />
      ))}
    </Stack>
  );
}
