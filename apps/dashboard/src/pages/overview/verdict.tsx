import { Text } from '@mantine/core';
import { IconAlertTriangle, IconCloudOff, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useLiveState } from '../../live/live-provider.js';
import { Time } from '../../ui/figures.js';
import { detailsOf, TONES } from './database-words.js';
import type { Overview } from './database-words.js';
import classes from './overview.module.css';

const ICONS = { good: IconShieldCheck, warn: IconAlertTriangle, bad: IconShieldX };

/** The one sentence that the page is opened for, as the API says it. `at`: when it said so. */
export function Verdict({ overview, at }: { overview: Overview; at: number }) {
  const offline = useLiveState() === 'lost';
  const { colour, sentence } = overview.verdict;
  const tone = TONES[colour];
  const Icon = offline ? IconCloudOff : ICONS[tone];
  return (
    <div className={classes.verdict} data-tone={offline ? 'offline' : tone} role="status" aria-live="polite">
      <Icon size={36} stroke={1.6} aria-hidden />
      <div>
        <Text fw={650} size="lg" lh={1.3} className="break">
          {offline ? 'Not known: the service does not answer' : sentence}
        </Text>
        {offline ? (
          <Text size="sm" c="dimmed" className="break">
            <Time at={at} />: {sentence}
          </Text>
        ) : (
          detailsOf(overview).map((detail) => (
            <Text key={detail} size="sm" c="dimmed" className="break">
              {detail}
            </Text>
          ))
        )}
      </div>
    </div>
  );
}
