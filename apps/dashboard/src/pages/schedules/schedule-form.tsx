import { Alert, Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { $api } from '../../api/client.js';
import { formFaults } from '../../api/form-faults.js';
import type { NamedConnection } from '../../connections/use-connections.js';
import { Disclosure } from '../../ui/disclosure.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { notifyDone } from '../../ui/notify.js';
import { useFocusFault } from '../../ui/forms/use-focus-fault.js';
import { browserZone } from '../../format/format.js';
import { OptionFields } from './option-fields.js';
import { RetentionChoice } from './retention-choice.js';
import {
  changeRequestOf,
  createRequestOf,
  draftOf,
  FIELD_OF,
  FIELDS,
  faultsOf,
  hasRareOptions,
  newDraft,
} from './schedule-draft.js';
import type { ScheduleDraft } from './schedule-draft.js';
import type { Schedule } from './schedule-words.js';
import { WhatFields } from './what-fields.js';
import { WhenFields } from './when-fields.js';

interface Props {
  schedule: Schedule | undefined;
  connections: readonly NamedConnection[];
  onClose(): void;
}

export function ScheduleForm({ schedule, connections, onClose }: Props) {
  const { data: status } = $api.useQuery('get', '/api/scheduler/status');
  const active = connections.find((connection) => connection.active) ?? connections[0];
  const [draft, setDraft] = useState(() =>
    schedule === undefined ? newDraft(active?.id ?? '', status?.timezone ?? browserZone()) : draftOf(schedule),
  );
  const create = $api.useMutation('post', '/api/schedules');
  const save = $api.useMutation('patch', '/api/schedules/{id}');
  const error = create.error ?? save.error;
  const own = faultsOf(draft);
  const refused = formFaults(error, FIELDS, FIELD_OF);
  const errors = { ...refused.fields, ...own };
  const form = useFocusFault(error);
  const change = (part: Partial<ScheduleDraft>): void => setDraft((before) => ({ ...before, ...part }));

  const submit = async (): Promise<void> => {
    const { message } =
      schedule === undefined
        ? await create.mutateAsync({ body: createRequestOf(draft) })
        : await save.mutateAsync({
            params: { path: { id: schedule.id } },
            body: changeRequestOf(draft, schedule.is_default),
          });
    notifyDone(message);
    onClose();
  };
  const busy = create.isPending || save.isPending;
  const blocked = Object.keys(own).length > 0;
  return (
    <form
      ref={form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // The failure is in `error`.
        if (!busy && !blocked) submit().catch(() => undefined);
      }}
    >
      <Stack gap="md">
        {schedule?.is_default === true ? (
          <DefaultFields draft={draft} onChange={change} error={errors['name']} />
        ) : (
          <>
            <WhatFields
              draft={draft}
              onChange={change}
              connections={connections}
              errors={errors}
              isNew={schedule === undefined}
            />
            <WhenFields draft={draft} onChange={change} serviceZone={status?.timezone} errors={errors} />
          </>
        )}
        <RareFields draft={draft} onChange={change} schedule={schedule} connections={connections} errors={errors} />
        {schedule === undefined && (
          <Checkbox
            label="Start it at once"
            description="Otherwise it is paused until somebody starts it."
            checked={draft.enabled}
            onChange={(event) => change({ enabled: event.currentTarget.checked })}
          />
        )}
        {refused.rest !== undefined && <ErrorAlert error={refused.rest} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={busy} disabled={blocked}>
            {schedule === undefined ? 'Create schedule' : 'Save changes'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

interface PartProps {
  draft: ScheduleDraft;
  onChange(change: Partial<ScheduleDraft>): void;
}

function DefaultFields({ draft, onChange, error }: PartProps & { error: string | undefined }) {
  return (
    <>
      <Alert variant="light" color="gray" icon={<IconInfoCircle aria-hidden />}>
        When it is due is set by BACKUP_SCHEDULE and BACKUP_TIMEZONE in the service’s environment. It backs up the
        database that is connected.
      </Alert>
      <TextInput
        label="Name"
        value={draft.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        error={error}
        autoComplete="off"
        data-autofocus
      />
    </>
  );
}

type RareProps = PartProps & Omit<Props, 'onClose'> & { errors: Readonly<Record<string, string>> };

/** Shows the fields that most schedules leave as they are, on request, or when something is set or wrong there. */
function RareFields({ draft, onChange, schedule, connections, errors }: RareProps) {
  const [used] = useState(() => schedule !== undefined && hasRareOptions(draft));
  const faulty = Object.keys(errors).some((field) => /^(options|retention|jitter_seconds)\b/.test(field));
  // Once it had to be opened it stays so.
  const [told, setTold] = useState(false);
  if (faulty && !told) setTold(true);
  const engine = connections.find(({ id }) => id === draft.connectionId)?.db_type;
  return (
    <Disclosure
      key={told ? 'told' : 'calm'}
      title={draft.action === 'backup' ? 'Options and retention' : 'Options'}
      opened={told || used}
    >
      <Stack gap="md">
        {draft.action === 'backup' && (
          <>
            <OptionFields draft={draft} onChange={onChange} engine={engine} errors={errors} />
            <RetentionChoice draft={draft} onChange={onChange} id={schedule?.id} errors={errors} />
          </>
        )}
        <TextInput
          label="Spread over, in seconds"
          description="So that many schedules that are due at the same time do not begin in the same moment."
          placeholder="0"
          value={draft.jitter}
          onChange={(event) => onChange({ jitter: event.currentTarget.value })}
          error={errors['jitter_seconds']}
          inputMode="numeric"
          autoComplete="off"
        />
      </Stack>
    </Disclosure>
  );
}
