import type { Schemas } from '../../../api/client.js';
import { formatCount } from '../../../format/format.js';
import type { Backup } from '../backup-words.js';

type Manifest = Schemas['ManifestEntry'];
type RestoredVerification = NonNullable<NonNullable<Backup['verification']>['details']>;

/** `done`: verified. `failed`: found to be wrong. `untried`: could not be tried here. `open`: not verified yet. */
export type StepState = 'done' | 'failed' | 'untried' | 'open';

export interface Step {
  level: 'complete' | 'stored' | 'restored';
  title: string;
  state: StepState;
  /** When it was found out, as ISO text. */
  at: string | undefined;
  words: string;
  /** The differences that are permitted. */
  remarks: readonly string[];
}

/** The three steps of the verification of a backup, each with its finding. */
export function verificationSteps(backup: Backup, manifest: Manifest | null): Step[] {
  return [completeStep(manifest), storedStep(backup), restoredStep(backup)];
}

function completeStep(manifest: Manifest | null): Step {
  const step = { level: 'complete', title: 'Complete', remarks: [] } as const;
  if (manifest === null) {
    return { ...step, state: 'failed', at: undefined, words: 'Its manifest cannot be read, or belongs to another file.' };
  }
  const words = `${manifest.tool.name} ended without an error, its end marker was seen, and the file was synced to disk.`;
  return { ...step, state: 'done', at: manifest.completed_at, words };
}

function storedStep({ status, verification }: Backup): Step {
  const step = { level: 'stored', title: 'Stored', remarks: [] } as const;
  const failed = verification?.failed;
  if (failed && (failed.level ?? 'stored') === 'stored') {
    return { ...step, state: 'failed', at: failed.at, words: failed.message };
  }
  if (status === 'damaged') {
    return { ...step, state: 'failed', at: undefined, words: 'The file is not what its manifest says.' };
  }
  if (verification === null || verification.level === 'complete') {
    return { ...step, state: 'open', at: undefined, words: 'It has not been read back from storage yet.' };
  }
  const words = 'Read back from storage: its SHA-256 is that of what was written.';
  return { ...step, state: 'done', at: verification.at, words };
}

function contentWords(details: RestoredVerification | null | undefined): string {
  if (details?.compared === undefined) return '';
  if (details.compared === 'counts') return ' (their number alone)';
  const left = details.by_count ?? [];
  return left.length === 0 ? ' and every value' : ` and every value except those of ${left.join(', ')}`;
}

function restoredStep({ verification }: Backup): Step {
  const step = { level: 'restored', title: 'Restored', remarks: [] } as const;
  const { failed, untried, details, level, at } = verification ?? {};
  if (failed?.level === 'restored') return { ...step, state: 'failed', at: failed.at, words: failed.message };
  if (level === 'restored') {
    const counted = details ? `: ${formatCount(details.tables)} tables, ${formatCount(details.rows)} rows` : '';
    const content = contentWords(details);
    const source = details?.compared_with === 'snapshot' ? 'as in the dump’s own snapshot' : 'as the dump itself holds';
    const words = details
      ? `Loaded into a ${details.server} verification server without an error${counted}${content}, ${source}.`
      : 'Loaded into a verification server, with the same objects and rows.';
    return { ...step, state: 'done', at, words, remarks: [...(details?.warnings ?? []), ...(details?.notes ?? [])] };
  }
  if (untried) return { ...step, state: 'untried', at: untried.at, words: untried.message };
  return { ...step, state: 'open', at: undefined, words: 'It has not been verified by a restore yet.' };
}
