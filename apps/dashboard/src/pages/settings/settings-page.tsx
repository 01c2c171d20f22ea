import { Anchor, Group } from '@mantine/core';
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { Page } from '../../ui/page.js';
import { AccessPanel } from './access-panel.js';
import { AppearancePanel } from './appearance-panel.js';
import { DefaultsPanel } from './defaults-panel.js';
import { RetentionPanel } from './retention-panel.js';
import classes from './settings.module.css';
import { StoragePanel } from './storage-panel.js';
import { ToolsPanel } from './tools-panel.js';

const SECTIONS = [
  ['tools', 'Tools', ToolsPanel],
  ['storage', 'Storage', StoragePanel],
  ['backups', 'Backups', DefaultsPanel],
  ['retention', 'Retention', RetentionPanel],
  ['appearance', 'Appearance', AppearancePanel],
  ['access', 'Access', AccessPanel],
] as const;

/** The settings that can be changed here, and those of the operator. */
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

/** Scrolls to the section that the address names, since the browser looked for it before the page was there. */
function useHashTarget(): void {
  useEffect(() => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (id !== '') document.getElementById(id)?.scrollIntoView();
  }, []);
}

/** A part of the page that has an address of its own: `/settings#tools`. */
function Section({ id, children }: { id: string; children: ReactNode }) {
  return (
    // The section can be focused, so that the keyboard continues where a link leads.
    <div id={id} className={classes.section} tabIndex={-1}>
      {children}
    </div>
  );
}
