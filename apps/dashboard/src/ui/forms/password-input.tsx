import { PasswordInput as MantinePasswordInput } from '@mantine/core';
import type { PasswordInputProps } from '@mantine/core';
import { useId } from 'react';

/**
 * A password that can be looked at, by keyboard, too. Mantine's own does not tell the field itself, only what is around
 * it, that it is wrong and what describes it: nobody would hear of it, and the focus could not be put there.
 */
export function PasswordInput(props: PasswordInputProps) {
  const made = useId();
  const { id = made, error, description } = props;
  const wrong = Boolean(error);
  const describedBy = [wrong && `${id}-error`, Boolean(description) && `${id}-description`].filter(Boolean).join(' ');
  return (
    <MantinePasswordInput
      visibilityToggleFocusable
      visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      {...props}
      id={id}
      aria-invalid={wrong || undefined}
      aria-describedby={describedBy === '' ? undefined : describedBy}
    />
  );
}
