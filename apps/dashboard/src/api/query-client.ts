import { QueryClient } from '@tanstack/react-query';
import { isRefusal } from './api-error.js';

/**
 * Events keep what is shown true (live/), so that nothing is asked for again by a clock. What the API refuses is not
 * asked twice; what it did not answer is.
 */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      retry: (failures, error) => !isRefusal(error) && failures < 2,
      retryDelay: (failures) => 500 * 2 ** failures,
    },
  },
});
