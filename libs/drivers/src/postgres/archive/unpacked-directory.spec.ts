import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { DumpSource } from '../../db-driver.js';
import { memberOf, tarOf } from '../../testing/tar-of.js';
import type { TestMember } from '../../testing/tar-of.js';
import { recogniseDump } from '../dump/dump-text.js';
import { unpackDirectory } from './unpacked-directory.js';

const never = new AbortController().signal;
let parent: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'unpacked-'));
});
afterEach(async () => expect(await readdir(parent)).toEqual([]));
afterAll(() => rm(parent, { recursive: true }));

const int = (value: number): Buffer => {
  const bytes = Buffer.alloc(5);
  bytes[0] = value < 0 ? 1 : 0;
  bytes.writeUInt32LE(Math.abs(value), 1);
  return bytes;
};
const string = (value: string | null): Buffer =>
  value === null ? int(-1) : Buffer.concat([int(Buffer.byteLength(value)), Buffer.from(value)]);

/** As pg_dump of the versions 9.1 (12) to 18 (16) writes it. */
function contentsOf(files: readonly string[], minor = 14): Buffer {
  const entry = (file: string): Buffer[] => [
    ...[int(7), int(1)],
    ...['1259', '16400', 'orders', 'TABLE DATA'].map(string),
    int(3),
    ...['CREATE /* ../../x */', null, `COPY t FROM stdin;${'y'.repeat(200_000)}`, 'public', ''].map(string),
    ...(minor >= 14 ? [string('heap')] : []),
    ...(minor >= 16 ? [int(114)] : []),
    ...['owner', 'false', '12', '13', null, file].map(string),
  ];
  return Buffer.concat([
    Buffer.from('PGDMP'),
    Buffer.from([1, minor, 0, 4, 8, 3]),
    minor >= 15 ? Buffer.from([1]) : int(-1),
    ...Array.from({ length: 7 }, () => int(1)),
    ...['shop', '15.1', '15.1'].map(string),
    int(files.length),
    ...files.flatMap(entry),
  ]);
}

const packed = (archive: Buffer): DumpSource => ({
  format: 'directory',
  own: false,
  open: () => Readable.from([archive]),
});
const folderOf = (files: Record<string, string | Buffer>, prefix = 'dump/'): TestMember[] => [
  { name: prefix, type: '5' },
  ...Object.entries(files).map(([name, content]) => ({ name: `${prefix}${name}`, content })),
];
const TOC = contentsOf(['', '5.dat']);

describe('36: a folder of pg_dump in a tar', () => {
  it.each([12, 13, 14, 15, 16])('of the format 1.%p is unpacked as it is, and removed', async (minor) => {
    const toc = contentsOf(['', '5.dat', minor >= 16 ? 'blobs_9.toc' : 'blobs.toc'], minor);
    const files = { '5.dat.gz': 'rows', 'toc.dat': toc, 'blobs.toc': '16400 blob_16400.dat\n', 'blob_16400.dat': 'x' };
    await using dump = await unpackDirectory(packed(tarOf(folderOf(files))), parent, never);
    expect((await readdir(dump.source.folder ?? '')).toSorted()).toEqual(Object.keys(files).toSorted());
    expect(dump.warnings).toEqual([]);
  });

  it('is told what was left out of it', async () => {
    const files = { 'toc.dat': TOC, '5.dat': '', 'restore.sql': 'DROP', 'notes.txt': '', '._5.dat': '' };
    await using dump = await unpackDirectory(packed(tarOf(folderOf(files))), parent, never);
    expect(await readdir(dump.source.folder ?? '')).toHaveLength(2);
    expect(dump.warnings).toEqual([expect.stringContaining('(notes.txt)')]);
  });

  it.each<[string, TestMember[], string, RegExp]>([
    ['a path upwards', [{ name: 'dump/../../5.dat', content: 'x' }], 'BACKUP_UNSAFE', /a path outside its folder/],
    ['a path from the root', [{ name: '/etc/5.dat', content: 'x' }], 'BACKUP_UNSAFE', /a path outside its folder/],
    ['a path upwards to another file', [{ name: '../secret.key' }], 'BACKUP_UNSAFE', /a path outside its folder/],
    ['a file twice', folderOf({ '5.dat': 'y' }), 'BACKUP_UNSAFE', /two files of one name/],
    ['a link in the place of a file', [{ name: 'dump/6.dat', type: '2' }], 'BACKUP_UNSAFE', /a symbolic link/],
    ['a second dump', folderOf({ 'toc.dat': TOC }, 'other/'), 'UNSUPPORTED', /several dumps: dump, other/],
  ])('with %s is refused', async (_what, members, code, message) => {
    const archive = tarOf([...folderOf({ 'toc.dat': TOC, '5.dat': 'x' }), ...members]);
    await expect(unpackDirectory(packed(archive), parent, never)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });

  it.each<[string, Record<string, string | Buffer>, string]>([
    ['names a file above the folder', { 'toc.dat': contentsOf(['5.dat', '../../secret.key']) }, 'BACKUP_UNSAFE'],
    ['names the table of contents above the folder', { 'toc.dat': contentsOf(['../toc.dat']) }, 'BACKUP_UNSAFE'],
    ['names a file in a folder', { 'toc.dat': contentsOf(['x/5.dat']) }, 'BACKUP_UNSAFE'],
    ['names a file with a zero in it', { 'toc.dat': contentsOf(['../x\0.dat']) }, 'BACKUP_UNSAFE'],
    ['lists a large object elsewhere', { 'toc.dat': TOC, 'blobs.toc': '1 ../../secret.key\n' }, 'BACKUP_UNSAFE'],
    ['lists two in one line', { 'toc.dat': TOC, 'blobs.toc': '1 blob_1.dat 2 x\n' }, 'BACKUP_UNSAFE'],
    ['is cut off', { 'toc.dat': TOC.subarray(0, 100_000) }, 'BACKUP_DAMAGED'],
    ['is none', { 'toc.dat': 'SELECT 1;' }, 'BACKUP_DAMAGED'],
    ['is of a later format', { 'toc.dat': contentsOf([], 17) }, 'UNSUPPORTED'],
    ['is missing', { '5.dat': 'x' }, 'BACKUP_INCOMPLETE'],
  ])('whose table of contents %s is refused', async (_what, files, code) => {
    await expect(unpackDirectory(packed(tarOf(folderOf(files))), parent, never)).rejects.toMatchObject({ code });
  });

  it.each([12, 13, 14, 15, 16])('of the format 1.%p that names a file above the folder is refused', async (minor) => {
    const toc = contentsOf(['5.dat', '../../secret.key'], minor);
    await expect(unpackDirectory(packed(tarOf(folderOf({ 'toc.dat': toc }))), parent, never)).rejects.toMatchObject({
      code: 'BACKUP_UNSAFE',
    });
  });

  it('that is cut off, or whose unpacking is cancelled, leaves nothing', async () => {
    const whole = tarOf(folderOf({ 'toc.dat': TOC, '5.dat': 'x'.repeat(5_000) }));
    await expect(unpackDirectory(packed(whole.subarray(0, -3_000)), parent, never)).rejects.toMatchObject({
      code: 'BACKUP_DAMAGED',
    });
    await expect(unpackDirectory(packed(whole), parent, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});

describe('36: by its first bytes', () => {
  it.each<[string, TestMember[], string | undefined]>([
    ['a folder', folderOf({ 'toc.dat': TOC }), 'directory'],
    ['a folder whose first file is its rows', folderOf({ '4001.dat.gz': 'x' }, './'), 'directory'],
    ['a folder without its name', folderOf({ 'toc.dat': TOC }, '').slice(1), 'directory'],
    ['a folder that macOS packed', folderOf({ '._toc.dat': 'x', 'toc.dat': TOC }), 'directory'],
    ['a tar of other files', folderOf({ 'dump.sql': '-- PostgreSQL database dump' }), undefined],
  ])('%s', (_what, members, format) => {
    expect(recogniseDump(tarOf(members))).toBe(format);
  });

  it('the tar format of pg_dump, whose files have its user and group', () => {
    const own = memberOf({ name: 'toc.dat', content: TOC });
    own.write('0004000', 108);
    own.write('0002000', 116);
    expect(recogniseDump(own)).toBe('tar');
  });
});
