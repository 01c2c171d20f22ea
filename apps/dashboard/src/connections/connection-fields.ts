import { COUNT_RULES } from '../retention/retention-draft.js';

/** The fields of the forms of a connection, by the names of the API. */
export const CONNECTION_FIELDS = [
  'label',
  'db_type',
  'host',
  'port',
  'database',
  'username',
  'password',
  'ssl_mode',
  'ssl_ca',
  'ssl_certificate',
  'ssl_key',
  ...[...COUNT_RULES, 'max_bytes'].map((rule) => `retention.${rule}`),
];
