import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ReactNode } from 'react';

interface Props {
  /** To be typed first; undefined: nothing. */
  requireText: string | undefined;
  confirmLabel: string;
  danger: boolean;
  busy: boolean;
  onConfirm(): void;
  /** The other button: back, or close. */
  cancelLabel: string;
  onCancel(): void;
  /** Above the buttons: why it did not begin. */
  children?: ReactNode;
}

/** The last question before data is replaced. */
export function TypedConfirmation(props: Props) {
  const { requireText, confirmLabel, danger, busy, onConfirm, cancelLabel, onCancel, children } = props;
  const [typed, setTyped] = useState('');
  const ready = requireText === undefined || typed === requireText;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !busy) onConfirm();
      }}
    >
      {requireText !== undefined && (
        <TextInput
          label={
            <>
              Type <strong className="break">{requireText}</strong> to confirm
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          data-autofocus
          mb="md"
        />
      )}
      {children}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onCancel} disabled={busy}>
          {cancelLabel}
        </Button>
        <Button type="submit" color={danger ? 'red' : undefined} loading={busy} disabled={!ready}>
          {confirmLabel}
        </Button>
      </Group>
    </form>
  );
}
