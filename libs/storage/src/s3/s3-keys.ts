import { DomainError } from '@app/domain';
import { GLOBALS_SUFFIX, MANIFEST_SUFFIX, PARTIAL_SUFFIX } from '../file-suffixes.js';

/** Parts of a key that mean something else than a name elsewhere. */
const NO_NAME = /^$|^\.\.?$|\0/;
/** The names of role scripts; any other `globals.sql` may be somebody's dump. */
const ROLE_SCRIPT = /\.(sql|dump)(\.zst)?\.globals\.sql$/;
const CLAIM = /^(.+)\.lease\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(\.taken)?\.partial$/s;

/** Translates between the keys of a storage and those of its bucket. */
export class S3Keys {
  private readonly before: string;

  /** `prefix` has no slashes at its ends; it may be empty. */
  constructor(prefix: string) {
    this.before = prefix === '' ? '' : `${prefix}/`;
  }

  /** Returns the key in the bucket. Throws INTERNAL for a text that is no key. */
  inBucket(key: string): string {
    if (key.split('/').some((part) => NO_NAME.test(part))) {
      throw new DomainError('INTERNAL', `${JSON.stringify(key)} is no key of a storage.`);
    }
    return this.before + key;
  }

  /** Returns the beginning of the keys of a folder. */
  ofFolder(folder: string): string {
    return folder === '' ? this.before : `${this.inBucket(folder)}/`;
  }

  /** Returns the key in the storage; undefined where it has none, as in `a//b` and in the empty object that stands for a folder. */
  inStorage(bucketKey: string): string | undefined {
    const key = bucketKey.slice(this.before.length);
    return key.split('/').some((part) => NO_NAME.test(part)) ? undefined : key;
  }
}

/** Whether a file of this name is an artifact or a dump of somebody else. */
export function isArtifactName(name: string): boolean {
  if (name.startsWith('.') || name.endsWith(PARTIAL_SUFFIX) || name.endsWith(MANIFEST_SUFFIX)) return false;
  // It is no dump of a database, also when somebody has removed only the artifact.
  return !ROLE_SCRIPT.test(name);
}

/** An object that claims the name of an artifact for a writer, or that says that a sweep has taken such a claim over. */
export interface ClaimName {
  readonly artifactKey: string;
  readonly token: string;
  readonly taken: boolean;
}

/** The claims of all writers on an artifact begin with it. By the order of keys, they come after the artifact and before its manifest. */
export function claimsOf(artifactKey: string): string {
  return `${artifactKey}.lease.`;
}

export function claimKey(artifactKey: string, token: string): string {
  return `${claimsOf(artifactKey)}${token}${PARTIAL_SUFFIX}`;
}

export function takenKey(artifactKey: string, token: string): string {
  return `${claimsOf(artifactKey)}${token}.taken${PARTIAL_SUFFIX}`;
}

/** Undefined for the key of any other object. */
export function claimNameOf(key: string): ClaimName | undefined {
  const [, artifactKey, token, taken] = CLAIM.exec(key) ?? [];
  if (artifactKey === undefined || token === undefined) return undefined;
  return { artifactKey, token, taken: taken !== undefined };
}

export const manifestKey = (artifactKey: string): string => artifactKey + MANIFEST_SUFFIX;
export const globalsKey = (artifactKey: string): string => artifactKey + GLOBALS_SUFFIX;
