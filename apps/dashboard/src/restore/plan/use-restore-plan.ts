import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';

type Request = Schemas['RestoreRequestBody'];

/** Each question has the whole file read: not one for each letter that is typed. */
const DEBOUNCE_MS = 400;

/**
 * What the restore would do, asked anew when what is asked for changes. `plan` and `error` are those of `request` itself,
 * never of an older one; a question that nobody waits for any more is given up, on the server too.
 */
export function useRestorePlan(request: Request | undefined) {
  const wanted = request === undefined ? undefined : JSON.stringify(request);
  const [debounced] = useDebouncedValue(wanted, DEBOUNCE_MS);
  const query = useQuery<Schemas['RestorePlanEntry'], unknown>({
    queryKey: ['restore-plan', debounced],
    queryFn: async ({ signal }) => {
      const body = { ...(JSON.parse(debounced ?? '{}') as Request), dry_run: true };
      const { data, error } = await api.POST('/api/restore', { body, signal });
      if (error !== undefined) throw error as unknown;
      if (data === undefined || !('plan' in data) || data.plan === undefined)
        throw new Error('There is no plan in the answer.');
      return data.plan;
    },
    enabled: debounced !== undefined,
    retry: false,
    // The sessions and the space change all the time, so the answer is not remembered.
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const current = wanted !== undefined && wanted === debounced;
  return {
    plan: current ? query.data : undefined,
    error: current && !query.isFetching ? (query.error ?? undefined) : undefined,
    looking: wanted !== undefined && (!current || query.isFetching),
    refetch: () => void query.refetch(),
  };
}
