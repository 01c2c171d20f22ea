import type { Manifest } from '@app/domain';

/** The fields of a manifest that say how the dump was encoded. */
export type CodecFields = Required<Pick<Manifest, 'manifest_version' | 'compression' | 'codecs'>>;

/** Returns the names of the codecs, from the dump to the stored bytes. Manifests of earlier versions name only a compression. */
export function codecsOf({ codecs, compression }: Pick<Manifest, 'codecs' | 'compression'>): readonly string[] {
  return codecs ?? (compression === 'none' ? [] : [compression]);
}

/**
 * Returns the fields for a new manifest. Version 1 of the form is for what `compression` tells by itself, since a version of the
 * service that does not know `codecs` decodes by it. Such a version does not read version 2, and leaves those backups alone.
 */
export function codecFields(codecs: readonly string[]): CodecFields {
  const compression = codecs.includes('zstd') ? 'zstd' : 'none';
  const isToldByCompression = codecs.length === codecsOf({ compression }).length;
  return { manifest_version: isToldByCompression ? 1 : 2, compression, codecs };
}
