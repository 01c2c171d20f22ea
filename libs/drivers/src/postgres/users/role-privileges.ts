import { DomainError } from '@app/domain';

const ATTRIBUTES = ['LOGIN', 'SUPERUSER', 'CREATEDB', 'CREATEROLE', 'REPLICATION', 'BYPASSRLS', 'INHERIT'] as const;
const KNOWN: ReadonlySet<string> = new Set(ATTRIBUTES.flatMap((name) => [name, `NO${name}`]));

/**
 * The attributes of `CREATE ROLE` among these names, in any case, in upper case. Fails with UNKNOWN_PRIVILEGE naming all
 * that are none, or INVALID_INPUT for one that is asked for and denied.
 */
export function roleAttributes(privileges: readonly string[]): string[] {
  const names = [...new Set(privileges.map((name) => name.trim().toUpperCase()))];
  const unknown = names.filter((name) => !KNOWN.has(name));
  if (unknown.length > 0) {
    throw new DomainError('UNKNOWN_PRIVILEGE', `PostgreSQL has no role attribute ${unknown.join(', ')}.`, {
      hint: `Known are ${ATTRIBUTES.join(', ')} and their NO… forms.`,
    });
  }
  const contradictory = names.filter((name) => names.includes(`NO${name}`));
  if (contradictory.length > 0) {
    const pairs = contradictory.map((name) => `${name} and NO${name}`).join(', ');
    throw new DomainError('INVALID_INPUT', `The privileges contradict each other: ${pairs}.`);
  }
  return names;
}
