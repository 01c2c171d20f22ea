import { Radio, Stack } from '@mantine/core';
import { draftFaults, policyOf } from '../../retention/retention-draft.js';
import { RetentionFields } from '../../retention/retention-fields.js';
import { RetentionOutlook } from '../../retention/retention-outlook.js';
import { policyInWords } from '../../retention/retention-words.js';
import type { ScheduleDraft } from './schedule-draft.js';

const PREFIX = 'retention.';

interface Props {
  draft: ScheduleDraft;
  onChange(change: Partial<ScheduleDraft>): void;
  /** The id of a schedule that is there already: then it shows what the rules would do to its backups. */
  id: string | undefined;
  errors: Readonly<Record<string, string>>;
}

/** Lets people choose what is kept of its backups. */
export function RetentionChoice({ draft, onChange, id, errors }: Props) {
  const { whose, retention } = draft;
  const own = whose === 'own';
  const policy = own && Object.keys(draftFaults(retention)).length === 0 ? policyOf(retention) : undefined;
  const ofPolicy = Object.entries(errors).filter(([field]) => field.startsWith(PREFIX));
  return (
    <Stack gap="sm">
      <Radio.Group
        label="Retention"
        value={whose}
        onChange={(value) => onChange({ whose: value === 'own' ? 'own' : 'connection' })}
        error={errors['retention']}
      >
        <Stack gap={6} mt={6}>
          <Radio value="connection" label="As the connection says" />
          <Radio
            value="own"
            label="Rules of its own"
            description="They hold for the backups of this schedule alone, and the connection’s for all others."
          />
        </Stack>
      </Radio.Group>
      {own && (
        <RetentionFields
          draft={retention}
          onChange={(changed) => onChange({ retention: changed })}
          errors={Object.fromEntries(ofPolicy.map(([field, words]) => [field.slice(PREFIX.length), words]))}
        />
      )}
      {policy !== undefined && id !== undefined && (
        <RetentionOutlook
          of="schedule"
          id={id}
          policy={policy}
          words={policyInWords(policy)}
          note="Saving deletes nothing."
        />
      )}
    </Stack>
  );
}
