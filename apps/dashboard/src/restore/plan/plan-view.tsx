import { Alert, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client.js';
import { formatCount, formatDuration } from '../../format/format.js';
import { Bytes, RelativeTime, Time } from '../../ui/figures.js';
import { objectWords, STRATEGY_WORDS, tableWords, strategyMeaning } from '../restore-words.js';
import classes from '../restore.module.css';

type Plan = Schemas['RestorePlanEntry'];

/** Shows in words what a restore would do; the service has found it out without changing anything. */
export function PlanView({ plan }: { plan: Plan }) {
  return (
    <Stack gap="sm">
      <div>
        <Text fw={600} size="sm">
          {STRATEGY_WORDS[plan.strategy]}
        </Text>
        <Text size="sm">{strategyMeaning(plan)}</Text>
      </div>
      {plan.obstacles.length > 0 && (
        <div>
          <Text size="sm" fw={600}>
            Why it is not swapped in
          </Text>
          <WordList words={plan.obstacles} />
        </div>
      )}
      <dl className={classes.facts}>
        <Fact name="Data of">
          {plan.backup.started_at === null ? (
            'Not known: the file is not ours.'
          ) : (
            <>
              <Time at={plan.backup.started_at} /> (<RelativeTime at={plan.backup.started_at} />
              ). What was written since is not in it.
            </>
          )}
        </Fact>
        <Fact name="Replaces">{replaced(plan)}</Fact>
        <Fact name="Sessions">{sessions(plan)}</Fact>
        <Fact name="Lock-out">{lockout(plan)}</Fact>
        <Fact name="Undo">{undo(plan)}</Fact>
        <Fact name="Server">
          {plan.target.server}
          {plan.backup.server !== null &&
            plan.backup.server !== plan.target.server &&
            `; the backup is of ${plan.backup.server}`}
        </Fact>
        <Fact name="Space">{space(plan)}</Fact>
      </dl>
      {plan.warnings.length > 0 && <Warnings words={plan.warnings} />}
    </Stack>
  );
}

/** While it is not known yet. */
export function PlanSkeleton() {
  return (
    <Stack gap="xs" role="status" aria-live="polite">
      <Text size="sm" c="dimmed">
        Reading the whole file and looking at the database. Nothing is changed.
      </Text>
      <Skeleton height={16} />
      <Skeleton height={16} />
      <Skeleton height={16} width="60%" />
    </Stack>
  );
}

export function PlanPanel({ children }: { children: ReactNode }) {
  return (
    <section className={classes.plan} aria-labelledby="restore-plan">
      <Title order={3} size="h6" id="restore-plan" mb="xs">
        What will happen
      </Title>
      {children}
    </section>
  );
}

export function Warnings({ words }: { words: readonly string[] }) {
  return (
    <Alert
      color="yellow"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={words.length === 1 ? 'A warning' : 'Warnings'}
    >
      <WordList words={words} />
    </Alert>
  );
}

function WordList({ words }: { words: readonly string[] }) {
  return (
    <ul className={classes.list}>
      {words.map((word) => (
        <li key={word}>{word}</li>
      ))}
    </ul>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  if (children === undefined) return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function replaced({ strategy, target, tables, database }: Plan): ReactNode {
  if (strategy === 'new') return `Nothing: there is no “${database}” yet.`;
  if (tables !== null) return `${tableWords(tables) ?? ''} of “${database}”, where they exist`;
  const objects = objectWords(target.objects);
  if (objects === undefined) return `Nothing: “${database}” is empty.`;
  return (
    <>
      {objects}: <Bytes value={target.bytes} />
    </>
  );
}

function sessions({ strategy, target, tables }: Plan): ReactNode {
  if (target.sessions === null || strategy !== 'swap' || tables !== null) return undefined;
  if (target.sessions === 0) return 'None is ended.';
  return `${formatCount(target.sessions)} open; ended at the swap, not before.`;
}

function lockout({ lockout: estimate }: Plan): ReactNode {
  if (estimate === null || estimate.tables === 0) return undefined;
  const { tables, least_ms: least, most_ms: most } = estimate;
  return `${formatDuration(least)} on a fast server to ${formatDuration(most)} on a slow disk, while ${formatCount(tables)} tables, old and new, are moved. Nobody can use the database then.`;
}

function undo({ strategy, undo_hours: hours }: Plan): ReactNode {
  if (strategy === 'new') return 'Nothing to undo: drop the new database.';
  if (strategy !== 'swap' && hours === 0) return 'By restoring the safety backup, as long as that is kept.';
  if (hours === 0) return 'Not possible: this service keeps no previous database (RESTORE_UNDO_HOURS is 0).';
  return `For ${formatCount(hours)} ${hours === 1 ? 'hour' : 'hours'}, with one click.`;
}

function space({ target, backup }: Plan): ReactNode {
  const needed = backup.dump_size;
  if (target.free_bytes === null && needed === null) return undefined;
  return (
    <>
      {needed !== null && (
        <>
          about <Bytes value={needed} /> needed
        </>
      )}
      {needed !== null && target.free_bytes !== null && ', '}
      {target.free_bytes !== null && (
        <>
          <Bytes value={target.free_bytes} /> free on the server
        </>
      )}
    </>
  );
}
