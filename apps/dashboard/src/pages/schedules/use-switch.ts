import { $api } from '../../api/client.js';
import type { Schedule } from './schedule-words.js';

/** Starts and pauses a schedule. The default one by the scheduler's own calls, which are the specification's. */
export function useSwitch({ id, is_default: isDefault }: Pick<Schedule, 'id' | 'is_default'>) {
  const change = $api.useMutation('patch', '/api/schedules/{id}');
  const start = $api.useMutation('post', '/api/scheduler/start');
  const stop = $api.useMutation('post', '/api/scheduler/stop');
  const turn = (on: boolean): void => {
    start.reset();
    stop.reset();
    if (!isDefault) change.mutate({ params: { path: { id } }, body: { enabled: on } });
    else if (on) start.mutate({});
    else stop.mutate({});
  };
  return {
    turn,
    busy: change.isPending || start.isPending || stop.isPending,
    error: change.error ?? start.error ?? stop.error,
  };
}
