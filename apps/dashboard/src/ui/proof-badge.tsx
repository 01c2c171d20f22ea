import { IconAlertTriangle, IconCheck, IconFileCheck, IconFileUnknown, IconShieldCheck } from '@tabler/icons-react';
import type { Schemas } from '../api/client.js';
import { StateBadge } from './state-badge.js';

interface Props {
  status: Schemas['CatalogedBackup']['status'];
  verification: Schemas['VerificationEntry'] | null | undefined;
}

/** How far a backup is proven: the ladder `complete`, `stored`, `restored`, or what is wrong with it. */
export function ProofBadge({ status, verification }: Props) {
  if (status === 'foreign') {
    return (
      <StateBadge
        tone="plain"
        icon={IconFileUnknown}
        title="A dump that this service did not write. It can be restored, but is not vouched for."
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
        title="The file is not as it was written, or its manifest cannot be read. It counts for nothing."
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
        title="It could not be restored to prove it. It counts for nothing."
      >
        Failed its proof
      </StateBadge>
    );
  }
  switch (verification?.level) {
    case 'restored':
      return (
        <StateBadge
          tone="good"
          icon={IconShieldCheck}
          title="Restored into a throwaway server, and compared with what was backed up."
        >
          Proven by restore
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
          title="Whole when it was written: exit status, end marker, synced to disk."
        >
          Complete
        </StateBadge>
      );
  }
}
