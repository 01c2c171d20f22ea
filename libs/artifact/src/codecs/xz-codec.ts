import type { Codec } from './codec.js';
import { unpackedBy } from './unpacking-program.js';

export const xzCodec: Codec = {
  name: 'xz',
  suffix: '.xz',
  magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]),
  decode: (source) =>
    unpackedBy(source, { command: 'xz', args: ['-dc', '--memlimit-decompress=256MiB'], packageName: 'xz-utils' }),
};
