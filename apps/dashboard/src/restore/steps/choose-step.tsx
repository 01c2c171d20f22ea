import { Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client.js';
import { troubleOf } from '../../api/api-error.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { BackupSummary } from '../backup-summary.js';
import { PlanPanel, PlanSkeleton, PlanView } from '../plan/plan-view.js';
import type { RestorableBackup } from '../restorable-backup.js';
import { placeOf, requestOf } from '../restore-choices.js';
import type { Place, RestoreChoices } from '../restore-choices.js';
import { replacesData } from '../restore-words.js';
import { ScopeFields } from '../fields/scope-fields.js';
import { TargetFields } from '../fields/target-fields.js';
import { useRestorePlan } from '../plan/use-restore-plan.js';
import { StrategyFields } from '../fields/strategy-fields.js';
import classes from '../restore.module.css';

type Request = Schemas['RestoreRequestBody'];
type Plan = Schemas['RestorePlanEntry'];

interface Props {
  backup: RestorableBackup;
  entry: Schemas['CatalogedBackup'] | undefined;
  /** In the backup, where it says so. */
  tables: readonly string[];
  connections: readonly Schemas['ConnectionEntry'][];
  choices: RestoreChoices;
  onChange(change: Partial<RestoreChoices>): void;
  onClose(): void;
  onChosen(request: Request, plan: Plan): void;
  /** The restore is being asked for: where nothing needs to be confirmed. */
  busy: boolean;
  /** Why it did not begin. */
  children?: ReactNode;
}

/** Lets people choose what to restore and where, and shows what that would do. */
export function ChooseStep(props: Props) {
  const { backup, entry, tables, connections, choices, onChange, onClose, onChosen, busy, children } = props;
  const connection = connections.find(({ id }) => id === choices.connectionId);
  const request = connection && requestOf(backup, choices, connection);
  const { plan, error, looking, refetch } = useRestorePlan(request);
  const engine = connection?.db_type ?? 'PostgreSQL';
  const place = error === undefined ? undefined : placeOf(troubleOf(error), choices);
  const trouble = (at: Place): ReactNode =>
    error !== undefined && place === at ? <ErrorAlert error={error} onRetry={refetch} /> : null;
  return (
    <Stack gap="md">
      <BackupSummary backup={backup} entry={entry}>
        {place === 'backup' && <div style={{ marginTop: '0.75rem' }}>{trouble('backup')}</div>}
      </BackupSummary>
      {(choices.acceptIncomplete || (error !== undefined && troubleOf(error).code === 'BACKUP_INCOMPLETE')) && (
        <Checkbox
          label="I know that this file is whole"
          description="It does not have the header or end mark that dump programs write, so a truncated file cannot be recognised. The restore can be undone."
          checked={choices.acceptIncomplete}
          onChange={(event) => onChange({ acceptIncomplete: event.currentTarget.checked })}
        />
      )}
      {(choices.sourceDatabase !== undefined || place === 'source') && (
        <TextInput
          label="Database in the file"
          description="Name the one to restore. Nothing else in the file is restored, nor are roles or accounts."
          value={choices.sourceDatabase ?? ''}
          onChange={(event) => onChange({ sourceDatabase: event.currentTarget.value })}
          error={place === 'source' ? troubleOf(error).message : undefined}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
        />
      )}
      <div className={classes.columns}>
        <Stack gap="md">
          <TargetFields choices={choices} onChange={onChange} connections={connections} trouble={trouble} />
          <ScopeFields choices={choices} onChange={onChange} known={tables} engine={engine} trouble={trouble} />
          <StrategyFields choices={choices} onChange={onChange} engine={engine} trouble={trouble} />
        </Stack>
        <PlanPanel>
          {looking && plan === undefined && <PlanSkeleton />}
          {plan !== undefined && <PlanView plan={plan} />}
          {trouble('plan')}
          {error !== undefined && place !== 'plan' && 'Nothing, as it is chosen now.'}
          {request === undefined && 'Say first what goes where.'}
        </PlanPanel>
      </div>
      {children}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button
          disabled={plan === undefined || request === undefined}
          loading={busy}
          onClick={() => plan && request && onChosen(request, plan)}
        >
          {plan !== undefined && !replacesData(plan) ? 'Restore' : 'Continue'}
        </Button>
      </Group>
    </Stack>
  );
}
