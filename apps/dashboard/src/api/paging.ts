/**
 * For useInfiniteQuery on a call that lists by page. The first page is asked for with null, which is not sent; for
 * undefined the library would send 0, which is no cursor.
 */
export const BY_CURSOR = {
  pageParamName: 'after',
  initialPageParam: null,
  getNextPageParam: ({ next }: { next: string | null }) => next,
} as const;
