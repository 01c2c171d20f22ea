import { DomainError } from '@app/domain';
import { damagedTar } from './tar-header.js';

/** The facts in blocks in front of a member, for which its own header has no room. */
export interface TarExtension {
  name?: string;
  size?: number;
}

/** Reads the pax format: records of the form `LENGTH KEY=VALUE\n`. `forAll` marks an extension for every member that follows. */
export function paxExtensionOf(content: Buffer, forAll: boolean): TarExtension {
  const extension: TarExtension = {};
  let at = 0;
  while (at < content.length) {
    const [, digits = '', key = ''] = /^(\d{1,9}) ([^=\n]+)=/.exec(content.toString('latin1', at, at + 300)) ?? [];
    const end = at + Number(digits);
    const from = at + digits.length + 1 + key.length + 1;
    if (digits === '' || end > content.length || from >= end) throw damagedTar('is altered');
    const value = content.toString('utf8', from, end - 1);
    at = end;
    if (key.startsWith('GNU.sparse')) throw refusedMember('a sparse file');
    if (forAll && ['path', 'size', 'linkpath'].includes(key)) throw damagedTar('is altered');
    if (key === 'path') extension.name = value;
    if (key === 'size') extension.size = sizeOf(value);
  }
  return extension;
}

/** In the GNU format: the name, and a zero behind it. */
export function gnuNameOf(content: Buffer): TarExtension {
  const end = content.indexOf(0);
  return { name: content.toString('utf8', 0, end === -1 ? content.length : end) };
}

export function refusedMember(what: string, name?: string): DomainError {
  const named = name === undefined ? '' : ` ("${name.slice(0, 200)}")`;
  return new DomainError('BACKUP_UNSAFE', `The tar archive holds ${what}${named}, which no folder of a dump has.`, {
    hint: 'Nothing was changed. Pack the folder of the dump anew, with its files alone: tar -h --hard-dereference -cf dump.tar FOLDER.',
  });
}

function sizeOf(value: string): number {
  const size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (Number.isSafeInteger(size)) return size;
  throw damagedTar('is altered');
}
