import { Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData } from '@tanstack/react-query';
import { $api } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { formatCount } from '../format/format.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { Bytes } from '../ui/figures.js';

/** While somebody types. */
const PAUSE_MS = 400;

interface Props {
  /** Whose backups. */
  of: 'connection' | 'schedule';
  id: string;
  policy: Schemas['RetentionPolicyBody'];
  words: string;
  /** A further remark on it. */
  note?: string;
}

/** Shows what a policy, which need not be saved yet, would do to the backups that are there. */
export function RetentionOutlook({ of, id, policy, words, note }: Props) {
  const [asked] = useDebouncedValue(JSON.stringify(policy), PAUSE_MS);
  const rules = JSON.parse(asked) as Record<string, number>;
  const empty = Object.keys(rules).length === 0;
  const query = $api.useQuery(
    'get',
    of === 'connection' ? '/api/connections/{id}/retention/preview' : '/api/schedules/{id}/retention/preview',
    { params: { path: { id }, query: rules } },
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
          <Outcome {...query.data} /> {note}
        </Text>
      )}
    </div>
  );
}

function Outcome({ keep, remove, bytes_freed: freed }: Schemas['RetentionPreviewResponse']) {
  const all = keep.length + remove.length;
  if (all === 0) return <>There are no backups yet that it would be about.</>;
  if (remove.length === 0) {
    return all === 1 ? (
      <>The backup that is there now would stay.</>
    ) : (
      <>All {formatCount(all)} that are there now would stay.</>
    );
  }
  return (
    <>
      Of the {formatCount(all)} that are there now, {formatCount(remove.length)} would go with the next one:{' '}
      <Bytes value={freed} />.
    </>
  );
}
