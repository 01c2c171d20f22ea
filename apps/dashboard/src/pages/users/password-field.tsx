import { Button, Group } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy, IconSparkles } from '@tabler/icons-react';
import { useState } from 'react';
import { PasswordInput } from '../../ui/forms/password-input.js';
import { newPassword } from './new-password.js';
import classes from './users.module.css';

interface Props {
  label: string;
  description?: string;
  value: string;
  onChange(value: string): void;
  error: string | undefined;
  required: boolean;
}

/** A password to be given to somebody: typed, or made here and shown, for it is never to be seen again. */
export function PasswordField({ label, description, value, onChange, error, required }: Props) {
  const [visible, setVisible] = useState(false);
  const { copy, copied } = useClipboard();
  return (
    <div className={classes.password}>
      <PasswordInput
        label={label}
        description={description}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        withAsterisk={required}
        aria-required={required}
        visible={visible}
        onVisibilityChange={setVisible}
        autoComplete="new-password"
        spellCheck={false}
      />
      <Group gap="xs">
        <Button
          size="compact-sm"
          variant="default"
          leftSection={<IconSparkles size={16} aria-hidden />}
          onClick={() => {
            onChange(newPassword());
            setVisible(true);
          }}
        >
          Generate
        </Button>
        {value !== '' && visible && (
          <Button
            size="compact-sm"
            variant="default"
            leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            onClick={() => copy(value)}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </Group>
    </div>
  );
}
