import type { Schemas } from '../../api/client.js';

export type DatabaseState = Schemas['OverviewDatabase'];
export type Overview = Schemas['OverviewResponse'];
type Colour = Schemas['VerdictEntry']['colour'];

const DETAILS_SHOWN = 3;

export const TONES = { green: 'good', amber: 'warn', red: 'bad' } as const satisfies Record<Colour, string>;
/** The words for each colour, as nothing is told by colour alone. */
export const COLOUR_WORDS = { green: 'Protected', amber: 'Needs attention', red: 'Not protected' } as const;

/** The text below the API's sentence: the reasons that it does not give, or without reasons how far all is verified. */
export function detailsOf({
  verdict: { colour, details },
  databases,
}: Pick<Overview, 'verdict' | 'databases'>): string[] {
  if (colour === 'green') return verificationDetails(databases);
  const shown = details.slice(0, DETAILS_SHOWN);
  if (details.length > shown.length) shown.push(`And ${details.length - shown.length} more.`);
  return shown;
}

function verificationDetails(databases: readonly DatabaseState[]): string[] {
  const verified = databases.filter(({ proof }) => proof === 'restored').length;
  if (verified === databases.length) return ['The newest backup of each was verified by a restore.'];
  if (verified > 0) return [`${verified} verified by a restore, ${databases.length - verified} not yet.`];
  const readBack = databases.every(({ proof }) => proof === 'stored');
  return [
    readBack
      ? 'Read back from storage, but not yet verified by a restore: verify one by a restore to be sure.'
      : 'Not yet verified by a restore: verify one by a restore to be sure.',
  ];
}

/** In place of the last backup, where there is none that counts. */
export const noneWords = ({ verdict }: Pick<DatabaseState, 'verdict'>): string =>
  verdict.reasons.some(({ code }) => code === 'no_backup') ? 'none' : 'none that can be used';

const JOB_WORDS: Readonly<Record<string, string>> = {
  backup: 'backup',
  verify: 'verification',
  restore: 'restore',
  undo: 'undo',
  retention: 'clean-up',
};

/** `Last backup failed`. */
export const failureTitle = (type: string): string => `Last ${JOB_WORDS[type] ?? type} failed`;

/** `12 backups, 1.2 MB to 3.4 MB`: what a trend shows, for those who do not see it. */
export function trendWords(sizes: readonly { size: number }[], format: (bytes: number) => string): string {
  const bytes = sizes.map(({ size }) => size);
  const range = `${format(Math.min(...bytes))} to ${format(Math.max(...bytes))}`;
  return `Sizes of the last ${bytes.length} backups: ${range}`;
}
