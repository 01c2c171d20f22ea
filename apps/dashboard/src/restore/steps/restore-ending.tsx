import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp, IconBan, IconCheck } from '@tabler/icons-react';
import type { Schemas } from '../../api/client.js';
import { formatCount } from '../../format/format.js';
import { Countdown, Duration } from '../../ui/figures.js';
import { Warnings } from '../plan/plan-view.js';
import { outcomeOf, useRestoreRecord } from '../restore-outcome.js';
import type { Outcome } from '../restore-outcome.js';
import { fateWords, STRATEGY_WORDS, tableWords } from '../restore-words.js';
import type { Strategy } from '../restore-words.js';

type Job = Schemas['JobEntry'];
type Restore = Schemas['RestoreEntry'];

interface Props {
  /** A job that is over. */
  job: Job;
  database: string;
  /** The strategy that was planned; null when nobody knows it. */
  strategy: Strategy | null;
  onUndo(restore: Restore): void;
  onClose(): void;
  /** Back to the choices, where there are any. */
  onAgain?(): void;
}

/** Says how a restore or an undo ended, and offers the undo. */
export function RestoreEnding(props: Props) {
  const { job, onClose, onAgain } = props;
  const outcome = job.state === 'succeeded' ? outcomeOf(job) : undefined;
  return (
    <Stack gap="md">
      {job.state === 'succeeded' ? (
        <Success job={job} outcome={outcome} database={props.database} />
      ) : (
        <Failure {...props} />
      )}
      {outcome !== undefined && outcome.warnings.length > 0 && <Warnings words={outcome.warnings} />}
      <Group justify="flex-end" gap="xs">
        {outcome !== undefined && <UndoOffer id={outcome.id} onUndo={props.onUndo} />}
        {job.state !== 'succeeded' && onAgain !== undefined && (
          <Button variant="default" onClick={onAgain}>
            Back to the choices
          </Button>
        )}
        <Button onClick={onClose} data-autofocus>
          Done
        </Button>
      </Group>
    </Stack>
  );
}

function Success({ job, outcome, database }: { job: Job; outcome: Outcome | undefined; database: string }) {
  const what = outcome === undefined ? undefined : tableWords(outcome.tables);
  const subject = what === undefined ? database : `${capital(what)} of ${database}`;
  const verb = (outcome?.tables?.length ?? 1) > 1 ? 'are' : 'is';
  const title = job.type === 'undo' ? `${subject} ${verb} as before` : `${subject} ${verb} restored`;
  return (
    <Alert color="green" variant="light" icon={<IconCheck aria-hidden />} title={title} role="status">
      {outcome !== undefined && (
        <Text size="sm" component="div">
          {STRATEGY_WORDS[outcome.strategy]}, in <Duration ms={outcome.duration_ms} />.
          {outcome.lockout_ms !== null && (
            <>
              {' '}
              The database could not be used for <Duration ms={outcome.lockout_ms} />.
            </>
          )}
          {endedWords(outcome.sessions_ended)}
          {outcome.safety_backup !== null && <> The previous data is in the backup {outcome.safety_backup.filename}.</>}
        </Text>
      )}
    </Alert>
  );
}

function endedWords(sessions: number | null): string {
  if (sessions === null || sessions === 0) return '';
  return ` ${formatCount(sessions)} open ${sessions === 1 ? 'session was' : 'sessions were'} ended.`;
}

function Failure({ job, database, strategy }: Props) {
  const cancelled = job.state === 'cancelled';
  const name = job.type === 'undo' ? 'undo' : 'restore';
  const fate = fateWords(job, database, strategy);
  return (
    <Alert
      color={cancelled ? 'gray' : 'red'}
      variant="light"
      icon={cancelled ? <IconBan aria-hidden /> : <IconAlertTriangle aria-hidden />}
      title={
        cancelled
          ? `The ${name} was cancelled`
          : `The ${name} ${job.state === 'interrupted' ? 'was interrupted' : 'failed'}`
      }
      role={cancelled ? 'status' : 'alert'}
    >
      {job.error !== null && (
        <Text size="sm" className="break">
          {job.error.message}
        </Text>
      )}
      {typeof job.error?.hint === 'string' && (
        <Text size="sm" c="dimmed" mt={4} className="break">
          {job.error.hint}
        </Text>
      )}
      {fate !== undefined && (
        <Text size="sm" fw={600} mt={4} className="break">
          {fate}
        </Text>
      )}
    </Alert>
  );
}

function UndoOffer({ id, onUndo }: { id: string | null; onUndo(restore: Restore): void }) {
  const restore = useRestoreRecord(id);
  if (restore?.undo.available !== true) return null;
  const { until } = restore.undo;
  return (
    <>
      {until !== null && (
        <Text size="sm" c="dimmed" component="div">
          <Countdown to={until} /> left to
        </Text>
      )}
      <Button variant="default" leftSection={<IconArrowBackUp size={16} aria-hidden />} onClick={() => onUndo(restore)}>
        Undo
      </Button>
    </>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
