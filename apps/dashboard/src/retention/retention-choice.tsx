import { Radio, Stack } from '@mantine/core';
import { draftFaults } from './retention-draft.js';
import type { RetentionChoiceDraft } from './retention-draft.js';
import { RetentionFields } from './retention-fields.js';

interface Props {
  choice: RetentionChoiceDraft;
  onChange(choice: RetentionChoiceDraft): void;
  /** The refusals of the API, by field of the policy. */
  refused: Readonly<Record<string, string>>;
}

/** The service's default, or rules of the connection's own. */
export function RetentionChoice({ choice, onChange, refused }: Props) {
  const { own, draft } = choice;
  return (
    <Stack>
      <Radio.Group
        value={own ? 'own' : 'default'}
        onChange={(whose) => onChange({ ...choice, own: whose === 'own' })}
        label="Which rules"
      >
        <Stack gap="xs" mt={4}>
          <Radio value="default" label="The service’s default" />
          <Radio value="own" label="Rules of its own" />
        </Stack>
      </Radio.Group>
      {own && (
        <RetentionFields
          draft={draft}
          onChange={(typed) => onChange({ ...choice, draft: typed })}
          errors={{ ...refused, ...draftFaults(draft) }}
        />
      )}
    </Stack>
  );
}
