import { Group, Text } from '@mantine/core';
import { IconFileDatabase } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Schemas } from '../api/client.js';
import { Bytes, RelativeTime } from '../ui/figures.js';
import { VerificationBadge } from '../ui/badges/verification-badge.js';
import type { RestorableBackup } from './restorable-backup.js';
import classes from './restore.module.css';

interface Props {
  backup: RestorableBackup;
  /** The entry of the catalog. */
  entry: Schemas['CatalogedBackup'] | undefined;
  /** Why it cannot be restored. */
  children?: ReactNode;
}

/** Which backup it is that would be restored. */
export function BackupSummary({ backup, entry, children }: Props) {
  return (
    <div className={classes.summary}>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <IconFileDatabase size={20} stroke={1.6} aria-hidden className={classes.icon} />
        <div className={classes.grow}>
          <Text fw={600} size="sm" className="break">
            {backup.filename}
          </Text>
          {entry !== undefined && (
            <Group gap="xs" mt={2}>
              <Text size="sm" c="dimmed" component="div">
                {backup.database !== null && <>{backup.database} · </>}
                <RelativeTime at={entry.created * 1000} /> · <Bytes value={entry.size} />
              </Text>
              <VerificationBadge status={entry.status} verification={entry.verification} />
            </Group>
          )}
        </div>
      </Group>
      {children}
    </div>
  );
}
