import { Button, CopyButton, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useLayoutEffect, useRef } from 'react';
import { formatClock, formatExactTime, toEpoch } from '../../format/format.js';
import { Panel } from '../../ui/panel.js';
import classes from './activity.module.css';
import { logLineOf } from './log-lines.js';

/** Off by less is still at the end: a zoomed page scrolls by fractions. */
const NEAR_PX = 8;

interface Props {
  /** Oldest first. */
  lines: readonly string[];
  /** Whether more may come. */
  going: boolean;
}

/** The last lines of a job's log. Follows its end for as long as the reader is there. */
export function JobLog({ lines, going }: Props) {
  return (
    <Panel title="Log" description="What it did, oldest first." actions={<Copy lines={lines} />}>
      {lines.length === 0 ? (
        <Text c="dimmed">{going ? 'Nothing is written yet.' : 'Nothing was written.'}</Text>
      ) : (
        <Lines lines={lines} />
      )}
    </Panel>
  );
}

function Lines({ lines }: { lines: readonly string[] }) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (box.current !== null && atEnd.current) box.current.scrollTop = box.current.scrollHeight;
  });
  return (
    <div
      ref={box}
      className={classes.log}
      role="log"
      aria-label="Log"
      // To be scrolled by the keyboard.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
      }}
    >
      {lines.map((line, index) => (
        // Lines are only added, and the same one may come twice.
        <Line key={`${index} ${line}`} line={line} />
      ))}
    </div>
  );
}

function Line({ line }: { line: string }) {
  const { at, text } = logLineOf(line);
  return (
    <div className={classes.line}>
      {at !== undefined && (
        <time dateTime={at} title={formatExactTime(toEpoch(at))}>
          {formatClock(toEpoch(at))}
        </time>
      )}
      <span>{text}</span>
    </div>
  );
}

/** Browsers have a clipboard for pages of this machine and for those with TLS only. */
function Copy({ lines }: { lines: readonly string[] }) {
  if (lines.length === 0 || !window.isSecureContext) return null;
  return (
    <CopyButton value={lines.join('\n')}>
      {({ copied, copy }) => (
        <Button
          size="compact-sm"
          variant="default"
          leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
          onClick={copy}
        >
          <span aria-live="polite">{copied ? 'Copied' : 'Copy log'}</span>
        </Button>
      )}
    </CopyButton>
  );
}
