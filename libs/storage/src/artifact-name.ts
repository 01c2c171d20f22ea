import { DomainError } from '@app/domain';

/** The limit of a stem, which leaves room in a 255-byte file name for the time, a clash number and every suffix. */
const MAX_STEM_BYTES = 160;

/** Returns `{name}_{YYYYMMDD_HHMMSS}`, in the local time of the process (`TZ`). */
export function artifactStem(name: string, at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
  return `${name}_${date}_${two(at.getHours())}${two(at.getMinutes())}${two(at.getSeconds())}`;
}

/** Accepts a name of the caller as it is. Throws INVALID_INPUT with the reason when it is not usable. */
export function checkBackupName(name: string): string {
  const fault = backupNameFault(name);
  if (fault !== undefined) {
    throw new DomainError('INVALID_INPUT', `backup_name ${fault}.`, {
      hint: 'Use letters, digits, spaces, dots, hyphens and underscores; the time and the ending are added to it.',
      fields: [{ field: 'backup_name', message: fault }],
    });
  }
  return name;
}

/** Makes a file name of a database name: characters that a file name cannot hold become `_`. */
export function nameOfDatabase(database: string): string {
  const safe = database.replace(/[^\p{L}\p{N}_.@+ -]/gu, '_').replace(/^[.\s-]+|[.\s]+$/g, '_');
  return truncateBytes(safe === '' ? '_' : safe, MAX_STEM_BYTES);
}

/** Says what is wrong with a name of a caller, as the end of a sentence; undefined when nothing is. */
export function backupNameFault(name: string): string | undefined {
  if (name.trim() === '') return 'is empty';
  if (/[/\\]/.test(name)) return 'must be a name, not a path: it contains a slash';
  if (/\p{Cc}/u.test(name)) return 'contains a control character';
  if (/[<>:"|?*]/.test(name)) return 'contains one of < > : " | ? *, which not every file system can hold';
  if (/^[.\s-]/.test(name)) return 'must not begin with a dot, a hyphen or a space';
  if (/[.\s]$/.test(name)) return 'must not end with a dot or a space';
  const bytes = Buffer.byteLength(name);
  if (bytes > MAX_STEM_BYTES) return `is ${bytes} bytes long; at most ${MAX_STEM_BYTES} fit into a file name`;
  return undefined;
}

function truncateBytes(text: string, limit: number): string {
  let result = '';
  for (const character of text) {
    if (Buffer.byteLength(result + character) > limit) break;
    result += character;
  }
  return result;
}
