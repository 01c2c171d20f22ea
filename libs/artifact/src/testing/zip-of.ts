import { crc32, deflateRawSync } from 'node:zlib';

/** Makes an archive as `zip` does: deflated files, then their directory. A folder has no content and is not deflated. */
export function zipOf(entries: readonly (readonly [string, Buffer | undefined])[], method?: 'stored'): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let length = 0;
  for (const [name, content] of entries) {
    const data = content ?? Buffer.alloc(0);
    const isStored = content === undefined || method === 'stored';
    const packed = isStored ? data : deflateRawSync(data);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(isStored ? 0 : 8, 4);
    fields.writeUInt32LE(crc32(data), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(data.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const offset = length;
    files.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed);
    length += 30 + name.length + packed.length;
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, rest, Buffer.from(name));
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(entries.length, 4);
  end.writeUInt16LE(entries.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(Buffer.concat(files).length, 12);
  return Buffer.concat([...files, ...directory, Buffer.from('PK\x05\x06'), end]);
}
