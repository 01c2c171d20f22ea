import type { RoutineType } from '../dump/mysql-inventory.js';

export type StoredObjectKind = 'VIEW' | 'TRIGGER' | 'EVENT' | 'LIBRARY' | RoutineType;

/** An object that RENAME TABLE cannot carry into another schema, with all that it takes to make it anew. */
export interface StoredObject {
  kind: StoredObjectKind;
  name: string;
  /** CREATE statement, in the bytes of `characterSet`. Names the schema that it is meant for, or none. */
  text: Buffer;
  sqlMode: string;
  characterSet: string;
  collation: string;
  /** The collation of the schema when the object was made. Empty for views, which do not remember it. */
  databaseCollation: string;
  /** The table of a trigger. */
  table: string;
  /** The time zone of an event. */
  timeZone: string;
  /** Set for a view that stands on something that is not there any more, so that it cannot be made anew. */
  broken?: boolean;
}

export function storedObjectKey({ kind, name }: Pick<StoredObject, 'kind' | 'name'>): string {
  return `${kind} ${name}`;
}

export function sameStoredObject(one: StoredObject, other: StoredObject): boolean {
  return (
    one.text.equals(other.text) &&
    (['kind', 'name', 'sqlMode', 'characterSet', 'collation', 'databaseCollation', 'timeZone'] as const).every(
      (field) => one[field] === other[field],
    )
  );
}

/** Libraries come before the routines that use them, a package before its body. */
export const ROUTINE_KINDS = [
  'LIBRARY',
  'FUNCTION',
  'PROCEDURE',
  'PACKAGE',
  'PACKAGE BODY',
] as const satisfies readonly StoredObjectKind[];

export function isRoutine({ kind }: Pick<StoredObject, 'kind'>): boolean {
  return (ROUTINE_KINDS as readonly string[]).includes(kind);
}
