import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';

/** While somebody types. */
const PAUSE_MS = 350;

/**
 * When a cron expression would be due, in words and as the next five times. `preview` is the last answer there was;
 * `current` says whether it, or `error`, is of what stands there now.
 */
export function useSchedulePreview(cron: string, timezone: string) {
  const wanted = JSON.stringify({ cron: cron.trim(), timezone });
  const [debounced] = useDebouncedValue(wanted, PAUSE_MS);
  const query = useQuery<Schemas['SchedulePreviewResponse'], unknown>({
    queryKey: ['schedule-preview', debounced],
    queryFn: async ({ signal }) => {
      const body = JSON.parse(debounced) as Schemas['SchedulePreviewRequest'];
      const { data, error } = await api.POST('/api/schedules/preview', { body, signal });
      if (data === undefined) throw error as unknown;
      return data;
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });
  const current = wanted === debounced && !query.isFetching;
  return { preview: query.data, error: current ? (query.error ?? undefined) : undefined, current };
}
