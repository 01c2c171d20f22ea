import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { memberOf, paxRecord, tarOf } from '../testing/tar-of.js';
import type { TestMember } from '../testing/tar-of.js';
import { tarNames } from './tar-names.js';
import { tarMembers } from './tar-reader.js';

async function read(archive: Buffer, pieceBytes = 700, most?: number): Promise<Record<string, string>> {
  const pieces: Buffer[] = [];
  for (let at = 0; at < archive.length; at += pieceBytes) pieces.push(archive.subarray(at, at + pieceBytes));
  const found: Record<string, string> = {};
  for await (const { name, kind, content } of tarMembers(Readable.from(pieces), most)) {
    found[name] = kind === 'folder' ? 'folder' : (await buffer(content)).toString('latin1');
  }
  return found;
}

const LONG = `${'deep/'.repeat(30)}toc.dat`;
const MEMBERS: TestMember[] = [
  { name: 'dump/', type: '5' },
  { name: 'dump/toc.dat', content: 'x'.repeat(1_300) },
  { name: 'dump/empty.dat' },
  { name: 'PaxHeader', type: 'x', content: paxRecord('mtime', '1.5') + paxRecord('path', LONG) },
  { name: 'cut', content: 'pax' },
  { name: '././@LongLink', type: 'L', content: `gnu/${LONG}\0` },
  { name: 'cut', content: 'gnu' },
  { name: 'pax_global_header', type: 'g', content: paxRecord('comment', 'abc') },
  { name: 'big', type: 'x', content: paxRecord('size', '600') },
  { name: 'dump/big.dat', content: 'b'.repeat(600), size: 0 },
];

describe('a tar archive', () => {
  it.each([1, 100, 512, 1_000_000])('gives its files, in pieces of %p bytes', async (pieceBytes) => {
    expect(await read(tarOf(MEMBERS), pieceBytes)).toEqual({
      'dump/': 'folder',
      'dump/toc.dat': 'x'.repeat(1_300),
      'dump/empty.dat': '',
      [LONG]: 'pax',
      [`gnu/${LONG}`]: 'gnu',
      'dump/big.dat': 'b'.repeat(600),
    });
  });

  it('gives the next file when the content of one was not read', async () => {
    const names: string[] = [];
    for await (const { name } of tarMembers(Readable.from([tarOf(MEMBERS)]))) names.push(name);
    expect(names).toHaveLength(6);
  });

  it.each<[string, TestMember]>([
    ['a hard link', { name: 'dump/1.dat', type: '1' }],
    ['a symbolic link', { name: 'dump/1.dat', type: '2' }],
    ['a device', { name: 'dump/1.dat', type: '3' }],
    ['a device', { name: 'dump/1.dat', type: '4' }],
    ['a named pipe', { name: 'dump/1.dat', type: '6' }],
    ['a sparse file', { name: 'dump/1.dat', type: 'S' }],
    ['a sparse file', { name: 'x', type: 'x', content: paxRecord('GNU.sparse.major', '1') }],
    ['neither a file nor a folder', { name: 'dump/1.dat', type: 'Z' }],
  ])('36: with %s is refused', async (what, member) => {
    await expect(read(tarOf([member]))).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
      message: expect.stringContaining(what) as string,
    });
  });

  it.each<[string, Buffer]>([
    ['cut off in a file', tarOf(MEMBERS).subarray(0, 1_500)],
    ['without its end mark', Buffer.concat(MEMBERS.map(memberOf))],
    ['with something behind its end mark', Buffer.concat([tarOf(MEMBERS), tarOf(MEMBERS)])],
    [
      'with an altered header',
      Buffer.from(tarOf(MEMBERS).toString('latin1').replace('dump/toc', 'dump/tic'), 'latin1'),
    ],
    ['with a size that is no number', tarOf([{ name: 'x', type: 'x', content: paxRecord('size', '-5') }])],
    ['with a size for all files', tarOf([{ name: 'x', type: 'g', content: paxRecord('size', '5') }])],
    ['with an extension of any size', tarOf([{ name: 'x', type: 'L', content: 'a'.repeat(70_000) }])],
  ])('36: %s is damaged', async (_what, archive) => {
    await expect(read(archive)).rejects.toMatchObject({ code: 'BACKUP_DAMAGED' });
  });

  it('36: with more members than any dump has is refused', async () => {
    const many = tarOf(Array.from({ length: 30 }, (_, at) => ({ name: `${at}.dat` })));
    await expect(read(many, 700, 20)).rejects.toMatchObject({ code: 'BACKUP_UNSAFE' });
    expect(Object.keys(await read(many, 700, 30))).toHaveLength(30);
  });
});

describe('the names at the beginning of a file', () => {
  it('are those of the files in a tar archive, the last of which may be cut off', () => {
    const archive = tarOf(MEMBERS);
    expect(tarNames(archive)).toEqual(['dump/toc.dat', 'dump/empty.dat', LONG, `gnu/${LONG}`, 'dump/big.dat']);
    expect(tarNames(archive.subarray(0, 1_100))).toEqual(['dump/toc.dat']);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(2_000)],
    ['text', Buffer.from('CREATE TABLE a (b int);\n'.repeat(100))],
  ])('are none in %s', (_what, head) => {
    expect(tarNames(head)).toBeUndefined();
  });
});
