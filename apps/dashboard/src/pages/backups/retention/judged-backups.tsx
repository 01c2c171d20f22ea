import { Anchor } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '../../../api/client.js';
import { Disclosure } from '../../../ui/disclosure.js';
import { Bytes, RelativeTime } from '../../../ui/figures.js';
import { ResponsiveTable } from '../../../ui/tables/responsive-table.js';

interface Props {
  title: string;
  backups: readonly Schemas['RetainedBackupEntry'][];
  opened?: boolean;
}

/** Backups, and why retention would keep them or let them go. */
export function JudgedBackups({ title, backups, opened = false }: Props) {
  return (
    <Disclosure title={title} opened={opened}>
      <ResponsiveTable
        caption={title}
        rows={backups}
        keyOf={({ path }) => path}
        columns={[
          {
            key: 'backup',
            header: 'Backup',
            cell: ({ id, filename, path }) => (
              <Anchor component={Link} to={`/backups/${encodeURIComponent(id)}`} size="sm" className="break" title={path}>
                {filename}
              </Anchor>
            ),
          },
          { key: 'created', header: 'Created', cell: ({ created }) => <RelativeTime at={created * 1000} /> },
          { key: 'size', header: 'Size', cell: ({ size }) => <Bytes value={size} /> },
          { key: 'why', header: 'Why', cell: ({ reasons }) => capital(reasons.join('; ')) },
        ]}
      />
    </Disclosure>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
