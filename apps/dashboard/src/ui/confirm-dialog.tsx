import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { ErrorAlert } from './error-alert.js';
import { useReturnFocus } from './use-return-focus.js';

interface Props {
  opened: boolean;
  onClose(): void;
  /** The question: `Delete shop_20261123.sql?` */
  title: string;
  /** Says what will be lost, and what will stay. */
  children: ReactNode;
  /** The deed as a verb: `Delete backup`. */
  confirmLabel: string;
  danger?: boolean;
  /** To be typed first, for what cannot be taken back: usually the name of the database. */
  requireText?: string;
  /** Closes the dialog when it resolves; what it throws is shown in it. */
  onConfirm(): Promise<unknown>;
}

/** Asks once, precisely, before something that is not easily taken back. */
export function ConfirmDialog(props: Props) {
  const { opened, onClose, title } = props;
  useReturnFocus(opened);
  return (
    <Modal opened={opened} onClose={onClose} title={title} centered returnFocus={false}>
      {/* Made anew for each question: nothing typed or failed before is left. */}
      {opened && <Question {...props} />}
    </Modal>
  );
}

function Question({ onClose, children, confirmLabel, danger = true, requireText, onConfirm }: Props) {
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const form = useId();
  const ready = requireText === undefined || typed === requireText;
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setError(undefined);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack>
      <Text size="sm" component="div">
        {children}
      </Text>
      {error !== undefined && <ErrorAlert error={error} />}
      <form
        id={form}
        onSubmit={(event) => {
          event.preventDefault();
          if (ready && !busy) void confirm();
        }}
      >
        {requireText !== undefined && (
          <TextInput
            label={
              <>
                Type <strong>{requireText}</strong> to confirm
              </>
            }
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
        )}
      </form>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onClose} disabled={busy}>
          Cancel
        </Button>
        <Button type="submit" form={form} color={danger ? 'red' : undefined} loading={busy} disabled={!ready}>
          {confirmLabel}
        </Button>
      </Group>
    </Stack>
  );
}
