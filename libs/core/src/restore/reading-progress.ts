import type { JobContext } from '@app/jobs';

/**
 * Turns bytes read of an artifact into a job's progress. While the artifact is checked, those are the bytes; while it is
 * loaded, the progress is its dump's share of them, since a compressed artifact is read as fast as its content is loaded.
 */
export class ReadingProgress {
  private total: number;

  constructor(
    private readonly artifactBytes: number,
    private readonly work: JobContext,
  ) {
    this.total = artifactBytes;
    work.progress({ phase: 'check', bytes: 0, totalBytes: this.total });
  }

  /** `dumpBytes` is undefined for a foreign file, as the size of its dump is not known. */
  beginLoad(dumpBytes: number | undefined): void {
    this.total = dumpBytes ?? this.artifactBytes;
    this.work.progress({ phase: 'load', bytes: 0, totalBytes: this.total });
  }

  /** `read` counts the bytes of the artifact from its beginning. */
  readonly onRead = (read: number): void => {
    this.work.progress({ bytes: Math.round((read / this.artifactBytes) * this.total) });
  };
}
