import { Button, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { $api, api, RESPOND_ASYNC } from '../../../api/client.js';
import type { Schemas } from '../../../api/client.js';
import { formatBytes } from '../../../format/format.js';
import { JobProgress } from '../../../jobs/job-progress.js';
import { useJobRun } from '../../../jobs/use-job.js';
import { ConfirmDialog } from '../../../ui/confirm-dialog.js';
import { ErrorAlert } from '../../../ui/error-alert.js';
import { Loaded } from '../../../ui/loaded.js';
import { notifyDone } from '../../../ui/notify.js';
import { Panel } from '../../../ui/panel.js';
import { policyInWords } from '../../../retention/retention-words.js';
import { JudgedBackups } from './judged-backups.js';

type Connection = Schemas['ConnectionEntry'];

interface Props {
  /** At least one. */
  connections: readonly Connection[];
  /** The id of the one to begin with. */
  preferred: string | undefined;
}

/** Shows for one connection which backups its retention would delete and why, and deletes them on request. */
export function RetentionPanel({ connections, preferred }: Props) {
  const first = connections.find(({ id }) => id === preferred) ?? connections.find(({ active }) => active);
  const [chosen, setChosen] = useState<string>();
  const id = connections.some((connection) => connection.id === chosen) ? chosen : (first ?? connections[0])?.id;
  if (id === undefined) return null;
  return (
    <Panel
      title="Retention"
      description="It looks at a database's backups whenever a new one is made. Changing a policy deletes nothing by itself."
      actions={
        <Select
          aria-label="Connection for retention"
          data={connections.map(({ id: value, name, db_type }) => ({ value, label: `${name} (${db_type})` }))}
          value={id}
          onChange={(value) => setChosen(value ?? undefined)}
          allowDeselect={false}
          w={{ base: '100%', sm: '20rem' }}
          searchable={connections.length > 8}
        />
      }
    >
      <OfConnection key={id} id={id} />
    </Panel>
  );
}

function OfConnection({ id }: { id: string }) {
  const params = { path: { id } };
  const query = $api.useQuery('get', '/api/connections/{id}/retention/preview', { params });
  const [asked, setAsked] = useState(false);
  const run = useJobRun((job) => {
    if (job.state === 'succeeded') notifyDone('Retention was applied.');
  });
  const apply = async (): Promise<void> => {
    const answer = await api.POST('/api/connections/{id}/retention/apply', { params: { ...params, ...RESPOND_ASYNC } });
    if (answer.error !== undefined) throw answer.error;
    await run.start(() => Promise.resolve(answer));
  };
  return (
    <Loaded query={query}>
      {({ policy, timezone, keep, remove, bytes_freed: freed }) => (
        <Stack gap="md">
          <Text size="sm">
            {policyInWords(policy)} {goesByCalendar(policy) && `Its calendar is that of ${timezone}.`}
          </Text>
          {remove.length === 0 ? (
            <Text size="sm" fw={600}>
              Nothing would go.
            </Text>
          ) : (
            <>
              <JudgedBackups title={`Would go: ${countOf(remove)}, ${formatBytes(freed)}`} backups={remove} opened />
              {run.job === undefined || !run.busy ? (
                <Button color="red" variant="light" onClick={() => setAsked(true)} style={{ alignSelf: 'flex-start' }}>
                  Apply now…
                </Button>
              ) : (
                <JobProgress job={run.job} />
              )}
            </>
          )}
          {run.job?.error && <ErrorAlert error={{ success: false, ...run.job.error, hint: run.job.error.hint ?? undefined }} />}
          {keep.length > 0 && <JudgedBackups title={`Would stay: ${countOf(keep)}`} backups={keep} />}
          <ConfirmDialog
            opened={asked}
            onClose={() => setAsked(false)}
            title="Apply the retention now?"
            confirmLabel={`Delete ${countOf(remove)}`}
            onConfirm={apply}
          >
            {countOf(remove)} and {remove.length === 1 ? 'its manifest' : 'their manifests'} are deleted, which frees{' '}
            {formatBytes(freed)}. {countOf(keep)} {keep.length === 1 ? 'stays' : 'stay'}. This cannot be taken back.
          </ConfirmDialog>
        </Stack>
      )}
    </Loaded>
  );
}

/** Whether it matters where a day begins. */
function goesByCalendar({ keep_last: _last, max_bytes: _bytes, ...calendar }: Schemas['RetentionPolicyBody']): boolean {
  return Object.values(calendar).some((count) => Boolean(count));
}

const countOf = ({ length }: readonly unknown[]): string => (length === 1 ? '1 backup' : `${length} backups`);
