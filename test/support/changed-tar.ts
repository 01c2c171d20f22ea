import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { tarMembers } from '@app/drivers';
import { tarOf } from '../../libs/drivers/src/testing/tar-of.js';
import type { TestMember } from '../../libs/drivers/src/testing/tar-of.js';

/** The same tar archive, with other content in its files, or without some of them. */
export async function changedTar(
  archive: Buffer,
  change: (name: string, content: Buffer) => Buffer | undefined,
): Promise<Buffer> {
  const members: TestMember[] = [];
  for await (const { name, kind, content } of tarMembers(Readable.from([archive]))) {
    if (kind === 'folder') continue;
    const bytes = change(name, await buffer(content));
    if (bytes !== undefined) members.push({ name, content: bytes });
  }
  return tarOf(members);
}

/** With another text of the same length in the table of contents of pg_dump's folder. */
export function withContents(archive: Buffer, from: RegExp, to: string): Promise<Buffer> {
  return changedTar(archive, (name, content) => {
    if (!name.endsWith('toc.dat')) return content;
    const text = content.toString('latin1');
    const altered = text.replace(from, (found) => to.padEnd(found.length, ' '));
    if (altered === text || altered.length !== text.length) throw new Error(`${from} is not there, or is shorter.`);
    return Buffer.from(altered, 'latin1');
  });
}
