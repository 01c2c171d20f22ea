import { useSyncExternalStore } from 'react';

/** One clock for all that shows a running time, so that they change together. */
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;
let now = Date.now();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = Date.now();
    for (const tell of listeners) tell();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

/** Epoch milliseconds, anew every `step` ms (1 s at least). */
export function useNow(step = 1000): number {
  return useSyncExternalStore(subscribe, () => (timer === undefined ? (now = Date.now()) : now) - (now % step));
}
