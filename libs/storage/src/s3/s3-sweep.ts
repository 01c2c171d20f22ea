import { filenameOf } from '@app/domain';
import type { StorageWriter, SweepResult } from '../artifact-storage.js';
import type { ListedObject, S3Bucket } from './s3-bucket.js';
import { claimKey, claimNameOf, globalsKey, takenKey } from './s3-keys.js';
import { claimTextOf, stateOfName } from './s3-lease.js';
import type { ClaimText } from './s3-lease.js';
import { abortUpload, abortUploads } from './s3-upload.js';

interface Claim {
  readonly artifactKey: string;
  readonly token: string;
  /** The claim, or the sign that a sweep took it over where only that is left. */
  readonly object: ListedObject;
}

const STEP = 'remove what an interrupted backup left';

/**
 * Removes what writers have left that are dead: earlier runs of this service, and those whose claims have not changed between two looks
 * of this process that are a lease apart. Clocks are not compared, so that one that is set forward makes nobody look dead.
 */
export class S3Sweep {
  private readonly seen = new Map<string, { state: string; since: number }>();

  constructor(
    private readonly bucket: S3Bucket,
    private readonly writer: StorageWriter,
    /** The tokens of the writers of this process. */
    private readonly begun: ReadonlySet<string>,
  ) {}

  /** `prefix` begins the keys of the storage. */
  async run(prefix: string): Promise<SweepResult> {
    const result: SweepResult = { completed: [], removed: [], undecided: false };
    const claims = await this.claims(prefix);
    for (const token of this.seen.keys()) if (!claims.has(token)) this.seen.delete(token);
    for (const claim of claims.values()) {
      if (this.begun.has(claim.token)) continue;
      const outcome = await this.recover(claim);
      if (outcome === 'removed') result.removed.push(filenameOf(claim.artifactKey));
      if (outcome === 'undecided') result.undecided = true;
    }
    return result;
  }

  private async claims(prefix: string): Promise<Map<string, Claim>> {
    const claims = new Map<string, Claim>();
    for await (const object of this.bucket.list('look for interrupted backups', prefix)) {
      const name = claimNameOf(object.key);
      // By the order of keys, a claim comes before the sign that it was taken over.
      if (name !== undefined && !(name.taken && claims.has(name.token))) claims.set(name.token, { ...name, object });
    }
    return claims;
  }

  private async recover(claim: Claim): Promise<'removed' | 'undecided' | undefined> {
    const { artifactKey, token, object } = claim;
    const read = await this.bucket.readText(STEP, object.key);
    if (read === undefined) return undefined;
    const text = claimTextOf(read.text);
    const isDead = (text !== undefined && this.writer.pastRuns.has(text.run)) || this.isStill(claim);
    if (!isDead) return 'undecided';
    // Whoever comes to life now sees this sign before it publishes.
    await this.bucket.put(STEP, takenKey(artifactKey, token), read.text);
    const now = await stateOfName(this.bucket, artifactKey);
    const claimed = now.claims.find((each) => each.token === token && !each.taken);
    if (claimed !== undefined && stateOf(claimed) !== stateOf(object)) {
      await this.bucket.delete(STEP, takenKey(artifactKey, token));
      return 'undecided';
    }
    // With a manifest, it was published, and only the claim is left.
    const removed = now.manifest === undefined && (await this.removeUnpublished(artifactKey, text, now.artifact));
    if (removed === 'not yet') return 'undecided';
    await this.bucket.delete(STEP, claimKey(artifactKey, token));
    await this.bucket.delete(STEP, takenKey(artifactKey, token));
    return removed ? 'removed' : undefined;
  }

  /** Removes what the claim says is ours, and nothing else that has the same name. */
  private async removeUnpublished(
    artifactKey: string,
    text: ClaimText | undefined,
    artifact: ListedObject | undefined,
  ): Promise<boolean | 'not yet'> {
    if (text?.kind !== 'write') return false;
    const { upload, size } = text;
    const isGone =
      upload === undefined
        ? await abortUploads(this.bucket, artifactKey)
        : await abortUpload(this.bucket, artifactKey, upload);
    if (!isGone) return 'not yet';
    if (size !== undefined) await this.bucket.delete(STEP, globalsKey(artifactKey));
    if (artifact !== undefined && artifact.size === size) await this.bucket.delete(STEP, artifactKey);
    return upload !== undefined;
  }

  private isStill({ token, object }: Claim): boolean {
    const { now, leaseMs } = this.bucket.tuning;
    const state = stateOf(object);
    const before = this.seen.get(token);
    if (before?.state === state) return now() - before.since >= leaseMs;
    this.seen.set(token, { state, since: now() });
    return false;
  }
}

function stateOf({ etag, size, modifiedAt }: ListedObject): string {
  return `${etag} ${size} ${modifiedAt.getTime()}`;
}
