import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'react-router';

/**
 * What the page's address says, and how to change parts of it in place. `read` and `write` do not change. A change is made
 * to the address as it stands: what is shown may be a click behind it, and would bring back what that click took away.
 */
export function useAddress<T extends object>(
  read: (params: URLSearchParams) => T,
  write: (address: T) => URLSearchParams,
) {
  const [params, setParams] = useSearchParams();
  const address = useMemo(() => read(params), [params, read]);
  const change = useCallback(
    (parts: Partial<T>): void =>
      setParams(write({ ...read(new URLSearchParams(window.location.search)), ...parts }), { replace: true }),
    [setParams, read, write],
  );
  return { address, change, setParams };
}
