import { NativeSelect, SimpleGrid, Stack, TextInput } from '@mantine/core';
import type { ScheduleDraft } from './schedule-draft.js';

interface Props {
  draft: ScheduleDraft;
  onChange(change: Partial<ScheduleDraft>): void;
  engine: 'PostgreSQL' | 'MySQL' | undefined;
  errors: Readonly<Record<string, string>>;
}

const AS_SET = { value: '', label: 'As the settings say' };
const FORMATS = [AS_SET, { value: 'plain', label: 'Plain SQL' }, { value: 'custom', label: 'Custom (pg_restore)' }];
const COMPRESSIONS = [AS_SET, { value: 'none', label: 'None' }, { value: 'zstd', label: 'zstd' }];
const VERIFICATIONS = [
  AS_SET,
  { value: 'complete', label: 'Complete: whole when written' },
  { value: 'stored', label: 'Stored: read back, hash equal' },
  { value: 'restored', label: 'Restored: on a verification server' },
];

const COMPARISONS = [
  AS_SET,
  { value: 'content', label: 'Content: every value' },
  { value: 'counts', label: 'Counts: objects and rows' },
];

/** How its backups are made. */
export function OptionFields({ draft, onChange, engine, errors }: Props) {
  const chosen = <K extends 'format' | 'compression' | 'verification' | 'compare'>(field: K) => ({
    value: draft[field],
    onChange: (event: { currentTarget: { value: string } }) => onChange({ [field]: event.currentTarget.value }),
    error: errors[`options.${field}`],
  });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="sm" verticalSpacing="sm">
        {engine !== 'MySQL' && <NativeSelect label="Format" data={FORMATS} {...chosen('format')} />}
        <NativeSelect label="Compression" data={COMPRESSIONS} {...chosen('compression')} />
        <NativeSelect label="Verification" data={VERIFICATIONS} {...chosen('verification')} />
        <NativeSelect label="Comparison of a verification" data={COMPARISONS} {...chosen('compare')} />
      </SimpleGrid>
      <TextInput
        label="Folder"
        description="Inside the backup folder, or one that the service was told it may use."
        placeholder="As the settings say"
        value={draft.location}
        onChange={(event) => onChange({ location: event.currentTarget.value })}
        error={errors['options.location']}
        autoComplete="off"
        spellCheck={false}
      />
      <TextInput
        label="Name of the files"
        description="Time and ending are added."
        placeholder="The database’s"
        value={draft.fileName}
        onChange={(event) => onChange({ fileName: event.currentTarget.value })}
        error={errors['options.name']}
        autoComplete="off"
        spellCheck={false}
      />
    </Stack>
  );
}
