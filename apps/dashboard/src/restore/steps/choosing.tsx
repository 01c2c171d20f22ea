import { Anchor, Button, Group } from '@mantine/core';
import { IconPlugX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { EmptyState } from '../../ui/empty-state.js';
import { Loaded } from '../../ui/loaded.js';
import { ChooseStep } from './choose-step.js';
import type { RestorableBackup } from '../restorable-backup.js';
import { firstChoices, fittingConnections } from '../restore-choices.js';
import type { RestoreChoices } from '../restore-choices.js';

export interface Chosen {
  request: Schemas['RestoreRequestBody'];
  plan: Schemas['RestorePlanEntry'];
  connection: Schemas['ConnectionEntry'];
}

interface Props {
  backup: RestorableBackup;
  /** Undefined: nothing was chosen yet. */
  choices: RestoreChoices | undefined;
  onChoices(choices: RestoreChoices): void;
  onChosen(chosen: Chosen): void;
  onClose(): void;
  busy: boolean;
  children?: ReactNode;
}

/** The choices, once it is known what there is to choose from. */
export function Choosing({ backup, choices, onChoices, onChosen, onClose, busy, children }: Props) {
  const connections = $api.useQuery('get', '/api/connections', { params: { query: { limit: 200 } } });
  const details = $api.useQuery(
    'get',
    '/api/backups/{id}',
    { params: { path: { id: backup.id ?? '' } } },
    { enabled: backup.id !== null },
  );
  // Where the catalog does not know the file, the plan tells what is to be known.
  const ready = details.isFetched || backup.id === null;
  const entry = details.data?.backup;
  return (
    <Loaded query={ready ? connections : { ...connections, data: undefined }} lines={6}>
      {({ connections: all }) => {
        const fitting = fittingConnections(backup, all);
        const current = choices ?? firstChoices(backup, fitting, entry?.connection_id ?? null);
        if (current === undefined) return <NoConnection engine={backup.db_type} onClose={onClose} />;
        return (
          <ChooseStep
            backup={backup}
            entry={entry}
            tables={Object.keys(details.data?.manifest?.rows ?? {}).toSorted()}
            connections={fitting}
            choices={current}
            onChange={(change) => onChoices({ ...current, ...change })}
            onClose={onClose}
            onChosen={(request, plan) => {
              const connection = fitting.find(({ id }) => id === request.connection_id);
              if (connection === undefined) return;
              onChoices(current);
              onChosen({ request, plan, connection });
            }}
            busy={busy}
          >
            {children}
          </ChooseStep>
        );
      }}
    </Loaded>
  );
}

function NoConnection({ engine, onClose }: { engine: RestorableBackup['db_type']; onClose(): void }) {
  return (
    <>
      <EmptyState icon={IconPlugX} title={`No connection to a ${engine ?? 'database'} server`}>
        A backup goes where a connection leads.{' '}
        <Anchor component={Link} to="/" onClick={onClose} inherit>
          Connect to a database on the overview
        </Anchor>{' '}
        first.
      </EmptyState>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Close
        </Button>
      </Group>
    </>
  );
}
