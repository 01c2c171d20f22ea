import { useQuery, useQueryClient } from '@tanstack/react-query';
import { api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';

/** The connection whose server has the users. */
export type Connection = Schemas['StatusResponse'];

const ROOT = ['get', '/api/users'] as const;

/**
 * The users of the connected server; those of another one are another answer. No event tells of them, for anybody may
 * change them on the server itself: they are asked for whenever somebody comes to look.
 */
export function useUsers({ db_type: engine, host, port, database, username }: Connection) {
  return useQuery<Schemas['UserListResponse'], unknown>({
    queryKey: [...ROOT, { engine, host, port, database, username }],
    queryFn: async ({ signal }) => {
      const { data, error } = await api.GET('/api/users', { signal });
      if (data === undefined) throw error as unknown;
      return data;
    },
    refetchOnMount: 'always',
    refetchOnWindowFocus: 'always',
  });
}

/** To be called when this page has changed them. */
export function useUsersChanged(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: ROOT });
}
