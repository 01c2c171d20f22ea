import { Alert, Portal } from '@mantine/core';
import { IconCloudOff } from '@tabler/icons-react';
import { useLiveState } from '../live/live-provider.js';
import classes from './live-indicator.module.css';

/** A dot that says whether the page follows what happens; and, when it does not, a word on it that cannot be overlooked. */
export function LiveIndicator() {
  const state = useLiveState();
  return (
    <>
      <span className={classes.live} data-state={state} title={TITLES[state]}>
        <span className={classes.dot} aria-hidden />
        <span className={classes.word}>{WORDS[state]}</span>
      </span>
      {state === 'lost' && (
        <Portal>
          <Alert
            className={classes.banner}
            color="yellow"
            variant="filled"
            icon={<IconCloudOff aria-hidden />}
            role="alert"
            title="The service does not answer"
          >
            What you see may be old. This page tries again by itself; what the service was doing goes on, or is
            accounted for when it is back.
          </Alert>
        </Portal>
      )}
    </>
  );
}

const WORDS = { connecting: 'Connecting', live: 'Live', lost: 'Offline' } as const;
const TITLES = {
  connecting: 'Connecting to the service',
  live: 'What you see is up to date',
  lost: 'The service does not answer; trying again',
} as const;
