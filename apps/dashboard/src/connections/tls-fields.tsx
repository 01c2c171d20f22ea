import { Select, Stack, Textarea } from '@mantine/core';
import type { Schemas } from '../api/client.js';
import { TLS_MODES } from './login-draft.js';

/** Absent stays as it is; null is taken away. */
export interface TlsChange {
  ssl_mode?: Schemas['ConnectionEntry']['ssl_mode'];
  ssl_ca?: string | null;
  ssl_certificate?: string | null;
  ssl_key?: string | null;
}

interface Props {
  change: TlsChange;
  /** The stored settings; the key is never shown. */
  known?: Pick<Schemas['ConnectionEntry'], 'ssl_mode' | 'ssl_ca' | 'ssl_certificate' | 'has_ssl_key'>;
  onChange(change: TlsChange): void;
  /** The errors by field of the API. */
  errors: Readonly<Record<string, string>>;
}

/** Whether a login travels encrypted, and by which certificates. */
export function TlsFields({ change, known, onChange, errors }: Props) {
  const pem = (name: 'ssl_ca' | 'ssl_certificate' | 'ssl_key', shown: string | null = null) => ({
    // Taken away is not the same as left alone: null shows as empty, absent as what is stored.
    value: (change[name] === undefined ? shown : change[name]) ?? '',
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) =>
      onChange({ [name]: value === '' ? null : value }),
    error: errors[name],
    autosize: true,
    minRows: 2,
    maxRows: 6,
    autoComplete: 'off',
    spellCheck: false,
    styles: { input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.75rem' } },
  });
  return (
    <Stack gap="sm">
      <Select
        label="TLS"
        data={TLS_MODES}
        value={change.ssl_mode ?? known?.ssl_mode ?? 'prefer'}
        onChange={(mode) => mode !== null && onChange({ ssl_mode: mode })}
        error={errors['ssl_mode']}
        allowDeselect={false}
      />
      <Textarea
        label="Authority’s certificate (PEM)"
        description="What the server’s certificate is checked against; empty: the system’s list."
        {...pem('ssl_ca', known?.ssl_ca)}
      />
      <Textarea label="Client certificate (PEM)" {...pem('ssl_certificate', known?.ssl_certificate)} />
      <Textarea
        label="Client key (PEM)"
        description={known?.has_ssl_key === true ? 'There is one. It is never shown.' : undefined}
        {...pem('ssl_key')}
      />
    </Stack>
  );
}
