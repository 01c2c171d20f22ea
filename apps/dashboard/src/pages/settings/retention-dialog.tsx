import { Button, Group, Modal, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { troubleOf } from '../../api/api-error.js';
import { $api } from '../../api/client.js';
import type { NamedConnection } from '../../connections/use-connections.js';
import { draftFaults, draftOf, policyOf } from '../../retention/retention-draft.js';
import { RetentionFields } from '../../retention/retention-fields.js';
import { RetentionOutlook } from '../../retention/retention-outlook.js';
import { policyInWords } from '../../retention/retention-words.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { notifyDone } from '../../ui/notify.js';

interface Props {
  connection: NamedConnection;
  opened: boolean;
  onClose(): void;
}

/** Changes what is kept of the backups of a connection. Deletes nothing by itself. */
export default function RetentionDialog({ connection, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={`Retention of ${connection.distinctName}`} size="lg">
      {/* Made anew each time it is opened: nothing that was typed before is left. */}
      {opened && <RetentionForm connection={connection} onClose={onClose} />}
    </Modal>
  );
}

function RetentionForm({ connection, onClose }: Omit<Props, 'opened'>) {
  const { id, retention, distinctName } = connection;
  const [whose, setWhose] = useState(retention === null ? 'default' : 'own');
  const [draft, setDraft] = useState(() => draftOf(retention));
  const save = $api.useMutation('patch', '/api/connections/{id}');
  const own = whose === 'own';
  const faults = own ? draftFaults(draft) : {};
  const faulty = Object.keys(faults).length > 0;
  const policy = own && !faulty ? policyOf(draft) : undefined;
  const refused = save.error === null ? {} : ofPolicy(troubleOf(save.error).fields);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (faulty) return;
        save.mutate(
          { params: { path: { id } }, body: { retention: policy ?? null } },
          {
            onSuccess: () => {
              notifyDone(`Retention of ${distinctName} saved. Nothing was deleted.`);
              onClose();
            },
          },
        );
      }}
    >
      <Stack>
        <Radio.Group value={whose} onChange={setWhose} label="Which rules">
          <Stack gap="xs" mt={4}>
            <Radio value="default" label="The service’s default" />
            <Radio value="own" label="Rules of its own" />
          </Stack>
        </Radio.Group>
        {own && <RetentionFields draft={draft} onChange={setDraft} errors={{ ...refused, ...faults }} />}
        {policy !== undefined && (
          <RetentionOutlook
            of="connection"
            id={id}
            policy={policy}
            words={policyInWords(policy)}
            note="Saving deletes nothing."
          />
        )}
        {save.error !== null && Object.keys(refused).length === 0 && <ErrorAlert error={save.error} />}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={save.isPending} disabled={faulty}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** `retention.days` is told of the field `days`. */
function ofPolicy(fields: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([field]) => field.startsWith('retention.'))
      .map(([field, words]) => [field.slice('retention.'.length), words]),
  );
}
