import { Button } from '@mantine/core';
import { IconFileCheck, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '../../../api/client.js';
import { JobProgress } from '../../../jobs/job-progress.js';
import { ErrorAlert } from '../../../ui/error-alert.js';
import { Panel } from '../../../ui/panel.js';
import type { Backup } from '../backup-words.js';
import { LadderSteps } from './ladder-steps.js';
import { ladderOf } from './ladder.js';
import { beginProof, useProof } from './use-proof.js';
import type { ProofLevel } from './use-proof.js';

/** How far a backup is proven, and proving it further. */
export function ProofPanel({ backup, manifest }: { backup: Backup; manifest: Schemas['ManifestEntry'] | null }) {
  const [trouble, setTrouble] = useState<unknown>();
  const job = useProof(backup.id, setTrouble);
  const prove = (level: ProofLevel): void => {
    setTrouble(undefined);
    beginProof(backup.id, level).catch(setTrouble);
  };
  return (
    <Panel
      title="Proof"
      description="Each step holds those before it."
      actions={
        job === undefined && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconFileCheck size={16} aria-hidden />}
              onClick={() => prove('stored')}
            >
              Read it back
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconShieldCheck size={16} aria-hidden />}
              onClick={() => prove('restored')}
            >
              Prove it by a restore
            </Button>
          </>
        )
      }
    >
      {job !== undefined && <JobProgress job={job} title={`Verification of ${backup.filename}`} />}
      {trouble !== undefined && <ErrorAlert error={trouble} title="The verification did not succeed" />}
      <LadderSteps steps={ladderOf(backup, manifest)} recoveryMs={backup.verification?.details?.restore_ms} />
    </Panel>
  );
}
