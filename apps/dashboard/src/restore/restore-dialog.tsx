import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useReducer, useState } from 'react';
import { api, RESPOND_ASYNC } from '../api/client.js';
import type { Schemas } from '../api/client.js';
import { useJobRun } from '../jobs/use-job.js';
import { isOver } from '../live/cache-updates.js';
import { ErrorAlert } from '../ui/error-alert.js';
import { Choosing } from './steps/choosing.js';
import type { Chosen } from './steps/choosing.js';
import { ConfirmStep } from './steps/confirm-step.js';
import type { RestorableBackup } from './restorable-backup.js';
import type { RestoreChoices } from './restore-choices.js';
import { RestoreEnding } from './steps/restore-ending.js';
import { replacesData } from './restore-words.js';
import { RunningStep } from './steps/running-step.js';
import { StepRegion } from './steps/step-region.js';
import { UndoSteps } from './undo/undo-steps.js';
import { useReturnFocus } from '../ui/use-return-focus.js';
import { useWatchAfterClose } from './watch-restore.js';

interface Props {
  opened: boolean;
  onClose(): void;
  backup: RestorableBackup;
}

/** Leads from a backup to a restored database: what and where, what would happen, the confirmation, the work, its end. */
export default function RestoreDialog(props: Props) {
  // Begun anew whenever it has gone, and for each backup.
  const [visit, next] = useReducer((count: number) => count + 1, 0);
  return <Visit key={`${visit} ${props.backup.path}`} {...props} onGone={next} />;
}

function Visit({ opened, onClose, backup, onGone }: Props & { onGone(): void }) {
  useReturnFocus(opened);
  const narrow = useMediaQuery('(max-width: 48em)', undefined, { getInitialValueInEffect: false });
  const [choices, setChoices] = useState<RestoreChoices>();
  const [chosen, setChosen] = useState<Chosen>();
  const [confirming, setConfirming] = useState(false);
  const [undoing, setUndoing] = useState<Schemas['RestoreEntry']>();
  const run = useJobRun();
  useWatchAfterClose(run.job);

  const begin = ({ request }: Chosen): void =>
    void run.start(() => api.POST('/api/restore', { params: RESPOND_ASYNC, body: request }));
  const refusal = run.error === undefined ? null : <ErrorAlert error={run.error} />;

  let title = 'Restore a backup';
  let step = (
    <StepRegion key="choose" label="What goes where">
      <Choosing
        backup={backup}
        choices={choices}
        onChoices={setChoices}
        onChosen={(now) => {
          setChosen(now);
          if (replacesData(now.plan)) setConfirming(true);
          else begin(now);
        }}
        onClose={onClose}
        busy={run.busy}
      >
        {refusal}
      </Choosing>
    </StepRegion>
  );
  let size = '64rem';
  if (undoing !== undefined) {
    title = `Undo the restore of ${undoing.database}`;
    step = <UndoSteps key="undo" restore={undoing} onClose={onClose} />;
    size = 'lg';
  } else if (chosen !== undefined && run.job !== undefined) {
    const { database, strategy } = chosen.plan;
    size = 'lg';
    if (isOver(run.job.state)) {
      title = `Restore of ${database}`;
      step = (
        <StepRegion key="end" label="The end">
          <RestoreEnding
            job={run.job}
            database={database}
            strategy={strategy}
            onUndo={setUndoing}
            onClose={onClose}
            onAgain={() => {
              setConfirming(false);
              run.reset();
            }}
          />
        </StepRegion>
      );
    } else {
      title = `Restoring ${database}`;
      step = (
        <StepRegion key="work" label="Progress">
          <RunningStep job={run.job} cancellable onClose={onClose} />
        </StepRegion>
      );
    }
  } else if (chosen !== undefined && confirming) {
    const { plan, connection } = chosen;
    title = `Replace ${plan.database}?`;
    size = 'lg';
    step = (
      <StepRegion key="confirm" label="Confirmation">
        <ConfirmStep
          plan={plan}
          server={`${connection.host}:${connection.port}`}
          busy={run.busy}
          onBack={() => {
            setConfirming(false);
            run.reset();
          }}
          onConfirm={() => begin(chosen)}
        >
          {refusal !== null && <div style={{ marginBottom: '1rem' }}>{refusal}</div>}
        </ConfirmStep>
      </StepRegion>
    );
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={title}
      size={size}
      fullScreen={narrow}
      returnFocus={false}
      onExitTransitionEnd={onGone}
    >
      {step}
    </Modal>
  );
}
