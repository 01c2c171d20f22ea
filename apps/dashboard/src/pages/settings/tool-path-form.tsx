import { Button, Group, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { troubleOf } from '../../api/api-error.js';
import { $api } from '../../api/client.js';
import { ErrorAlert } from '../../ui/error-alert.js';
import { notifyDone } from '../../ui/notify.js';
import type { TOOLS } from './tool-words.js';
import classes from './settings.module.css';

interface Props {
  tool: (typeof TOOLS)[number];
  path: string;
}

/** Sets where one tool is, and nothing else of the settings. It is run once before that is kept. */
export function ToolPathForm({ tool: { key, name }, path }: Props) {
  const client = useQueryClient();
  const [draft, setDraft] = useState<string>();
  const save = $api.useMutation('post', '/api/config');
  const text = draft ?? path;
  const trouble = save.error === null ? undefined : troubleOf(save.error);
  const fault = trouble?.fields[key];
  const saved = async (value: string): Promise<void> => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['get', '/api/config'] }),
      client.invalidateQueries({ queryKey: ['post', '/api/tools/detect'] }),
    ]);
    setDraft(undefined);
    notifyDone(value === '' ? `The service finds ${name} itself again.` : `${name}: path saved.`);
  };
  const store = (value: string): void =>
    save.mutate(
      { body: { [key]: value } },
      {
        onSuccess: () => void saved(value),
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        store(text.trim());
      }}
    >
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <TextInput
          className={classes.path}
          style={{ flex: 1 }}
          label={`Path of ${name}`}
          description="Empty: the service finds it itself."
          placeholder={`/usr/bin/${name}`}
          value={text}
          onChange={({ currentTarget: { value } }) => {
            setDraft(value);
            save.reset();
          }}
          error={fault === undefined ? undefined : `${fault} Nothing was saved.`}
          autoComplete="off"
          spellCheck={false}
        />
        <Button
          type="submit"
          variant="default"
          mt="2.85rem"
          loading={save.isPending}
          disabled={text.trim() === path}
          aria-label={`Save the path of ${name}`}
        >
          Save
        </Button>
      </Group>
      {save.error !== null && fault === undefined && <ErrorAlert error={save.error} />}
    </form>
  );
}
