import { damagedTar, paddedSize, TAR_BLOCK, tarSizeOf } from '../../tar/tar-header.js';

/**
 * Follows a tar archive from header to header and says whether it goes on to its end mark. For a tar that is cut off,
 * `pg_restore` (15.20) neither fails nor ends: it reads the end of the file for ever.
 */
export class TarStructure {
  private header = Buffer.alloc(0);
  /** Bytes of the present file, padding included, that are still to come. */
  private skip = 0;
  private ended = false;

  update(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && !this.ended) {
      if (this.skip > 0) {
        const step = Math.min(this.skip, chunk.length - at);
        this.skip -= step;
        at += step;
        continue;
      }
      const part = chunk.subarray(at, at + TAR_BLOCK - this.header.length);
      this.header = Buffer.concat([this.header, part]);
      at += part.length;
      if (this.header.length === TAR_BLOCK) this.next();
    }
  }

  /** Fails with BACKUP_DAMAGED when the end mark, a block of zeros where a header would be, has not come. */
  finish(): void {
    if (!this.ended) throw damagedTar('is cut off');
  }

  private next(): void {
    const { header } = this;
    this.header = Buffer.alloc(0);
    if (header.every((byte) => byte === 0)) {
      this.ended = true;
      return;
    }
    if (header.toString('latin1', 257, 262) !== 'ustar') throw damagedTar('is altered');
    this.skip = paddedSize(tarSizeOf(header));
  }
}
