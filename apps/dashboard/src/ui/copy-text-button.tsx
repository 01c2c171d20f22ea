import { ActionIcon, Tooltip } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';

/** Takes a text to the clipboard. `label`: `Copy the SHA-256`. */
export function CopyTextButton({ text, label }: { text: string; label: string }) {
  const { copy, copied, error } = useClipboard();
  const words = copied ? 'Copied' : error ? 'The browser does not allow it' : label;
  return (
    <Tooltip label={words} withArrow>
      <ActionIcon variant="subtle" color="gray" size="sm" onClick={() => copy(text)} aria-label={words}>
        {copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
