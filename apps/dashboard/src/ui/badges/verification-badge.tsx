import { IconAlertTriangle, IconCheck, IconFileCheck, IconFileUnknown, IconShieldCheck } from '@tabler/icons-react';
import type { Schemas } from '../../api/client.js';
import { StateBadge } from './state-badge.js';

interface Props {
  status: Schemas['CatalogedBackup']['status'];
  verification: Schemas['VerificationEntry'] | null | undefined;
}

/** Shows a backup's verification level (`complete`, `stored` or `restored`), or what is wrong with it. */
export function VerificationBadge({ status, verification }: Props) {
  if (status === 'foreign') {
    return (
      <StateBadge
        tone="plain"
        icon={IconFileUnknown}
        title="A dump that this service did not write. It can be restored, but its content is not verified."
      >
        Foreign
      </StateBadge>
    );
  }
  if (status === 'damaged' && verification?.failed?.level !== 'restored') {
    return (
      <StateBadge
        tone="bad"
        icon={IconAlertTriangle}
        title="The file is not as it was written, or its manifest cannot be read. It does not count as a backup."
      >
        Damaged
      </StateBadge>
    );
  }
  if (verification?.failed) {
    return (
      <StateBadge
        tone="bad"
        icon={IconAlertTriangle}
        title="Its verification by a restore failed. It does not count as a backup."
      >
        Verification failed
      </StateBadge>
    );
  }
  switch (verification?.level) {
    case 'restored':
      return (
        <StateBadge
          tone="good"
          icon={IconShieldCheck}
          title="Restored on a verification server, and compared with what was backed up."
        >
          Verified by a restore
        </StateBadge>
      );
    case 'stored':
      return (
        <StateBadge
          tone="fair"
          icon={IconFileCheck}
          title="Read back from storage: its SHA-256 is that of what was written."
        >
          Stored, hash equal
        </StateBadge>
      );
    case 'complete':
    case undefined:
      return (
        <StateBadge
          tone="plain"
          icon={IconCheck}
          title="Complete when it was written: exit status, end marker, synced to disk."
        >
          Complete
        </StateBadge>
      );
  }
}
