import { DomainError } from '@app/domain';
import type { ConnectionParams, TlsMaterial } from '@app/domain';
import { tlsMaterialFault } from '@app/drivers';

/** Absent stays as it is, null is taken away. */
export type TlsEdit = { [Part in keyof TlsMaterial]?: string | null | undefined };

/** Applies the edit to `known`; undefined if nothing is left of it. */
export function editedTls(edit: TlsEdit, known: TlsMaterial = {}): TlsMaterial | undefined {
  const tls: TlsMaterial = {};
  for (const part of ['ca', 'certificate', 'key'] as const) {
    const text = edit[part] === undefined ? known[part] : edit[part];
    if (text !== null && text !== undefined) tls[part] = text;
  }
  return Object.keys(tls).length === 0 ? undefined : tls;
}

export function isEmptyEdit(edit: TlsEdit): boolean {
  return Object.values(edit).every((text) => text === undefined);
}

/** INVALID_INPUT, naming the first part that cannot be used, whatever the mode: what is stored must be of use later. */
export function checkTls({ tls }: Pick<ConnectionParams, 'tls'>): void {
  const fault = tls === undefined ? undefined : tlsMaterialFault(tls);
  if (fault === undefined) return;
  const field = `ssl_${fault.field}`;
  const message = `cannot be used. ${fault.message}`;
  throw new DomainError('INVALID_INPUT', `${field} ${message}`, {
    hint: 'Give the texts of the PEM files, or leave them out.',
    fields: [{ field, message }],
  });
}
