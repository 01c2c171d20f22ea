import { BACKUP_FORMATS, COMPRESSIONS, DB_TYPES, VERIFICATION_LEVELS } from '@app/domain';
import type { Manifest, VerificationLevel } from '@app/domain';

/** Writes a manifest as text. Only {@link ManifestSigner} uses it, which signs the manifest. */
export function manifestText(manifest: Manifest): string {
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

/**
 * Reads a manifest, which anybody may have edited; only {@link ManifestSigner} uses it. Returns undefined when it has not our
 * form, or a version that this code does not know; the artifact then counts as damaged, and is never deleted.
 */
export function parseManifest(text: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isManifest(value) ? value : undefined;
}

/** Whether a level includes another one. A level that this code does not know comes from a later version, and includes all. */
export function holds(level: VerificationLevel | null, other: VerificationLevel): boolean {
  return level === null || VERIFICATION_LEVELS.indexOf(level) >= VERIFICATION_LEVELS.indexOf(other);
}

/** Returns the level that a manifest claims; null for a level that this code does not know. */
export function levelOf({ verification }: Manifest): VerificationLevel | null {
  return VERIFICATION_LEVELS.find((level) => level === verification.level) ?? null;
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null) return false;
  const manifest = value as Partial<Record<keyof Manifest, unknown>>;
  return (
    (manifest.manifest_version === 1 || (manifest.manifest_version === 2 && manifest.codecs !== undefined)) &&
    ['id', 'artifact', 'database', 'host'].every((key) => isText(manifest[key as keyof Manifest])) &&
    isOneOf(manifest.kind, ['manual', 'scheduled', 'safety']) &&
    isOneOf(manifest.db_type, DB_TYPES) &&
    isOneOf(manifest.format, BACKUP_FORMATS) &&
    isOneOf(manifest.compression, COMPRESSIONS) &&
    isOptional(manifest.codecs, isTexts) &&
    isCount(manifest.port) &&
    isCount(manifest.size) &&
    isCount(manifest.dump_size) &&
    isCount(manifest.duration_ms) &&
    isText(manifest.sha256) &&
    /^[0-9a-f]{64}$/.test(manifest.sha256) &&
    isInstant(manifest.started_at) &&
    isInstant(manifest.completed_at) &&
    isRecord(manifest.database_settings) &&
    Object.values(manifest.database_settings).every(isText) &&
    isRecord(manifest.objects) &&
    Object.values(manifest.objects).every(isCount) &&
    isRecord(manifest.server) &&
    isRecord(manifest.tool) &&
    isVerification(manifest.verification) &&
    isOptional(manifest.revision, isCount) &&
    isOptional(manifest.properties, isProperties) &&
    isOptional(manifest.absent, (absent) => Array.isArray(absent) && absent.every(isText)) &&
    isOptional(manifest.roles, (roles) => Array.isArray(roles) && roles.every(isRole)) &&
    isOptional(manifest.globals, isGlobals) &&
    isOptional(manifest.search_paths, isTexts) &&
    isOptional(manifest.session_settings, (settings) => isRecord(settings) && Object.values(settings).every(isText)) &&
    isOptional(manifest.demands, isDemands) &&
    isOptional(manifest.rows, (rows) => isRecord(rows) && Object.values(rows).every(isCount)) &&
    isOptional(manifest.checksums, isChecksums) &&
    isOptional(manifest.connection_id, isText) &&
    isOptional(manifest.schedule_id, isText) &&
    isOptional(manifest.signature, isSignature) &&
    Array.isArray(manifest.warnings) &&
    manifest.warnings.every(isText)
  );
}

function isProperties(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['owner']) &&
    (value['grants'] === null || (Array.isArray(value['grants']) && value['grants'].every(isGrant))) &&
    isTexts(value['settings']) &&
    Array.isArray(value['role_settings']) &&
    value['role_settings'].every((of) => isRecord(of) && isText(of['role']) && isTexts(of['settings'])) &&
    (value['comment'] === null || isText(value['comment'])) &&
    Number.isSafeInteger(value['connection_limit']) &&
    isOptional(value['is_template'], (is) => typeof is === 'boolean')
  );
}

function isGrant(value: unknown): boolean {
  return (
    isRecord(value) &&
    (value['grantee'] === null || isText(value['grantee'])) &&
    isText(value['grantor']) &&
    isTexts(value['privileges']) &&
    isTexts(value['grantable'])
  );
}

function isRole(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['name']) &&
    isTexts(value['attributes']) &&
    isTexts(value['member_of']) &&
    Number.isSafeInteger(value['connection_limit']) &&
    (value['valid_until'] === null || isText(value['valid_until']))
  );
}

function isGlobals(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['file']) &&
    isCount(value['size']) &&
    isText(value['sha256']) &&
    typeof value['passwords'] === 'boolean'
  );
}

function isDemands(value: unknown): boolean {
  return (
    isRecord(value) &&
    isOptional(value['definers'], isTexts) &&
    isOptional(value['long_values'], (tables) => isRecord(tables) && Object.values(tables).every(isCount))
  );
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

/** Accepts a level that this code does not know, as a later version may have written it. */
function isVerification(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['level']) &&
    isInstant(value['at']) &&
    isOptional(value['failed'], isAttempt) &&
    isOptional(value['untried'], isAttempt) &&
    isOptional(value['details'], isRecord)
  );
}

function isChecksums(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['algorithm']) &&
    isText(value['basis']) &&
    isRecord(value['tables']) &&
    Object.values(value['tables']).every(isText) &&
    isOptional(value['large_objects'], isText) &&
    isOptional(value['uncovered'], (tables) => isRecord(tables) && Object.values(tables).every(isText))
  );
}

function isSignature(value: unknown): boolean {
  return isRecord(value) && isText(value['key_id']) && isText(value['mac']);
}

function isAttempt(value: unknown): boolean {
  return isRecord(value) && isInstant(value['at']) && isText(value['message']);
}

function isOptional(value: unknown, test: (value: unknown) => boolean): boolean {
  return value === undefined || test(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isInstant(value: unknown): value is string {
  return isText(value) && !Number.isNaN(Date.parse(value));
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return isText(value) && allowed.includes(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Facts about the source that a load needs and that no dump holds. */
export interface SourceFacts {
  absent?: readonly string[];
  searchPaths?: readonly string[];
  sessionSettings?: Readonly<Record<string, string>>;
}

export function sourceFactsOf({ absent, search_paths, session_settings, properties }: Manifest): SourceFacts {
  const ofOwner = properties?.role_settings.find(({ role }) => role === properties.owner)?.settings ?? [];
  // Settings of the application for its own functions. The manifest names them only once, as they may be secret.
  const ofDatabase = [...(properties?.settings ?? []), ...ofOwner].flatMap((setting) => {
    const [, name, value] = /^([^=]+\.[^=]+)=(.*)$/s.exec(setting) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const settings = { ...session_settings, ...Object.fromEntries(ofDatabase) };
  return {
    ...(Object.keys(settings).length === 0 ? {} : { sessionSettings: settings }),
    ...(absent === undefined ? {} : { absent }),
    ...(search_paths === undefined ? {} : { searchPaths: search_paths }),
  };
}
