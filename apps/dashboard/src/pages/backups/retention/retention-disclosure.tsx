import { $api } from '../../../api/client.js';
import { Disclosure } from '../../../ui/disclosure.js';
import { RetentionPanel } from './retention-panel.js';

/** Asked for only when it is opened: working it out looks at every file. */
export function RetentionDisclosure({ connectionId }: { connectionId: string | undefined }) {
  const { data } = $api.useQuery('get', '/api/connections', { params: { query: { limit: 500 } } });
  if (data === undefined || data.connections.length === 0) return null;
  return (
    <Disclosure title="What retention would do">
      <RetentionPanel connections={data.connections} preferred={connectionId} />
    </Disclosure>
  );
}
