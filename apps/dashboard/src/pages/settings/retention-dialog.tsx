import { Button, Group, Modal, Stack } from '@mantine/core';
import { useState } from 'react';
import { troubleOf } from '../../api/api-error.js';
import { $api } from '../../api/client.js';
import type { NamedConnection } from '../../connections/use-connections.js';
import { RetentionChoice } from '../../retention/retention-choice.js';
import { choiceOf, chosenPolicy, refusedRules } from '../../retention/retention-draft.js';
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
  const [choice, setChoice] = useState(() => choiceOf(retention));
  const save = $api.useMutation('patch', '/api/connections/{id}');
  const policy = chosenPolicy(choice);
  const refused = save.error === null ? {} : refusedRules(troubleOf(save.error).fields);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (policy === undefined) return;
        save.mutate(
          { params: { path: { id } }, body: { retention: policy } },
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
        <RetentionChoice choice={choice} onChange={setChoice} refused={refused} />
        {policy !== undefined && policy !== null && (
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
          <Button type="submit" loading={save.isPending} disabled={policy === undefined}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
