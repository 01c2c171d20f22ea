import { Skeleton, Stack } from '@mantine/core';

/** While a page is being loaded. */
export function PageSkeleton() {
  return (
    <Stack aria-busy="true" role="status" aria-label="Loading the page">
      <Skeleton height={32} width={220} />
      <Skeleton height={220} />
    </Stack>
  );
}
