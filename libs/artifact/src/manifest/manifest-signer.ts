import { SigningKeys } from '@app/security';
import type { ForeignReason, Manifest } from '@app/domain';
import { canonicalJson } from './canonical-json.js';
import { manifestText, parseManifest } from './manifest.js';

/** The result of reading the manifest beside a file. */
export type ManifestReading =
  | { is: 'own'; manifest: Manifest }
  /** Somebody without our key wrote it, or changed it later. `manifest` is what it claims. */
  | { is: 'foreign'; because: ForeignReason; manifest: Manifest }
  /** It cannot be read, or belongs to another file. */
  | { is: 'unreadable' };

export const MANIFEST_PURPOSE = 'manifest';

/**
 * Writes signed manifests, and checks the signature when it reads them: anybody who can write into a storage can put any JSON
 * beside any dump, but does not have the key (FAILURES 54). It is the only reader and writer of manifests.
 */
export class ManifestSigner {
  constructor(private readonly keys: SigningKeys) {}

  /** Returns the text to store, with a new signature. */
  textOf(manifest: Manifest): string {
    return manifestText(this.signed(manifest));
  }

  signed({ signature: _before, ...manifest }: Manifest): Manifest {
    return { ...manifest, signature: this.keys.sign(canonicalJson(manifest)) };
  }

  /** `filename` is the name of the file that the manifest stands beside. */
  read(text: string, filename: string): ManifestReading {
    const manifest = parseManifest(text);
    if (manifest === undefined || manifest.artifact !== filename) return { is: 'unreadable' };
    let because: ForeignReason | undefined;
    try {
      because = this.faultOf(manifest);
    } catch (error) {
      // It is nested so deeply that the stack overflows, as no manifest of ours is.
      if (error instanceof RangeError) return { is: 'unreadable' };
      throw error;
    }
    return because === undefined ? { is: 'own', manifest } : { is: 'foreign', because, manifest };
  }

  /** Returns the manifest if it is ours, else undefined. */
  ownManifest(text: string | undefined, filename: string): Manifest | undefined {
    if (text === undefined) return undefined;
    const reading = this.read(text, filename);
    return reading.is === 'own' ? reading.manifest : undefined;
  }

  private faultOf({ signature, ...manifest }: Manifest): ForeignReason | undefined {
    if (signature === undefined) return 'unsigned';
    const check = this.keys.check(canonicalJson(manifest), signature);
    if (check === 'valid') return undefined;
    return check === 'altered' ? 'altered' : 'other_installation';
  }
}

/** Returns one sentence for people that says why the file is foreign though it has a manifest. */
export function foreignSentence(because: ForeignReason): string {
  switch (because) {
    case 'unsigned':
      return 'It is treated as a foreign dump, because its manifest is unsigned.';
    case 'altered':
      return 'It is treated as a foreign dump, because its manifest was altered after it was signed.';
    case 'other_installation':
      return 'It is treated as a foreign dump, because its manifest was signed by another installation.';
  }
}

/** Returns one sentence that says how to make it a backup of ours. */
export function adoptionHint(because: ForeignReason): string {
  const adopt = 'If you know where it comes from, adopt it: POST /api/backups/{id}/adopt.';
  if (because !== 'other_installation') return adopt;
  return `Put the secret key of that installation into the file of previous keys (SECRET_KEY_FILE with ".previous" behind it). ${adopt}`;
}
