import type { Json, JsonObject } from '@app/domain';
import { redactor } from '@app/security';

/**
 * The fields of a request that the audit trail may keep. This is an allow-list, so that a secret field of a later call
 * stays out by itself.
 */
const KEPT_FIELDS = new Set([
  ...['db_type', 'host', 'port', 'database', 'username', 'ssl_mode', 'label', 'test'],
  ...[
    'connection_id',
    'source_connection_id',
    'target_database',
    'no_owner',
    'no_tablespaces',
    'locale_fallback',
    'definer',
    'collations',
    'accept_incomplete',
    'source_database',
    'accept_foreign_copy',
    'replace',
    'roles',
    'add',
  ],
  ...[
    'backup_name',
    'backup_location',
    'backup_file_path',
    'strategy',
    'tables',
    'dry_run',
    'format',
    'compression',
    'verification',
    'compare',
    'level',
    'pinned',
  ],
  ...['name', 'action', 'cron', 'timezone', 'enabled', 'jitter_seconds', 'location', 'options', 'retention'],
  ...['keep_last', 'days', 'hourly', 'daily', 'weekly', 'monthly', 'yearly', 'max_bytes'],
  ...['operation', 'privileges', 'delete_backups', 'confirm'],
  ...['pg_dump_path', 'pg_restore_path', 'mysqldump_path', 'mysql_path'],
]);
/** The fields that may be lists. Others must be one value, and invalid ones need not be kept. */
const LISTS = new Set(['privileges', 'roles', 'tables']);
const MAX_TEXT = 200;
const MAX_ITEMS = 50;
/** `options` and `retention` hold fields; nothing that may be kept is deeper. */
const MAX_DEPTH = 2;

const redact = redactor();

/** The fields of a request, without secrets and with long values cut. */
export function auditDetails(body: unknown, depth = 1): JsonObject {
  if (typeof body !== 'object' || body === null) return {};
  const kept = Object.entries(body).flatMap(([name, value]): [string, Json][] => {
    const shown = KEPT_FIELDS.has(name) ? shownValue(name, value, depth) : undefined;
    return shown === undefined ? [] : [[name, shown]];
  });
  return Object.fromEntries(kept);
}

/** Makes a text from a caller safe to keep. */
export function auditText(text: string): string {
  const whole = redact(text.toWellFormed().replaceAll('\0', ''));
  return whole.length > MAX_TEXT ? `${whole.slice(0, MAX_TEXT).toWellFormed()}…` : whole;
}

function shownValue(name: string, value: unknown, depth: number): Json | undefined {
  if (typeof value === 'string') return auditText(value);
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return value;
  if (Array.isArray(value)) {
    const items = LISTS.has(name) ? value.slice(0, MAX_ITEMS) : [];
    return items.filter((item) => typeof item === 'string').map(auditText);
  }
  return typeof value === 'object' && depth < MAX_DEPTH ? auditDetails(value, depth + 1) : undefined;
}
