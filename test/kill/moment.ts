import { setTimeout as delay } from 'node:timers/promises';
import type { Operation } from './operation.js';
import { SHORT_PHASES } from './phase.js';
import type { Phase, PhaseWatch } from './phase.js';
import type { Random } from './random.js';

/** When the service is killed. */
export type Moment =
  /** At this share of the operation's usual duration. */
  | { at: 'share'; share: number }
  /** So many milliseconds after a phase was first seen. */
  | { at: 'phase'; phase: Phase; afterMs: number };

const AIMED = 0.55;
/** Later than an operation that goes well. */
const LATEST_SHARE = 1.2;
const LONGEST_AFTER_MS = 20;
/** How long to wait for a phase that does not come because another session blocks it. */
const LONGEST_WAIT_MS = 8_000;

export function chooseMoment(random: Random, { kind }: Pick<Operation, 'kind'>): Moment {
  const [aimed, share, at, after] = [random.next(), random.next(), random.next(), random.next()];
  if (aimed >= AIMED) return { at: 'share', share: share * LATEST_SHARE };
  const phases: readonly Phase[] = SHORT_PHASES[kind];
  const phase = phases[Math.floor(at * phases.length)] ?? 'answered';
  return { at: 'phase', phase, afterMs: after < 0.4 ? 0 : ((after - 0.4) / 0.6) * LONGEST_AFTER_MS };
}

export function wordsOf(moment: Moment): string {
  return moment.at === 'share'
    ? `at ${moment.share.toFixed(2)} of its time`
    : `${moment.afterMs.toFixed(1)} ms after "${moment.phase}"`;
}

/** Resolves at the moment, or some time after `over`: when all operations have had their answers. */
export async function waitFor(moment: Moment, usualMs: number, watch: PhaseWatch, over: AbortSignal): Promise<void> {
  if (moment.at === 'share') return await delay(moment.share * usualMs);
  await watch.until(moment.phase, AbortSignal.any([over, AbortSignal.timeout(LONGEST_WAIT_MS)]));
  if (moment.afterMs > 0) await delay(moment.afterMs);
}
