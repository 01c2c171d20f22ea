import { Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { api, RESPOND_ASYNC } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { useJobRun } from '../../jobs/use-job.js';
import { isOver } from '../../live/cache-updates.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { Countdown, Time } from '../../ui/figures.js';
import { RestoreEnding } from '../steps/restore-ending.js';
import { RunningStep } from '../steps/running-step.js';
import { StepRegion } from '../steps/step-region.js';
import { tableWords } from '../restore-words.js';
import { TypedConfirmation } from '../steps/typed-confirmation.js';
import { useWatchAfterClose } from '../watch-restore.js';

type Restore = Schemas['RestoreEntry'];

interface Props {
  restore: Restore;
  onClose(): void;
}

/** The question, the work and the end of undoing a restore, for a dialog. An undo leads on to its own undo. */
export function UndoSteps({ restore, onClose }: Props) {
  const [current, setCurrent] = useState(restore);
  return <OneUndo key={current.id} restore={current} onClose={onClose} onUndo={setCurrent} />;
}

function OneUndo({ restore, onClose, onUndo }: Props & { onUndo(restore: Restore): void }) {
  const run = useJobRun();
  useWatchAfterClose(run.job);
  const { id, database, tables, undo } = restore;
  if (run.job !== undefined && isOver(run.job.state)) {
    const strategy = undo.copy === null ? null : 'swap';
    return (
      <StepRegion key="end" label="The end">
        <RestoreEnding job={run.job} database={database} strategy={strategy} onUndo={onUndo} onClose={onClose} />
      </StepRegion>
    );
  }
  if (run.job !== undefined) {
    return (
      <StepRegion key="work" label="Progress">
        <RunningStep job={run.job} cancellable={undo.copy === null} onClose={onClose} />
      </StepRegion>
    );
  }
  return (
    <StepRegion key="question" label="Confirmation">
      <Stack gap="sm">
        <UndoWords restore={restore} />
        <TypedConfirmation
          requireText={tables === null ? database : undefined}
          confirmLabel={restore.kind === 'undo' ? 'Undo the undo' : 'Undo the restore'}
          danger
          busy={run.busy}
          onConfirm={() =>
            void run.start(() => api.POST('/api/restores/{id}/undo', { params: { path: { id }, ...RESPOND_ASYNC } }))
          }
          cancelLabel="Cancel"
          onCancel={onClose}
        >
          {run.error !== undefined && (
            <div style={{ marginBottom: '1rem' }}>
              <ErrorAlert error={run.error} />
            </div>
          )}
        </TypedConfirmation>
      </Stack>
    </StepRegion>
  );
}

function UndoWords({
  restore: { kind, database, tables, started_at: at, undo, safety_backup_path: safety },
}: {
  restore: Restore;
}) {
  const what = tableWords(tables);
  const comesBack = (
    <>
      the data from before the {kind} of <Time at={at} /> comes back into {what !== undefined && <>{what} of </>}
      <strong>{database}</strong>.
    </>
  );
  if (undo.copy === null) {
    return (
      <>
        <Text size="sm" className="break">
          The safety backup <strong>{safety}</strong> is restored: {comesBack}
        </Text>
        <Text size="sm">
          What was written since then is replaced. It is kept in turn if this service keeps previous data: as the
          previous database on the server, or as another safety backup.
        </Text>
      </>
    );
  }
  return (
    <>
      <Text size="sm" className="break">
        The previous database takes its place again: {comesBack}{' '}
        {tables === null
          ? 'It cannot be used for a moment, in which open sessions may be ended.'
          : 'They are exchanged in one step; other tables stay as they are.'}
      </Text>
      <Text size="sm">
        What was written since then is not lost: the present data is kept in turn, so that this can be undone, too.
      </Text>
      {undo.until !== null && (
        <Text size="sm" c="dimmed">
          Possible for another <Countdown to={undo.until} />.
        </Text>
      )}
    </>
  );
}
