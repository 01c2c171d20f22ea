import { DomainError } from '@app/domain';
import type { Codec } from './codec.js';
import { CodecStack } from './codec-stack.js';

const AGE_MAGIC = Buffer.from('age-encryption.org/v1');

/** The codecs that this service knows. */
export class CodecRegistry {
  private readonly codecs = new Map<string, Codec>();

  /** Throws for two codecs with one name or one suffix, as a file could then be decoded by the wrong one. */
  constructor(codecs: readonly Codec[]) {
    const suffixes = new Set<string>();
    for (const codec of codecs) {
      if (this.codecs.has(codec.name)) throw new RangeError(`Two codecs have the name "${codec.name}".`);
      if (suffixes.has(codec.suffix)) throw new RangeError(`Two codecs have the suffix "${codec.suffix}".`);
      this.codecs.set(codec.name, codec);
      suffixes.add(codec.suffix);
    }
  }

  /** Returns the codecs of an artifact by their names. Throws UNSUPPORTED for a name that no codec has; `filename` is for people. */
  stack(names: readonly string[], filename: string): CodecStack {
    return new CodecStack(names.map((name) => this.codecs.get(name) ?? throwUnknown(name, filename)));
  }

  /** Returns the codecs for a new artifact. Throws for a codec that cannot encode, which is an error of the caller. */
  writingStack(names: readonly string[]): CodecStack {
    for (const name of names) {
      if (this.codecs.get(name)?.encode === undefined) throw new RangeError(`No codec "${name}" can encode a dump.`);
    }
    return this.stack(names, 'the new backup');
  }

  /**
   * Recognises the codec by the first bytes of a file, as a file can have any name. Undefined for a file without one. Throws
   * UNSUPPORTED for an encrypted file.
   */
  recognise(head: Buffer): Codec | undefined {
    const known = [...this.codecs.values()].find(({ magic }) => startsWith(head, magic));
    if (known === undefined && startsWith(head, AGE_MAGIC)) {
      throw new DomainError('UNSUPPORTED', 'The file is encrypted with age.', {
        hint: 'Decrypt it first: age -d -i key.txt -o backup.sql backup.sql.age',
      });
    }
    return known;
  }
}

function startsWith(head: Buffer, magic: Buffer): boolean {
  return head.subarray(0, magic.length).equals(magic);
}

function throwUnknown(name: string, filename: string): never {
  throw new DomainError(
    'UNSUPPORTED',
    `${filename} was written with the codec "${name}", which this version of the service does not know.`,
    {
      hint: 'Nothing was changed. Use the version of the service that wrote it, or a later one; or decode the file yourself and restore the result as a foreign dump.',
    },
  );
}
