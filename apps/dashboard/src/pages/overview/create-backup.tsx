import { Alert, Anchor, Button, Group, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { $api, api, RESPOND_ASYNC } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { formFaults } from '../../api/form-faults.js';
import { JobProgress } from '../../jobs/job-progress.js';
import { useJobRun } from '../../jobs/use-job.js';
import { isOver } from '../../live/cache-updates.js';
import { Disclosure } from '../../ui/disclosure.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Bytes, Duration } from '../../ui/figures.js';
import { useFocusFault } from '../../ui/forms/use-focus-fault.js';

type Request = Schemas['BackupCreateRequest'];
type Job = Schemas['JobDetails'];

const FIELDS = ['backup_name', 'backup_location', 'format', 'compression', 'verification', 'compare'];

/** An optional name and place, and one button; then the work, and what came of it. */
export function CreateBackup({ connection }: { connection: Schemas['ConnectionEntry'] }) {
  const { data: settings } = $api.useQuery('get', '/api/settings');
  const [name, setName] = useState('');
  const [location, setLocation] = useState('');
  const [options, setOptions] = useState<Pick<Request, 'format' | 'compression' | 'verification' | 'compare'>>({});
  const run = useJobRun();
  const faults = formFaults(run.error, FIELDS, { INVALID_PATH: 'backup_location' });
  const form = useFocusFault(run.error);
  const create = (): void => {
    const body: Request = {
      ...(name.trim() === '' ? {} : { backup_name: name.trim() }),
      ...(location.trim() === '' ? {} : { backup_location: location.trim() }),
      ...options,
    };
    void run.start(() => api.POST('/api/backup', { params: RESPOND_ASYNC, body }));
  };
  return (
    <form
      ref={form}
      noValidate
      aria-label="Create a backup"
      onSubmit={(event) => {
        event.preventDefault();
        if (!run.busy) create();
      }}
    >
      <Stack gap="sm">
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm">
          <TextInput
            label="Name (optional)"
            placeholder={connection.database}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={faults.fields['backup_name']}
            autoComplete="off"
          />
          <TextInput
            label="Location (optional)"
            placeholder={settings?.storage[0]?.path ?? './backups'}
            value={location}
            onChange={(event) => setLocation(event.currentTarget.value)}
            error={faults.fields['backup_location']}
            autoComplete="off"
            spellCheck={false}
          />
        </SimpleGrid>
        <Disclosure title="Options">
          <Options
            engine={connection.db_type}
            defaults={settings?.backup}
            options={options}
            onChange={setOptions}
            errors={faults.fields}
          />
        </Disclosure>
        {faults.rest !== undefined && <ErrorAlert error={faults.rest} />}
        <Group>
          <Button type="submit" loading={run.busy && run.job === undefined} disabled={run.busy}>
            Create backup
          </Button>
        </Group>
        {run.job !== undefined && (isOver(run.job.state) ? <Ending job={run.job} /> : <JobProgress job={run.job} />)}
      </Stack>
    </form>
  );
}

interface OptionsProps {
  engine: 'PostgreSQL' | 'MySQL';
  defaults: Schemas['BackupSettings'] | undefined;
  options: Pick<Request, 'format' | 'compression' | 'verification' | 'compare'>;
  onChange(options: OptionsProps['options']): void;
  errors: Readonly<Record<string, string>>;
}

function Options({ engine, defaults, options, onChange, errors }: OptionsProps) {
  const select = <Name extends keyof OptionsProps['options']>(
    name: Name,
    label: string,
    data: { value: NonNullable<Request[Name]> & string; label: string }[],
    fallback: string | undefined,
  ) => (
    <Select
      label={label}
      data={data}
      value={options[name] ?? fallback ?? data[0]?.value ?? null}
      onChange={(value) => onChange({ ...options, [name]: value ?? undefined })}
      error={errors[name]}
      allowDeselect={false}
    />
  );
  return (
    <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
      {engine === 'PostgreSQL' &&
        select(
          'format',
          'Format',
          [
            { value: 'plain', label: 'SQL' },
            { value: 'custom', label: 'pg_dump archive' },
          ],
          defaults?.format,
        )}
      {select(
        'compression',
        'Compression',
        [
          { value: 'none', label: 'None' },
          { value: 'zstd', label: 'zstd' },
        ],
        defaults?.compression,
      )}
      {select(
        'verification',
        'Verification',
        [
          { value: 'complete', label: 'Complete' },
          { value: 'stored', label: 'Read back' },
          { value: 'restored', label: 'Restored and compared' },
        ],
        defaults?.verification,
      )}
      {select(
        'compare',
        'Comparison of a verification',
        [
          { value: 'content', label: 'Every value' },
          { value: 'counts', label: 'Objects and rows' },
        ],
        defaults?.compare,
      )}
    </SimpleGrid>
  );
}

/** Shows the result in words. */
function Ending({ job }: { job: Job }) {
  if (job.state === 'succeeded') {
    const { backup } = (job.result ?? {}) as { backup?: Schemas['BackupEntry'] };
    return (
      <Alert color="green" variant="light" icon={<IconCheck aria-hidden />} role="status" title="Backup created">
        {backup !== undefined && (
          <Text size="sm" className="break">
            <Anchor component={Link} to={`/backups/${backup.id}`} inherit>
              {backup.path}
            </Anchor>
            , <Bytes value={backup.size} />
            {backup.duration_ms !== null && (
              <>
                {' '}
                in <Duration ms={backup.duration_ms} />
              </>
            )}
          </Text>
        )}
        {backup?.warnings.map((warning) => (
          <Text key={warning} size="sm" className="break">
            {warning}
          </Text>
        ))}
      </Alert>
    );
  }
  if (job.state === 'cancelled') {
    return (
      <Alert color="gray" variant="light" role="status" title="Backup cancelled">
        Nothing of it was kept.
      </Alert>
    );
  }
  const { message, code, hint } = job.error ?? { message: 'It was interrupted.', code: 'INTERRUPTED', hint: null };
  return <ErrorAlert error={{ success: false, message, code, hint: hint ?? undefined }} title="The backup failed" />;
}
