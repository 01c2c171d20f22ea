import { useQueryClient } from '@tanstack/react-query';
import { createContext, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { applyEvent } from './cache-updates.js';
import { LiveStream } from './live-stream.js';
import type { LiveState } from './live-stream.js';

const LiveContext = createContext<LiveState>('connecting');

/** Whether what is shown follows what happens. */
export const useLiveState = (): LiveState => useContext(LiveContext);

/** Keeps everything that is shown up to date by the API's events. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [state, setState] = useState<LiveState>('connecting');
  useEffect(() => {
    const stream = new LiveStream({
      onState: setState,
      onEvent: (event) => applyEvent(client, event),
      onOpen: () => void client.invalidateQueries(),
    });
    stream.start();
    return () => stream.stop();
  }, [client]);
  return <LiveContext value={state}>{children}</LiveContext>;
}
