import { randomUUID } from 'node:crypto';
import { mkdir, open, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { errorCodeOf } from '@app/domain';

/** The space that stays free for other files that are written meanwhile. */
const SPARE_BYTES = 256 * 1024 * 1024;

export interface PrivateCopy extends AsyncDisposable {
  /** The path under which tools of this machine open the copy until it is closed. */
  readonly file: string;
}

/**
 * Makes a copy for tools that must seek: a file without a name, which nobody else can change and which ends with this process.
 * Undefined when `folder` has no room for it, or when tools cannot open a file without a name (without /proc). Rejects with the
 * error of the reading.
 */
export async function privateCopy(
  folder: string,
  bytes: number,
  read: () => Readable,
): Promise<PrivateCopy | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < bytes + SPARE_BYTES) return undefined;
  const path = join(folder, `${randomUUID()}.copy`);
  const handle = await open(path, 'wx+', 0o600);
  const close = (): Promise<void> => handle.close().catch(() => undefined);
  try {
    await rm(path);
    const file = `/proc/${process.pid}/fd/${handle.fd}`;
    const [found, own] = await Promise.all([
      stat(file, { bigint: true }).catch(() => undefined),
      handle.stat({ bigint: true }),
    ]);
    if (found?.ino !== own.ino || found.dev !== own.dev) {
      await close();
      return undefined;
    }
    for await (const chunk of read() as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
    }
    return { file, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    await rm(path, { force: true });
    if (['ENOSPC', 'EDQUOT', 'EFBIG'].includes(errorCodeOf(error) ?? '')) return undefined;
    throw error;
  }
}
