import { useInfiniteQuery } from '@tanstack/react-query';
import { api } from '../../api/client.js';

const PAGE_SIZE = 25;

/** The history of restores, page after page. Its key begins as that of any query of the path: events find it. */
export function useRestores() {
  return useInfiniteQuery({
    queryKey: ['get', '/api/restores', 'pages'],
    queryFn: async ({ pageParam: after, signal }) => {
      const query = { limit: PAGE_SIZE, ...(after === undefined ? {} : { after }) };
      const { data, error } = await api.GET('/api/restores', { params: { query }, signal });
      if (data === undefined) throw error as unknown;
      return data;
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
  });
}
