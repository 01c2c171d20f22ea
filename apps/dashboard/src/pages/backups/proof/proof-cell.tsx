import { Anchor, Progress, Stack } from '@mantine/core';
import { Link } from 'react-router';
import { percentOf } from '../../../jobs/job-progress.js';
import { notifyTrouble } from '../../../ui/notify.js';
import { ProofBadge } from '../../../ui/proof-badge.js';
import type { Backup } from '../backup-words.js';
import { useProof } from './use-proof.js';

/** How far a backup is proven; while it is being proven, how far that is. */
export function ProofCell({ backup }: { backup: Backup }) {
  const { id, filename, status, verification } = backup;
  const job = useProof(id, (error) => notifyTrouble(`${filename} was not proven`, error));
  const badge = <ProofBadge status={status} verification={verification} />;
  if (job === undefined) return badge;
  const percent = percentOf(job);
  const progress = percent === undefined ? (job.progress?.phase ?? 'begun') : `${percent} %`;
  const label = `Verification of ${filename}`;
  return (
    <Stack gap={4} miw="8rem">
      <div>{badge}</div>
      <Progress.Root size="sm">
        <Progress.Section
          value={percent ?? 100}
          animated
          color="indigo"
          aria-label={label}
          {...(percent === undefined ? { withAria: false, role: 'progressbar' } : {})}
        />
      </Progress.Root>
      <Anchor component={Link} to={`/activity/${job.id}`} size="xs">
        {job.state === 'queued' ? 'Waits for its turn' : `Being verified: ${progress}`}
      </Anchor>
    </Stack>
  );
}
