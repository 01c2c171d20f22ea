import { Code, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import classes from './overview.module.css';

/** Before the first connection: what to do first. */
export function Welcome() {
  return (
    <div className={classes.verdict} data-tone="plain">
      <IconShieldCheck size={36} stroke={1.6} aria-hidden />
      <div>
        <Text fw={650} size="lg" lh={1.3}>
          No database is known yet
        </Text>
        <Text size="sm" c="dimmed">
          Connect to one below: this page then shows whether it could be restored right now. To try it without one of
          your own, run <Code>npm run demo</Code>, which starts sample databases.
        </Text>
      </div>
    </div>
  );
}
