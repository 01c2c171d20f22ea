/** The times of an S3 storage. Tests give others. */
export interface S3Tuning {
  /** How often a request is tried at most. */
  readonly attempts: number;
  /** Milliseconds to wait after attempt number `attempt`, which counts from 1. */
  readonly pauseMs: (attempt: number) => number;
  /** The longest time of one attempt, whatever the server sends; a silent server ends most of them earlier. */
  readonly attemptMs: number;
  /** How often a writer renews its lease. */
  readonly renewMs: number;
  /** How long a silent writer counts as alive. */
  readonly leaseMs: number;
  /** In place of that of the settings. */
  readonly silenceMs?: number;
  /** A monotonic clock, in milliseconds. */
  readonly now: () => number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Six attempts take about 8 to 16 s. A lease lives as long as that of a local storage (ADR 32). */
export const S3_TUNING: S3Tuning = {
  attempts: 6,
  // At random, so that many writers that were refused at once do not come back at once.
  pauseMs: (attempt) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt) * (0.5 + Math.random() / 2),
  attemptMs: 600_000,
  renewMs: 30_000,
  leaseMs: 600_000,
  now: () => performance.now(),
};
