import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { DomainError, filenameOf } from '@app/domain';
import type { ListedObject, S3Bucket } from './s3-bucket.js';
import { claimKey, claimNameOf, claimsOf, globalsKey, manifestKey, takenKey } from './s3-keys.js';

/** The text of a claim. */
export interface ClaimText {
  readonly run: string;
  /** `replace`: the manifest of a published artifact is being replaced, and nothing else is ever ours. */
  readonly kind: 'write' | 'replace';
  /** The upload of the artifact. Without it, nothing under its name is ours yet. */
  readonly upload?: string;
  /** The size of the artifact. Without it, the upload was never completed. */
  readonly size?: number;
}

/** What stands under the name of an artifact. */
export interface NameState {
  readonly artifact: ListedObject | undefined;
  readonly manifest: ListedObject | undefined;
  readonly globals: ListedObject | undefined;
  readonly claims: readonly (ListedObject & { readonly token: string; readonly taken: boolean })[];
}

/**
 * The right to the name of an artifact: an object with a key of its own for each writer, which renews it again and again. A writer that
 * sees the claim of another one right after it has stored its own gives way. Of two claims the later one always sees the earlier one,
 * as lists of S3 show what was stored before them, so this needs no conditions for writing, which not every server has.
 */
export class S3Lease {
  readonly token = randomUUID();
  private readonly key: string;
  private timer: NodeJS.Timeout | undefined;
  private renewal: Promise<void> | undefined;
  private beat = 0;
  private renewedAt: number;
  private taken = false;
  private released = false;

  private constructor(
    private readonly bucket: S3Bucket,
    readonly artifactKey: string,
    private text: ClaimText,
  ) {
    this.key = claimKey(artifactKey, this.token);
    this.renewedAt = bucket.tuning.now();
  }

  /**
   * Takes the lease. `taken`: the name is claimed, or, for an artifact that is to be written, in use. `contended`: others wanted it at the
   * same moment, and nobody may have it now. `begun` gets the token before anybody can see the claim.
   */
  static async acquire(
    bucket: S3Bucket,
    artifactKey: string,
    text: ClaimText,
    begun: Set<string>,
  ): Promise<S3Lease | 'taken' | 'contended'> {
    const isUsable = ({ artifact, manifest, globals }: NameState): boolean =>
      text.kind === 'replace' || (artifact ?? manifest ?? globals) === undefined;
    const before = await stateOfName(bucket, artifactKey);
    if (before.claims.length > 0 || !isUsable(before)) return 'taken';
    const lease = new S3Lease(bucket, artifactKey, text);
    begun.add(lease.token);
    try {
      await lease.write();
      const after = await stateOfName(bucket, artifactKey);
      if (after.claims.every(({ token }) => token === lease.token) && isUsable(after)) {
        lease.timer = setInterval(() => void lease.renew().catch(() => undefined), bucket.tuning.renewMs).unref();
        return lease;
      }
    } catch (error) {
      await lease.release();
      begun.delete(lease.token);
      throw error;
    }
    await lease.release();
    begun.delete(lease.token);
    return 'contended';
  }

  /** Stores more about the work, for a sweep after a crash. */
  async note(more: Pick<ClaimText, 'upload' | 'size'>): Promise<void> {
    await this.renewal?.catch(() => undefined);
    this.text = { ...this.text, ...more };
    await this.write();
  }

  /** Throws STORAGE_FAILED when another service has taken the lease over, as this one had not renewed it for too long. */
  async assertHeld(): Promise<void> {
    await this.renew();
    this.refuseIfLost();
  }

  /** Checks by the result of the last renewals. */
  refuseIfLost(): void {
    if (!this.isLost) return;
    throw new DomainError(
      'STORAGE_FAILED',
      `The lease of ${filenameOf(this.artifactKey)} was lost: this service could not renew it for so long that another one which uses the same bucket may take it for dead.`,
      { hint: 'Nothing was published. Try again; if it happens again, find out what froze the service or cut it off.' },
    );
  }

  /** Whether what is stored under the name may be another one's by now. */
  get isLost(): boolean {
    // Half of the time after which others may take it: the other half is for requests that are under way.
    return this.taken || (!this.released && this.bucket.tuning.now() - this.renewedAt > this.bucket.tuning.leaseMs / 2);
  }

  /** Whether a look at the name shows that it still is ours alone. */
  isAlone({ claims }: NameState): boolean {
    return claims.length === 1 && claims.every(({ token, taken }) => token === this.token && !taken);
  }

  /** Removes the claim, or leaves it to a sweep where that fails. Safe to call twice. */
  async release(): Promise<void> {
    if (this.released) return;
    this.released = true;
    clearInterval(this.timer);
    await this.renewal?.catch(() => undefined);
    await this.bucket.delete('give up a lease', this.key, 2).catch(() => undefined);
  }

  /** Leaves the claim to a sweep, which finds by it what could not be removed. */
  abandon(): void {
    this.released = true;
    clearInterval(this.timer);
  }

  private renew(): Promise<void> {
    this.renewal ??= (async () => {
      try {
        const { objects } = await this.bucket.first('renew a lease', claimsOf(this.artifactKey));
        const names = new Set(objects.map(({ key }) => key));
        if (!names.has(this.key) || names.has(takenKey(this.artifactKey, this.token))) this.taken = true;
        if (!this.taken && !this.released) await this.write();
      } finally {
        this.renewal = undefined;
      }
    })();
    return this.renewal;
  }

  private async write(): Promise<void> {
    const began = this.bucket.tuning.now();
    this.beat += 1;
    // Host and process are for people; nothing is decided by them.
    const text = { beat: this.beat, ...this.text, host: hostname(), pid: process.pid };
    await this.bucket.put('renew a lease', this.key, `${JSON.stringify(text)}\n`);
    this.renewedAt = began;
  }
}

/** Looks at all that stands under the name of an artifact. */
export async function stateOfName(bucket: S3Bucket, artifactKey: string): Promise<NameState> {
  const step = 'look for a backup';
  let { objects, all } = await bucket.first(step, artifactKey);
  if (!all) {
    // Many other keys begin like this one.
    const rest = [claimsOf(artifactKey), globalsKey(artifactKey), manifestKey(artifactKey)];
    const found = await Promise.all(rest.map((prefix) => bucket.first(step, prefix)));
    objects = [...objects.filter(({ key }) => key === artifactKey), ...found.flatMap((each) => each.objects)];
    all = true;
  }
  const named = (key: string): ListedObject | undefined => objects.find((object) => object.key === key);
  return {
    artifact: named(artifactKey),
    manifest: named(manifestKey(artifactKey)),
    globals: named(globalsKey(artifactKey)),
    claims: objects.flatMap((object) => {
      const name = claimNameOf(object.key);
      return name?.artifactKey === artifactKey ? [{ ...object, token: name.token, taken: name.taken }] : [];
    }),
  };
}

/** Undefined for a text that is not whole, or of somebody else. */
export function claimTextOf(text: string): ClaimText | undefined {
  try {
    const { run, kind, upload, size } = JSON.parse(text) as Record<string, unknown>;
    if (typeof run !== 'string' || (kind !== 'write' && kind !== 'replace')) return undefined;
    return {
      ...{ run, kind },
      ...(typeof upload === 'string' ? { upload } : {}),
      ...(typeof size === 'number' ? { size } : {}),
    };
  } catch {
    return undefined;
  }
}
