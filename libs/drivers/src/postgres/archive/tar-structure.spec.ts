import { TarStructure } from './tar-structure.js';

function entry(name: string, content: Buffer, size?: Buffer): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  (size ?? Buffer.from(content.length.toString(8).padStart(11, '0'))).copy(header, 124);
  header.write('ustar', 257);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function check(archive: Buffer, size: number): void {
  const structure = new TarStructure();
  for (let at = 0; at < archive.length; at += size) structure.update(archive.subarray(at, at + size));
  structure.finish();
}

const base256 = Buffer.alloc(12);
base256[0] = 0x80;
base256.writeBigUInt64BE(600n, 4);

const whole = Buffer.concat([
  entry('toc.dat', Buffer.from('x')),
  entry('1.dat', Buffer.alloc(1024, 1)),
  entry('empty.dat', Buffer.alloc(0)),
  entry('huge.dat', Buffer.alloc(600, 2), base256),
  Buffer.alloc(1024),
]);

describe('TarStructure', () => {
  test.each([1, 100, 512, 100_000])('follows a whole archive that comes in pieces of %p bytes', (size) => {
    expect(() => check(whole, size)).not.toThrow();
  });

  it('FAILURES 7: refuses an archive that is cut off anywhere before its end mark', () => {
    for (let length = 0; length < whole.length - 512; length += 100) {
      expect(() => check(whole.subarray(0, length), 300)).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
    }
  });

  it('refuses an altered header', () => {
    const altered = Buffer.from(whole);
    altered.write('99999', 1024 + 124);
    expect(() => check(altered, 700)).toThrow(expect.objectContaining({ code: 'BACKUP_DAMAGED' }));
  });
});
