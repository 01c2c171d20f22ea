import { DomainError } from '@app/domain';
import type { Manifest, ObjectCounts, RowCounts, ServerInfo } from '@app/domain';
import type { Census } from '@app/drivers';

const SHOWN = 5;

/** What differs between two counts, a phrase each, sorted by name; a name that is missing counts as 0. */
export function differencesOf(
  expected: ObjectCounts | RowCounts,
  found: ObjectCounts | RowCounts,
  say: (name: string, expected: number, found: number) => string,
): string[] {
  const names = [...new Set([...Object.keys(expected), ...Object.keys(found)])].toSorted();
  return names.flatMap((name) => {
    const [wanted = 0, is = 0] = [expected[name], found[name]];
    return wanted === is ? [] : [say(name, wanted, is)];
  });
}

export function someOf(phrases: readonly string[]): string {
  const rest = phrases.length - SHOWN;
  return phrases.slice(0, SHOWN).join('; ') + (rest > 0 ? `; and ${rest} more` : '');
}

/**
 * Compares what was loaded into `server` with what the manifest says. Rows that were counted in the dump's own snapshot
 * must be there, and objects, too, where the server counts as the source did: RESTORE_FAILED. Objects that were counted
 * before the dump began may differ by what somebody did in between, and another major version may need more or fewer for
 * the same: those are warnings, as an emergency is no time to be stopped by them.
 */
export function compareWithManifest(
  manifest: Manifest,
  found: Pick<Census, 'objects'> & Partial<Census>,
  server: ServerInfo,
): string[] {
  const objects = differencesOf(
    manifest.objects,
    found.objects,
    (kind, wanted, is) => `${is} ${kind.replaceAll('_', ' ')} instead of ${wanted}`,
  );
  const rows = differencesOf(
    found.rows === undefined ? {} : (manifest.rows ?? found.rows),
    found.rows ?? {},
    (table, wanted, is) => `${table} has ${is} rows instead of ${wanted}`,
  );
  const exact = manifest.rows !== undefined && isSameMajor(manifest.server, server);
  const all = [...rows, ...objects];
  if (rows.length === 0 && !exact) {
    return objects.length === 0 ? [] : [`What was loaded differs from what the backup counted: ${someOf(objects)}.`];
  }
  if (all.length === 0) return [];
  throw new DomainError('RESTORE_FAILED', `What was loaded is not what was backed up: ${someOf(all)}.`, {
    hint: 'Nothing was changed. Restore another backup, and look at how this one differs: POST /api/backups/:id/verify.',
  });
}

function isSameMajor(source: Manifest['server'], { flavour, versionParts }: ServerInfo): boolean {
  const parts = source.version.split('.').map(Number);
  // PostgreSQL's first number, the first two of the others.
  const length = flavour === 'PostgreSQL' ? 1 : 2;
  return source.flavour === flavour && parts.slice(0, length).join('.') === versionParts.slice(0, length).join('.');
}
