import { useMemo } from 'react';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { distinctNames } from './distinct-names.js';

/** With a name that no other one has. */
export type NamedConnection = Schemas['ConnectionEntry'] & { distinctName: string };

/** Those that the service knows; none until they are there. */
export function useConnections(): readonly NamedConnection[] {
  const { data } = $api.useQuery('get', '/api/connections', { params: { query: { limit: 500 } } });
  return useMemo(() => distinctNames(data?.connections ?? []), [data]);
}
