import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { $api } from '../../api/client.js';
import { isOver, jobKey } from '../../live/cache-updates.js';

/** How often the log of a running job is asked for: events carry everything else of it. */
const LOG_MS = 2000;

/**
 * One job with its log, while somebody looks at it. By a clock of its own: that of the query begins anew with each event,
 * and of a job that gets on well there is one each second.
 */
export function useFollowedJob(id: string) {
  const client = useQueryClient();
  const query = $api.useQuery('get', '/api/jobs/{id}', { params: { path: { id } } });
  const state = query.data?.job.state;
  const running = state !== undefined && !isOver(state);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') void client.invalidateQueries({ queryKey: jobKey(id) });
    }, LOG_MS);
    return () => clearInterval(timer);
  }, [client, id, running]);
  return query;
}
