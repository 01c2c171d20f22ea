import { Anchor, Code, Group } from '@mantine/core';
import { Link } from 'react-router';
import type { Schemas } from '../../../api/client.js';
import { formatRate } from '../../../format/format.js';
import { CopyTextButton } from '../../../ui/copy-text-button.js';
import { Facts } from '../../../ui/facts.js';
import type { Fact } from '../../../ui/facts.js';
import { Bytes, Duration, RelativeTime, Time } from '../../../ui/figures.js';
import { Panel } from '../../../ui/panel.js';
import { formatOf, kindOf } from '../backup-words.js';
import type { Backup } from '../backup-words.js';

type Manifest = Schemas['ManifestEntry'];

/** The file, and where it came from. */
export function FactsPanel({ backup, manifest }: { backup: Backup; manifest: Manifest | null }) {
  return (
    <Panel title="File and origin">
      <Facts facts={[...fileFacts(backup, manifest), ...(manifest === null ? [] : originFacts(backup, manifest))]} />
    </Panel>
  );
}

function fileFacts(backup: Backup, manifest: Manifest | null): Fact[] {
  const { path, size, sha256, created } = backup;
  return [
    { label: 'Path', value: path },
    {
      label: manifest === null ? 'Last changed' : 'Data as of',
      value: (
        <>
          <Time at={created * 1000} />, <RelativeTime at={created * 1000} />
        </>
      ),
    },
    { label: 'Size', value: <Bytes value={size} /> },
    { label: 'Dump, before compression', value: dumpSize(manifest) },
    { label: 'Format', value: formatOf(backup) },
    {
      label: 'SHA-256',
      value: sha256 === null ? null : (
        <Group gap={4} wrap="nowrap" align="flex-start">
          <Code className="break">{sha256}</Code>
          <CopyTextButton text={sha256} label="Copy the SHA-256" />
        </Group>
      ),
    },
    { label: 'Kind', value: kindOf(backup) },
  ];
}

function originFacts({ schedule_id: schedule }: Backup, manifest: Manifest): Fact[] {
  const { database, host, port, server, tool, duration_ms: took, dump_size: dumped, database_settings: settings } = manifest;
  const rate = took > 0 ? `, ${formatRate((dumped * 1000) / took)}` : '';
  return [
    {
      label: 'Made by',
      value: schedule === null ? null : (
        <Anchor component={Link} to="/schedules" inherit>
          A schedule
        </Anchor>
      ),
    },
    { label: 'Database', value: `${database} on ${host}:${port}` },
    { label: 'Server', value: `${server.flavour} ${server.version}` },
    { label: 'Tool', value: `${tool.name} ${tool.version}` },
    {
      label: 'Took',
      value: (
        <>
          <Duration ms={took} />
          {rate}
        </>
      ),
    },
    {
      label: 'Database settings',
      value:
        Object.entries(settings)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ') || null,
    },
    { label: 'Id', value: manifest.id },
  ];
}

function dumpSize(manifest: Manifest | null): Fact['value'] {
  if (manifest === null || manifest.compression === 'none') return null;
  const { dump_size: dumped, size } = manifest;
  const times = size > 0 ? new Intl.NumberFormat(undefined, { maximumSignificantDigits: 2 }).format(dumped / size) : null;
  return (
    <>
      <Bytes value={dumped} />
      {times !== null && `, ${times} times the file`}
    </>
  );
}
