import { Anchor, Progress, Stack } from '@mantine/core';
import { Link } from 'react-router';
import { percentOf } from '../../../jobs/job-progress.js';
import { notifyTrouble } from '../../../ui/notify.js';
import { VerificationBadge } from '../../../ui/badges/verification-badge.js';
import type { Backup } from '../backup-words.js';
import { useVerification } from './use-verification.js';

/** Shows how far a backup is verified and, during a verification, its progress. */
export function VerificationCell({ backup }: { backup: Backup }) {
  const { id, filename, status, verification } = backup;
  const job = useVerification(id, (error) => notifyTrouble(`${filename} was not verified`, error));
  const badge = <VerificationBadge status={status} verification={verification} />;
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
