import { Code, Group, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useId } from 'react';
import type { Schemas } from '../../api/client.js';
import { StateBadge } from '../../ui/badges/state-badge.js';
import { toolState, wordsOf } from './tool-words.js';
import type { TOOLS, ToolState } from './tool-words.js';
import { ToolPathForm } from './tool-path-form.js';
import classes from './settings.module.css';

interface Props {
  tool: (typeof TOOLS)[number];
  /** The path that was set by hand; empty when the service finds the tool itself. */
  path: string;
  found: Schemas['ToolDetails'] | undefined;
}

export function ToolCard({ tool, path, found }: Props) {
  const id = useId();
  const state = toolState(path, found);
  return (
    <section className={classes.tool} aria-labelledby={id}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Title order={3} size="h5" id={id}>
            {tool.name}
          </Title>
          <ToolBadge state={state} />
        </Group>
        <Text size="sm" c="dimmed">
          {tool.purpose}
        </Text>
        <ToolWords state={state} packages={tool.packages} />
        <ToolPathForm tool={tool} path={path} />
      </Stack>
    </section>
  );
}

function ToolBadge({ state }: { state: ToolState }) {
  if (state.kind === 'missing') {
    return (
      <StateBadge tone="bad" icon={IconX}>
        Not found
      </StateBadge>
    );
  }
  if (state.kind === 'broken') {
    return (
      <StateBadge tone="bad" icon={IconAlertTriangle}>
        Cannot be run
      </StateBadge>
    );
  }
  return (
    <StateBadge tone="good" icon={IconCheck}>
      {state.version}
    </StateBadge>
  );
}

function ToolWords({ state, packages }: { state: ToolState; packages: string }) {
  switch (state.kind) {
    case 'missing':
      return <Text size="sm">Install {packages}, or set its path. Until then what needs it fails.</Text>;
    case 'broken':
      return (
        <Text size="sm" className="break">
          <Code>{state.path}</Code> was set by hand, and is used alone. What needs it fails until it is there again or
          another path is set.
        </Text>
      );
    case 'set':
      return (
        <Text size="sm" className="break">
          <Code>{state.path}</Code>, set by hand and used alone
        </Text>
      );
    case 'found':
      return (
        <>
          <Text size="sm" className="break">
            <Code>{state.path}</Code>, found by the service
          </Text>
          {state.others.length > 0 && (
            <div>
              <Text size="sm" c="dimmed">
                Also there:
              </Text>
              <ul className={classes.found}>
                {state.others.map((other) => (
                  <li key={other.path} className="break">
                    <Code>{other.path}</Code> {wordsOf(other)}
                  </li>
                ))}
              </ul>
            </div>
          )}
        </>
      );
  }
}
