import { createGunzip } from 'node:zlib';
import type { Codec } from './codec.js';
import { CHUNK_BYTES } from './codec-stack.js';
import { decodedBy } from './decoder-stream.js';

export const gzipCodec: Codec = {
  name: 'gzip',
  suffix: '.gz',
  magic: Buffer.from([0x1f, 0x8b]),
  decode: (source) => decodedBy(createGunzip({ chunkSize: CHUNK_BYTES }), source),
};
