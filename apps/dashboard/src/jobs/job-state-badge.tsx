import { IconBan, IconCheck, IconClock, IconLoader2, IconPlugX, IconX } from '@tabler/icons-react';
import type { Schemas } from '../api/client.js';
import { StateBadge } from '../ui/badges/state-badge.js';
import type { Tone } from '../ui/badges/state-badge.js';
import { stateOfJob } from './job-words.js';

type State = Schemas['JobEntry']['state'];

const LOOKS: Readonly<Record<State, [Tone, typeof IconCheck]>> = {
  queued: ['plain', IconClock],
  running: ['busy', IconLoader2],
  succeeded: ['good', IconCheck],
  failed: ['bad', IconX],
  cancelled: ['plain', IconBan],
  interrupted: ['warn', IconPlugX],
};

export function JobStateBadge({ state }: { state: State }) {
  const [tone, icon] = LOOKS[state];
  return (
    <StateBadge tone={tone} icon={icon}>
      {stateOfJob(state)}
    </StateBadge>
  );
}
