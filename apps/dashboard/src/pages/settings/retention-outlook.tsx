import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { formatCount } from '../../format/format.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Bytes } from '../../ui/figures.js';

/** While somebody types. */
const PAUSE_MS = 400;

interface Props {
  connectionId: string;
  policy: Schemas['RetentionPolicyBody'];
  words: string;
}

/** What a policy that is not saved yet would do to the backups that are there. */
export function RetentionOutlook({ connectionId, policy, words }: Props) {
  const [asked] = useDebouncedValue(JSON.stringify(policy), PAUSE_MS);
  const rules = JSON.parse(asked) as Record<string, number>;
  const empty = Object.keys(rules).length === 0;
  const query = $api.useQuery(
    'get',
    '/api/connections/{id}/retention/preview',
    { params: { path: { id: connectionId }, query: rules } },
    // Without a rule the call would answer for the policy that is in force.
    { enabled: !empty, placeholderData: keepPreviousData, staleTime: 0, gcTime: 0 },
  );
  return (
    <div role="status">
      <Text size="sm" fw={600}>
        {words}
      </Text>
      {query.error !== null && <ErrorAlert error={query.error} />}
      {!empty && query.data !== undefined && (
        <Text size="sm" c="dimmed">
          {query.data.remove.length === 0 ? (
            <>Of the {formatCount(query.data.keep.length)} backups that are there now, all would stay.</>
          ) : (
            <>
              Of the {formatCount(query.data.keep.length + query.data.remove.length)} backups that are there now,{' '}
              {formatCount(query.data.remove.length)} would go with the next one:{' '}
              <Bytes value={query.data.bytes_freed} />.
            </>
          )}{' '}
          Saving deletes nothing.
        </Text>
      )}
    </div>
  );
}
