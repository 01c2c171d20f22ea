import { DomainError } from '@app/domain';
import type { CopyRole } from '../../db-driver.js';

/** NAMEDATALEN − 1: the server would cut a longer name silently, and with it what makes it one of a kind. */
const MAX_NAME_BYTES = 63;
const COPY_NAME = /^(.+)__(restore|before)_([0-9A-Za-z]{1,32})$/s;

export interface CopyName {
  name: string;
  role: CopyRole;
  id: string;
}

/** Returns as much of the database's name as there is room for, in whole characters, and the rest in full. */
export function copyName(database: string, role: CopyRole, id: string): string {
  const suffix = `__${role}_${id}`;
  let room = MAX_NAME_BYTES - Buffer.byteLength(suffix);
  let stem = '';
  for (const character of database) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem + suffix;
}

/** Undefined for what is not the name of a staging or previous database. */
export function parseCopyName(name: string): CopyName | undefined {
  const [, , role, id] = COPY_NAME.exec(name) ?? [];
  return (role === 'restore' || role === 'before') && id !== undefined ? { name, role, id } : undefined;
}

/** Nothing else is ever made, swapped or dropped here: a mistake of ours must not reach a database of somebody's. */
export function requireCopyName(name: string): void {
  if (parseCopyName(name) !== undefined && Buffer.byteLength(name) <= MAX_NAME_BYTES && !name.includes('\0')) return;
  throw new DomainError('INVALID_INPUT', `"${name}" is not the name of a staging or previous database.`);
}
