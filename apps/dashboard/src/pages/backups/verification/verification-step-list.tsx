import { List } from '@mantine/core';
import { IconAlertTriangle, IconCheck, IconCircleDashed, IconX } from '@tabler/icons-react';
import { Duration, RelativeTime, Time } from '../../../ui/figures.js';
import { StateBadge } from '../../../ui/badges/state-badge.js';
import type { Tone } from '../../../ui/badges/state-badge.js';
import classes from './verification-step-list.module.css';
import type { Step, StepState } from './verification-steps.js';

const LOOKS: Readonly<Record<StepState, [Tone, typeof IconCheck, string]>> = {
  done: ['good', IconCheck, 'Passed'],
  failed: ['bad', IconX, 'Failed'],
  untried: ['warn', IconAlertTriangle, 'Could not be tried'],
  open: ['plain', IconCircleDashed, 'Not yet'],
};

interface Props {
  steps: readonly Step[];
  /** The duration of the restore that verified it. */
  recoveryMs: number | undefined;
}

/** Lists the steps of a verification with their findings and times. */
export function VerificationStepList({ steps, recoveryMs }: Props) {
  return (
    <ol className={classes.steps}>
      {steps.map(({ level, title, state, at, words, remarks }) => {
        const [tone, icon, verdict] = LOOKS[state];
        return (
          <li key={level} className={classes.step} data-state={state} aria-label={`${title}: ${verdict}`}>
            <div className={classes.head}>
              <span className={classes.title}>{title}</span>
              <StateBadge tone={tone} icon={icon}>
                {verdict}
              </StateBadge>
            </div>
            <div className="break">{words}</div>
            {remarks.length > 0 && (
              <List size="sm" mt={4}>
                {remarks.map((remark) => (
                  <List.Item key={remark}>{remark}</List.Item>
                ))}
              </List>
            )}
            {level === 'restored' && state === 'done' && recoveryMs !== undefined && (
              <div className={classes.recovery}>
                Recovery time, as measured: <Duration ms={recoveryMs} />
              </div>
            )}
            {at !== undefined && (
              <div className={classes.time}>
                <Time at={at} />, <RelativeTime at={at} />
              </div>
            )}
          </li>
        );
      })}
    </ol>
  );
}
