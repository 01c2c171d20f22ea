import { IconBan, IconCheck, IconLoader2, IconPlugX, IconX } from '@tabler/icons-react';
import type { Schemas } from '../../api/client.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import type { Tone } from '../../ui/badges/state-badge.js';

type State = Schemas['RestoreEntry']['state'];

const LOOKS: Readonly<Record<State, [string, Tone, typeof IconCheck]>> = {
  running: ['Running', 'busy', IconLoader2],
  succeeded: ['Succeeded', 'good', IconCheck],
  failed: ['Failed', 'bad', IconX],
  interrupted: ['Interrupted', 'warn', IconPlugX],
};

/** `cancelled`: it failed because somebody wanted it to. */
export function RestoreStateBadge({ state, cancelled }: { state: State; cancelled: boolean }) {
  const [words, tone, icon] =
    cancelled && state === 'failed' ? (['Cancelled', 'plain', IconBan] as const) : LOOKS[state];
  return (
    <StateBadge tone={tone} icon={icon}>
      {words}
    </StateBadge>
  );
}
