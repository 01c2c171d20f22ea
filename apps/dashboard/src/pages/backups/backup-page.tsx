import { ActionIcon, Alert, Anchor, Button, Group, List, Menu, SimpleGrid, Stack, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconChevronLeft,
  IconDots,
  IconDownload,
  IconFileUnknown,
  IconPinFilled,
} from '@tabler/icons-react';
import { Link, useNavigate, useParams } from 'react-router';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { isRefusal } from '../../api/api-error.js';
import { EmptyState } from '../../ui/empty-state.js';
import { RelativeTime } from '../../ui/figures.js';
import { Loaded } from '../../ui/loaded.js';
import { Page } from '../../ui/page.js';
import { VerificationBadge } from '../../ui/badges/verification-badge.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { BackupDialogs, useBackupDialogs } from './actions/backup-dialogs.js';
import { MenuOfOurs } from './actions/backup-menu.js';
import { downloadOf } from './actions/download.js';
import { foreignWords, isOurs, isRestorable } from './backup-words.js';
import type { Backup } from './backup-words.js';
import { ByHandPanel } from './details/by-hand-panel.js';
import { ContentsPanel } from './details/contents-panel.js';
import { FactsPanel } from './details/facts-panel.js';
import { RolesPanel } from './details/roles-panel.js';
import { VerificationPanel } from './verification/verification-panel.js';

/** One backup, with everything that is known of it. */
export default function BackupPage() {
  const { id = '' } = useParams();
  const query = $api.useQuery('get', '/api/backups/{id}', { params: { path: { id } } });
  if (isRefusal(query.error) && query.error.code === 'BACKUP_NOT_FOUND') return <NotThere />;
  if (query.data !== undefined) return <Known backup={query.data.backup} manifest={query.data.manifest} />;
  return (
    <Page title="Backup">
      <Loaded query={query} lines={8}>
        {() => null}
      </Loaded>
    </Page>
  );
}

function NotThere() {
  return (
    <Page title="Backup">
      <EmptyState icon={IconFileUnknown} title="There is no such backup any more">
        It was deleted, by somebody or by retention, or the address is wrong.{' '}
        <Anchor component={Link} to="/backups" inherit>
          All backups
        </Anchor>
      </EmptyState>
    </Page>
  );
}

interface Shown {
  backup: Backup;
  manifest: Schemas['ManifestEntry'] | null;
}

function Known({ backup, manifest }: Shown) {
  const dialogs = useBackupDialogs();
  const navigate = useNavigate();
  return (
    <Page
      title={backup.filename}
      description={<Summary backup={backup} manifest={manifest} />}
      actions={<Actions backup={backup} onAsk={dialogs.ask} />}
    >
      <Stack gap="lg">
        <Troubles backup={backup} manifest={manifest} onAsk={dialogs.ask} />
        {isOurs(backup) && <VerificationPanel backup={backup} manifest={manifest} />}
        <SimpleGrid cols={{ base: 1, lg: manifest === null ? 1 : 2 }} spacing="lg">
          {manifest !== null && <ContentsPanel manifest={manifest} />}
          <FactsPanel backup={backup} manifest={manifest} />
        </SimpleGrid>
        {(manifest?.roles ?? []).length > 0 && manifest !== null && <RolesPanel backupId={backup.id} manifest={manifest} />}
        <ByHandPanel backup={backup} manifest={manifest} />
      </Stack>
      <BackupDialogs
        {...dialogs.props}
        onDeleted={() => void navigate('/backups')}
        onAdopted={(id) => void navigate(`/backups/${encodeURIComponent(id)}`, { replace: true })}
      />
    </Page>
  );
}

function Summary({ backup, manifest }: Shown) {
  const { database, db_type: engine, created, status, verification, pinned } = backup;
  const server = manifest === null ? engine : `${manifest.server.flavour} ${manifest.server.version}`;
  return (
    <Stack gap={6} mt={4}>
      <Text>
        {database === null ? 'Of a database that is not known' : `Of ${database}`}
        {server !== null && `, ${server}`}, <RelativeTime at={created * 1000} />
      </Text>
      <Group gap="xs">
        <VerificationBadge status={status} verification={verification} />
        {pinned && (
          <StateBadge tone="plain" icon={IconPinFilled} title="Retention keeps it.">
            Pinned
          </StateBadge>
        )}
        <Anchor component={Link} to="/backups" size="sm">
          <Group gap={2} component="span">
            <IconChevronLeft size={14} aria-hidden />
            All backups
          </Group>
        </Anchor>
      </Group>
    </Stack>
  );
}

type AskProps = { backup: Backup; onAsk: ReturnType<typeof useBackupDialogs>['ask'] };

function Actions({ backup, onAsk }: AskProps) {
  return (
    <>
      {isRestorable(backup) && (
        <Button
          leftSection={<IconArrowBackUp size={18} aria-hidden />}
          onClick={() => onAsk({ action: 'restore', backup })}
        >
          Restore…
        </Button>
      )}
      <Button component="a" variant="default" leftSection={<IconDownload size={18} aria-hidden />} {...downloadOf(backup)}>
        Download
      </Button>
      {isOurs(backup) && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <ActionIcon variant="default" size="lg" aria-label="More actions">
              <IconDots size={18} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <MenuOfOurs backup={backup} onAsk={onAsk} />
          </Menu.Dropdown>
        </Menu>
      )}
    </>
  );
}

/** Warns of everything that a user should know before relying on the backup. */
function Troubles({ backup, manifest, onAsk }: Shown & Pick<AskProps, 'onAsk'>) {
  const { status, warnings: known } = backup;
  const foreign = foreignWords(backup);
  // The verification panel shows what it found later; the reason for a foreign backup is shown here.
  const warnings = manifest?.warnings ?? (foreign === undefined ? known : []);
  return (
    <>
      {status === 'foreign' && foreign !== undefined && (
        <Alert role="note" variant="light" color="indigo" icon={<IconFileUnknown aria-hidden />} title="Treated as a foreign dump">
          <Text size="sm">
            {foreign} It can be restored, with the care that foreign dumps get; it is not verified, counted or deleted here until
            somebody who knows where it comes from adopts it.
          </Text>
          <Button size="compact-sm" mt="xs" onClick={() => onAsk({ action: 'adopt', backup })}>
            Adopt…
          </Button>
        </Alert>
      )}
      {status === 'foreign' && foreign === undefined && (
        <Alert role="note" variant="light" color="indigo" icon={<IconFileUnknown aria-hidden />} title="Not written by this service">
          No manifest says what it must hold. It can be restored, and is checked as far as possible then; it is neither verified
          nor deleted here.
        </Alert>
      )}
      {status === 'damaged' && backup.verification?.failed?.level !== 'restored' && (
        <Alert role="note" variant="light" color="red" icon={<IconAlertTriangle aria-hidden />} title="Damaged">
          The file is not as it was written, or its manifest cannot be read. It does not count as a backup: make a new one, and
          check the disk.
        </Alert>
      )}
      {status === 'damaged' && backup.verification?.failed?.level === 'restored' && (
        <Alert role="note" variant="light" color="red" icon={<IconAlertTriangle aria-hidden />} title="Its verification failed">
          The file is as it was written, but restoring it failed, or the restored data differs from what was backed up: see
          below. It does not count as a backup. If the cause is in the database, the next backup will fail in the same way.
        </Alert>
      )}
      {warnings.length > 0 && (
        <Alert role="note" variant="light" color="yellow" icon={<IconAlertTriangle aria-hidden />} title={manifest === null ? 'Warnings' : 'Said when it was made'}>
          <List size="sm">
            {warnings.map((warning) => (
              <List.Item key={warning} className="break">
                {warning}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}
