import { Text } from '@mantine/core';
import { IconAlertTriangle, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { verdictOf } from './database-words.js';
import type { DatabaseState } from './database-words.js';
import classes from './overview.module.css';

const ICONS = { good: IconShieldCheck, warn: IconAlertTriangle, bad: IconShieldX };

/** The one sentence that the page is opened for. */
export function Verdict({ databases }: { databases: readonly DatabaseState[] }) {
  const { tone, headline, details } = verdictOf(databases);
  const Icon = ICONS[tone];
  return (
    <div className={classes.verdict} data-tone={tone} role="status" aria-live="polite">
      <Icon size={36} stroke={1.6} aria-hidden />
      <div>
        <Text fw={650} size="lg" lh={1.3}>
          {headline}
        </Text>
        {details.map((detail) => (
          <Text key={detail} size="sm" c="dimmed" className="break">
            {detail}
          </Text>
        ))}
      </div>
    </div>
  );
}
