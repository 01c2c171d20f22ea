import type { CopyRole } from '../../db-driver.js';

/** The longest name of a database on these servers, in characters; there are none beyond the BMP in them. */
const NAME_LIMIT = 64;
const COPY_NAME = /^(.+)__(restore|before)_([0-9A-Za-z]+)$/s;

export interface CopyName {
  /** The database's name, or its beginning where it had to be cut. */
  stem: string;
  role: CopyRole;
  id: string;
}

export function copyName(database: string, role: CopyRole, id: string): string {
  const suffix = `__${role}_${id}`;
  return `${database.slice(0, NAME_LIMIT - suffix.length)}${suffix}`;
}

export function parseCopyName(name: string): CopyName | undefined {
  const [, stem, role, id] = COPY_NAME.exec(name) ?? [];
  if (stem === undefined || id === undefined || (role !== 'restore' && role !== 'before')) return undefined;
  return { stem, role, id };
}
