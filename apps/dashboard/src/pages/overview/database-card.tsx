import { Anchor, Button, Group, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { Suspense, useId, useState } from 'react';
import { Link } from 'react-router';
import { $api, api, RESPOND_ASYNC } from '../../api/client.js';
import { ConnectionMenu } from '../../connections/connection-menu.js';
import { JobProgress } from '../../jobs/job-progress.js';
import { nameOfJob } from '../../jobs/job-words.js';
import { useJobRun } from '../../jobs/use-job.js';
import { RestoreDialog } from '../../restore/index.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Bytes, Countdown, Duration, RelativeTime, ZonedTime } from '../../ui/figures.js';
import { VerificationBadge } from '../../ui/badges/verification-badge.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { formatBytes } from '../../format/format.js';
import { COLOUR_WORDS, failureTitle, noneWords, TONES, trendWords } from './database-words.js';
import type { DatabaseState } from './database-words.js';
import classes from './overview.module.css';
import { SizeTrend } from './size-trend.js';

const ICONS = { green: IconShieldCheck, amber: IconAlertTriangle, red: IconShieldX };
const ENGINES = { PostgreSQL: 'PostgreSQL', MySQL: 'MySQL/MariaDB' } as const;

/** One database: what protects it, when the next backup is due, what went wrong last; and what can be done about it. */
export function DatabaseCard({ state }: { state: DatabaseState }) {
  const { connection, last_backup: last, last_failure: failure, verdict } = state;
  // The last failure is shown below, with a link to its log.
  const reasons = verdict.reasons.filter(({ code }) => code !== 'job_failed');
  const heading = useId();
  const run = useJobRun();
  const running = useRunningJob(state.connections.map(({ id }) => id));
  const [restoring, setRestoring] = useState(false);
  const working = running !== undefined || run.busy;
  const backUp = (): void =>
    void run.start(() => api.POST('/api/backup', { params: RESPOND_ASYNC, body: { connection_id: connection.id } }));
  const verify = (id: string): void =>
    void run.start(() =>
      api.POST('/api/backups/{id}/verify', { params: { path: { id }, ...RESPOND_ASYNC }, body: { level: 'restored' } }),
    );
  return (
    <section className={classes.card} data-active={connection.active || undefined} aria-labelledby={heading}>
      <Group justify="space-between" align="flex-start" wrap="nowrap" gap="xs">
        <div style={{ minWidth: 0 }}>
          <Title order={2} size="h5" id={heading} className="break">
            {connection.name}
          </Title>
          <Text size="sm" c="dimmed" className="break">
            {ENGINES[connection.db_type]}, {connection.host}:{connection.port}
          </Text>
          {state.connections.length > 1 && (
            <Text size="sm" c="dimmed" className="break">
              Reached by {state.connections.length} logins:{' '}
              {state.connections.map(({ username, host }) => `${username} at ${host}`).join(', ')}
            </Text>
          )}
        </div>
        <Group gap={4} wrap="nowrap">
          {connection.active && <StateBadge tone="busy">Active</StateBadge>}
          <ConnectionMenu connection={connection} backups={state.backups} />
        </Group>
      </Group>
      <Group gap={6}>
        <StateBadge tone={TONES[verdict.colour]} icon={ICONS[verdict.colour]}>
          {COLOUR_WORDS[verdict.colour]}
        </StateBadge>
        {last !== null && <VerificationBadge status={last.status} verification={last.verification} />}
      </Group>
      {reasons.map(({ code, message }) => (
        <Text key={code} size="sm" className="break">
          {message}
        </Text>
      ))}
      <dl className={classes.facts}>
        <dt>Last backup</dt>
        <dd>{last === null ? noneWords(state) : <LastBackup backup={last} />}</dd>
        {state.last_proven !== null && (
          <>
            <dt>Verified</dt>
            <dd>
              <RelativeTime at={state.last_proven.created_at} />
              {state.last_proven.restore_ms !== null && (
                <>
                  , restored in <Duration ms={state.last_proven.restore_ms} />
                </>
              )}
            </dd>
          </>
        )}
        <dt>Next run</dt>
        <dd>
          {state.next_run === null ? (
            <Anchor component={Link} to="/schedules" inherit>
              not scheduled
            </Anchor>
          ) : (
            <>
              <ZonedTime at={state.next_run.at} local={state.next_run.local} timezone={state.next_run.timezone} />, in{' '}
              <Countdown to={state.next_run.at} />
            </>
          )}
        </dd>
        <dt>Kept</dt>
        <dd>
          {state.backups} {state.backups === 1 ? 'backup' : 'backups'}, <Bytes value={state.bytes} />
        </dd>
      </dl>
      {state.sizes.length > 1 && (
        <SizeTrend name={connection.name} sizes={state.sizes} label={trendWords(state.sizes, formatBytes)} />
      )}
      {failure !== null && (
        <Text size="sm" c="red" className="break">
          {failureTitle(failure.type)} <RelativeTime at={failure.at} />: {failure.message}{' '}
          <Anchor component={Link} to={`/activity/${failure.job_id}`} inherit underline="always">
            Details
          </Anchor>
        </Text>
      )}
      {run.error !== undefined && <ErrorAlert error={run.error} />}
      {running !== undefined && <JobProgress job={running} title={nameOfJob(running)} />}
      <div className={classes.actions}>
        <Button size="compact-sm" variant="light" onClick={backUp} disabled={working}>
          Back up now
        </Button>
        {last !== null && (
          <>
            <Button
              size="compact-sm"
              variant="default"
              onClick={() => verify(last.id)}
              disabled={working}
              title="Restore the newest backup on a verification server, and compare the data"
            >
              Verify
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setRestoring(true)}>
              Restore…
            </Button>
          </>
        )}
      </div>
      {last !== null && restoring && (
        <Suspense fallback={null}>
          <RestoreDialog opened={restoring} onClose={() => setRestoring(false)} backup={last} />
        </Suspense>
      )}
    </section>
  );
}

function LastBackup({ backup }: { backup: NonNullable<DatabaseState['last_backup']> }) {
  return (
    <>
      <Anchor component={Link} to={`/backups/${backup.id}`} inherit>
        <RelativeTime at={backup.created_at} />
      </Anchor>
      , <Bytes value={backup.size} />
    </>
  );
}

/** Returns the job that runs on that database now, whoever began it, by whichever of its logins. */
function useRunningJob(connectionIds: readonly string[]) {
  const { data } = $api.useQuery('get', '/api/jobs', { params: { query: { state: 'running,queued', limit: 50 } } });
  return data?.jobs?.find(
    ({ connection_id: id, state }) =>
      id !== null && connectionIds.includes(id) && (state === 'running' || state === 'queued'),
  );
}
