import { Anchor, Group } from '@mantine/core';
import { Page } from '../../ui/page.js';
import { AccessPanel } from './access-panel.js';
import { AppearancePanel } from './appearance-panel.js';
import { DefaultsPanel } from './defaults-panel.js';
import { RetentionPanel } from './retention-panel.js';
import { Section } from './section.js';
import { StoragePanel } from './storage-panel.js';
import { ToolsPanel } from './tools-panel.js';
import { useHashTarget } from './use-hash-target.js';

const SECTIONS = [
  ['tools', 'Tools', ToolsPanel],
  ['storage', 'Storage', StoragePanel],
  ['backups', 'Backups', DefaultsPanel],
  ['retention', 'Retention', RetentionPanel],
  ['appearance', 'Appearance', AppearancePanel],
  ['access', 'Access', AccessPanel],
] as const;

/** What can be set here, and what the operator has set elsewhere. */
export default function SettingsPage() {
  useHashTarget();
  return (
    <Page title="Settings">
      <Group component="nav" aria-label="Sections" gap="md">
        {SECTIONS.map(([id, label]) => (
          <Anchor key={id} href={`#${id}`} size="sm">
            {label}
          </Anchor>
        ))}
      </Group>
      {SECTIONS.map(([id, , Panel]) => (
        <Section key={id} id={id}>
          <Panel />
        </Section>
      ))}
    </Page>
  );
}
