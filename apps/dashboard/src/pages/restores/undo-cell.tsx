import { Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { $api } from '../../api/client.js';
import type { Schemas } from '../../api/client.js';
import { formatBytes } from '../../format/format.js';
import { UndoButton } from '../../restore/undo/undo-button.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { Bytes, Countdown, Time } from '../../ui/figures.js';
import { notifyDone } from '../../ui/notify.js';
import classes from './restores.module.css';

type Restore = Schemas['RestoreEntry'];

/** Shows what is kept of the state before, until when, and what can be done with it. */
export function UndoCell({ restore }: { restore: Restore }) {
  const { undo } = restore;
  return (
    <Stack gap={4} className={classes.undo}>
      <Text size="sm" component="div">
        <UndoState restore={restore} />
      </Text>
      {undo.state === 'failed' && (
        <Text size="xs" c="red">
          {undo.reason}
        </Text>
      )}
      <Group gap={6} className={classes.actions}>
        <UndoButton restore={restore} />
        {undo.copy !== null && undo.available && <DropButton restore={restore} />}
      </Group>
    </Stack>
  );
}

function UndoState({ restore: { state, strategy, undo, safety_backup_path: safety } }: { restore: Restore }) {
  switch (undo.state) {
    case 'available':
    case 'failed':
      return undo.until === null ? (
        <>
          By the safety backup <span className="break">{safety?.split('/').at(-1)}</span>
        </>
      ) : (
        <>
          <Countdown to={undo.until} /> left
          <Text size="xs" c="dimmed" component="div">
            until <Time at={undo.until} />
            {undo.bytes !== null && (
              <>
                , <Bytes value={undo.bytes} /> kept
              </>
            )}
            {safety !== null && (
              <>
                , by the safety backup <span className="break">{safety.split('/').at(-1)}</span>
              </>
            )}
          </Text>
        </>
      );
    case 'used':
      return <Dimmed>Undone</Dimmed>;
    case 'expired':
      return <Dimmed>Its time is over</Dimmed>;
    case 'dropped':
      return <Dimmed>Old state dropped</Dimmed>;
    case 'dropping':
      return <Dimmed>Old state is being dropped</Dimmed>;
    case 'in_progress':
      return <Dimmed>Being undone</Dimmed>;
    case 'lost':
      return <Dimmed>{undo.reason ?? 'Old state is gone'}</Dimmed>;
    case 'none':
      if (state === 'running') return <Dimmed>When it is done</Dimmed>;
      return <Dimmed>{strategy === 'new' ? 'Nothing was replaced' : 'Nothing to undo'}</Dimmed>;
  }
}

const Dimmed = ({ children }: { children: string }) => (
  <Text span size="sm" c="dimmed">
    {children}
  </Text>
);

function DropButton({ restore: { id, database, kind, undo } }: { restore: Restore }) {
  const [opened, setOpened] = useState(false);
  const drop = $api.useMutation('delete', '/api/restores/{id}/undo');
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        onClick={() => setOpened(true)}
        aria-label={`Drop the old state of ${database}`}
      >
        Drop
      </Button>
      <ConfirmDialog
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Drop the old state of ${database}?`}
        confirmLabel="Drop the old state"
        onConfirm={async () => {
          const { message } = await drop.mutateAsync({ params: { path: { id } } });
          notifyDone(message);
        }}
      >
        <strong className="break">{undo.copy}</strong> is dropped from the server now
        {undo.bytes === null ? '' : `, which frees ${formatBytes(undo.bytes)}`}. The {kind} cannot be undone any more.{' '}
        {database} itself stays as it is.
      </ConfirmDialog>
    </>
  );
}
