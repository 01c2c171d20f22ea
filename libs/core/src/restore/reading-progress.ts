import type { JobContext } from '@app/jobs';

/**
 * Turns bytes read of an artifact into a job's progress. While the artifact is checked, those are the bytes; while it is
 * loaded, its dump's share of them, since a compressed artifact is read in step with what comes out of it.
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

  /** `dumpBytes`: undefined for a foreign file, whose dump nobody has measured. */
  beginLoad(dumpBytes: number | undefined): void {
    this.total = dumpBytes ?? this.artifactBytes;
    this.work.progress({ phase: 'load', bytes: 0, totalBytes: this.total });
  }

  /** `read`: bytes of the artifact, from its beginning. */
  readonly onRead = (read: number): void => {
    this.work.progress({ bytes: Math.round((read / this.artifactBytes) * this.total) });
  };
}
