import type { Codec } from './codec.js';
import { unzipped } from './zip-file.js';

export const zipCodec: Codec = {
  name: 'zip',
  suffix: '.zip',
  magic: Buffer.from([0x50, 0x4b, 0x03, 0x04]),
  decode: unzipped,
};
