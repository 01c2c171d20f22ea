import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';

/** A name that somebody gave, and the field of the request that it stands in. */
export interface GivenName {
  kind: 'database' | 'user' | 'table';
  name: string;
  field: string;
}

export interface NameLimits {
  product: string;
  /** How long a name is, as the server counts. */
  lengthOf(name: string): number;
  unit: string;
  most: Readonly<Record<GivenName['kind'], number>>;
  /** Returns why the server refuses a name for another reason than its length. */
  faultOf?(kind: GivenName['kind'], name: string): string | undefined;
}

/**
 * A server cuts a name that is too long, and then it means something else (FAILURES 70). INVALID_INPUT with the field, length and
 * limit of each such name, or with what else is wrong with it.
 */
export function requireGoodNames(names: readonly GivenName[], limits: NameLimits): void {
  const { product, unit, most } = limits;
  const faults = names.flatMap(({ kind, name, field }) => {
    const parts = kind === 'table' ? partsOf(name) : [name];
    const length = Math.max(0, ...parts.map((part) => limits.lengthOf(part)));
    const other = limits.faultOf?.(kind, name);
    if (length <= most[kind]) return other === undefined ? [] : [{ field, message: other }];
    return [{ field, message: `is ${length} ${unit}; ${product} allows ${most[kind]} for the name of a ${kind}` }];
  });
  if (faults.length === 0) return;
  throw new DomainError('INVALID_INPUT', `${faults.map(({ field, message }) => `${field} ${message}`).join('; ')}.`, {
    fields: faults,
  });
}

/** Those of a login. */
export function namesOfLogin({ database, username }: Pick<ConnectionParams, 'database' | 'username'>): GivenName[] {
  return [
    { kind: 'database', name: database, field: 'database' },
    { kind: 'user', name: username, field: 'username' },
  ];
}

/** `schema.table`, either in quotes or not. */
function partsOf(table: string): string[] {
  const parts = table.match(/"(?:[^"]|"")*"|[^."]+/g) ?? [];
  return parts.map((part) => (part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part));
}
