import type { Codec } from './codec.js';
import { unpackedBy } from './unpacking-program.js';

export const bzip2Codec: Codec = {
  name: 'bzip2',
  suffix: '.bz2',
  magic: Buffer.from('BZh'),
  decode: (source) => unpackedBy(source, { command: 'bzip2', args: ['-dc'], packageName: 'bzip2' }),
};
