import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Schemas } from '../../api/client.js';
import { RelativeTime, Time } from '../../ui/figures.js';
import { objectWords, tableWords } from '../restore-words.js';
import { TypedConfirmation } from './typed-confirmation.js';

type Plan = Schemas['RestorePlanEntry'];

interface Props {
  plan: Plan;
  /** The server, as people call it. */
  server: string;
  busy: boolean;
  onBack(): void;
  onConfirm(): void;
  children?: ReactNode;
}

/** Shows what is about to be replaced, by what, and what of it can be had back. */
export function ConfirmStep({ plan, server, busy, onBack, onConfirm, children }: Props) {
  const { database, backup, target, tables } = plan;
  const objects = objectWords(target.objects);
  return (
    <Stack gap="sm">
      <Text size="sm" className="break">
        {tables === null ? (
          <>
            Everything in <strong>{database}</strong> on {server} is replaced
            {objects === undefined ? '' : `: ${objects}`}.
          </>
        ) : (
          <>
            In <strong>{database}</strong> on {server}, {tableWords(tables)} {tables.length === 1 ? 'is' : 'are'}{' '}
            replaced.
          </>
        )}{' '}
        {backup.started_at !== null && (
          <>
            It will hold what it held on <Time at={backup.started_at} /> (<RelativeTime at={backup.started_at} />
            ).
          </>
        )}
      </Text>
      <Text size="sm">{keptWords(plan)}</Text>
      <TypedConfirmation
        requireText={database}
        confirmLabel="Restore"
        danger
        busy={busy}
        onConfirm={onConfirm}
        cancelLabel="Back"
        onCancel={onBack}
      >
        {children}
      </TypedConfirmation>
    </Stack>
  );
}

function keptWords({ strategy, undo_hours: hours }: Plan): string {
  if (strategy !== 'swap' && hours === 0) {
    return 'What it holds now is kept as a safety backup first, which can be restored.';
  }
  if (strategy !== 'swap') {
    return `What it holds now is kept as a safety backup for ${hours} ${hours === 1 ? 'hour' : 'hours'} at least, and can be put back in that time.`;
  }
  if (hours === 0) return 'What it holds now is not kept: it cannot be undone.';
  return `What it holds now stays on the server for ${hours} ${hours === 1 ? 'hour' : 'hours'}, and can be put back in that time.`;
}
