import { bzip2Codec } from './bzip2-codec.js';
import { CodecRegistry } from './codec-registry.js';
import { gzipCodec } from './gzip-codec.js';
import { xzCodec } from './xz-codec.js';
import { zipCodec } from './zip-codec.js';
import { zstdCodec } from './zstd-codec.js';

/** A new codec is a file of its own and a name in this list. */
export const standardCodecs = new CodecRegistry([zstdCodec, gzipCodec, bzip2Codec, xzCodec, zipCodec]);
