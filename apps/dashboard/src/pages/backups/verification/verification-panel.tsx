import { Button } from '@mantine/core';
import { IconFileCheck, IconShieldCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { Schemas } from '../../../api/client.js';
import { JobProgress } from '../../../jobs/job-progress.js';
import { ErrorAlert } from '../../../ui/error-alert.js';
import { Panel } from '../../../ui/panel.js';
import type { Backup } from '../backup-words.js';
import { VerificationStepList } from './verification-step-list.js';
import { verificationSteps } from './verification-steps.js';
import { beginVerification, useVerification } from './use-verification.js';
import type { VerifiableLevel } from './use-verification.js';

/** Shows how far a backup is verified, and offers to verify it further. */
export function VerificationPanel({ backup, manifest }: { backup: Backup; manifest: Schemas['ManifestEntry'] | null }) {
  const [trouble, setTrouble] = useState<unknown>();
  const job = useVerification(backup.id, setTrouble);
  const verify = (level: VerifiableLevel): void => {
    setTrouble(undefined);
    beginVerification(backup.id, level).catch(setTrouble);
  };
  return (
    <Panel
      title="Verification"
      description="Each step includes the steps before it."
      actions={
        job === undefined && (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconFileCheck size={16} aria-hidden />}
              onClick={() => verify('stored')}
            >
              Read it back
            </Button>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconShieldCheck size={16} aria-hidden />}
              onClick={() => verify('restored')}
            >
              Verify by a restore
            </Button>
          </>
        )
      }
    >
      {job !== undefined && <JobProgress job={job} title={`Verification of ${backup.filename}`} />}
      {trouble !== undefined && <ErrorAlert error={trouble} title="The verification did not succeed" />}
      <VerificationStepList steps={verificationSteps(backup, manifest)} recoveryMs={backup.verification?.details?.restore_ms} />
    </Panel>
  );
}
