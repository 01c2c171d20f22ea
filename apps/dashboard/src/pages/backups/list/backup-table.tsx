import { Anchor, VisuallyHidden } from '@mantine/core';
import { IconPinFilled } from '@tabler/icons-react';
import { Link } from 'react-router';
import { Bytes, Duration, RelativeTime } from '../../../ui/figures.js';
import { ResponsiveTable } from '../../../ui/tables/responsive-table.js';
import type { Column } from '../../../ui/tables/responsive-table.js';
import { BackupMenu } from '../actions/backup-menu.js';
import type { Asked } from '../actions/backup-dialogs.js';
import { areInSeveralFolders, folderOf, formatOf, kindOf } from '../backup-words.js';
import type { Backup } from '../backup-words.js';
import { VerificationCell } from '../verification/verification-cell.js';
import classes from './backup-list.module.css';
import type { ListAddress, Sort } from './list-address.js';
import { SortHeader } from './sort-header.js';

interface Props {
  backups: readonly Backup[];
  address: ListAddress;
  onLook(parts: Partial<ListAddress>): void;
  onAsk(asked: Asked): void;
}

export function BackupTable({ backups, address, onLook, onAsk }: Props) {
  const withFolder = areInSeveralFolders(backups);
  const sortable = (by: Sort, label: string): Omit<Column<Backup>, 'cell'> => ({
    key: by,
    label,
    header: <SortHeader label={label} by={by} address={address} onLook={onLook} />,
    sorted: address.sort !== by ? undefined : address.order === 'asc' ? 'ascending' : 'descending',
  });
  const columns: Column<Backup>[] = [
    { ...sortable('filename', 'Backup'), cell: (backup) => <NameCell backup={backup} withFolder={withFolder} /> },
    {
      ...sortable('database', 'Database'),
      cell: ({ database, db_type }) => (
        <div className={classes.cell}>
          <div className="break">{database ?? 'Not known'}</div>
          {db_type !== null && <div className={classes.more}>{db_type}</div>}
        </div>
      ),
    },
    {
      ...sortable('created', 'Created'),
      cell: ({ created, duration_ms: took }) => (
        <div className={`${classes.cell} ${classes.nowrap}`}>
          <RelativeTime at={created * 1000} />
          {took !== null && (
            <div className={classes.more}>
              in <Duration ms={took} />
            </div>
          )}
        </div>
      ),
    },
    {
      ...sortable('size', 'Size'),
      cell: ({ size }) => (
        <span className={classes.nowrap}>
          <Bytes value={size} />
        </span>
      ),
    },
    { key: 'verification', header: 'Verification', cell: (backup) => <VerificationCell backup={backup} /> },
    {
      key: 'actions',
      header: <VisuallyHidden>Actions</VisuallyHidden>,
      align: 'right',
      cell: (backup) => <BackupMenu backup={backup} onAsk={onAsk} />,
    },
  ];
  return (
    <div className={classes.list}>
      <ResponsiveTable caption="Backups" columns={columns} rows={backups} keyOf={({ path }) => path} />
    </div>
  );
}

function NameCell({ backup, withFolder }: { backup: Backup; withFolder: boolean }) {
  const { id, filename, path, pinned } = backup;
  const words = [kindOf(backup), formatOf(backup), withFolder ? folderOf(path) : null].filter((word) => word !== null);
  return (
    <div className={classes.cell}>
      <div className={classes.name}>
        <Anchor component={Link} to={`/backups/${encodeURIComponent(id)}`} inherit className="break" title={path}>
          {filename}
        </Anchor>
        {pinned && (
          <span title="Pinned: retention keeps it.">
            <IconPinFilled size={14} role="img" aria-label="Pinned" />
          </span>
        )}
      </div>
      <div className={`${classes.more} break`}>{words.join(' · ')}</div>
      {/* Where there is no room for their columns. */}
      <div className={`${classes.more} ${classes.between}`}>
        {backup.database !== null && `${backup.database} · `}
        <Bytes value={backup.size} />
      </div>
    </div>
  );
}
