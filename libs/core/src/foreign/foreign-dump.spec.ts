import { Readable } from 'node:stream';
import { ArtifactReader } from '@app/artifact';
import type { OpenArtifact } from '@app/storage';
import { kindOfZip } from './tar-kinds.js';
import { zipOf } from '../../../artifact/src/testing/zip-of.js';

const filesInZip = async (content: Buffer) => {
  const file = {
    size: content.length,
    head: (length: number) => Promise.resolve(content.subarray(0, length)),
    stream: (_onRead: unknown, part: { start: number; end: number }) =>
      Readable.from([content.subarray(part.start, part.end)], { objectMode: false }),
  } as unknown as OpenArtifact;
  const artifact = await new ArtifactReader({ of: () => ({ open: () => Promise.resolve(file) }) }).open({
    ...{ storageId: 'local', key: 'x.zip' },
  });
  return artifact.filesInZip();
};

describe('A zip archive of thousands of files', () => {
  const files = (name: (at: number) => string): Buffer =>
    zipOf(Array.from({ length: 5_000 }, (_, at) => [name(at), Buffer.from('x')] as const));

  it('is described by the program that wrote the files', async () => {
    const found = await filesInZip(files((at) => `shop.t${at}-schema.sql`));
    expect(found === undefined ? found : kindOfZip(found).is).toBe('is a folder of mydumper, in a zip archive');
  });

  it('is described with the number of files', async () => {
    const found = await filesInZip(files((at) => `part${at}.sql`));
    expect(found === undefined ? found : kindOfZip(found).is).toBe(
      'is a zip archive of 5000 files (part0.sql, part1.sql, part2.sql and 4997 more)',
    );
  });
});
