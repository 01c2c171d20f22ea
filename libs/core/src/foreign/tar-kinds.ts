import type { ZippedFiles } from '@app/artifact';
import { dumpFolderOf } from '@app/storage';
import { withMore } from '@app/domain';

/** Describes a file that cannot be restored: `is` is a sentence without its subject, and `hint` says what to do. */
export interface NamedKind {
  is: string;
  hint: string;
}

const NAMES_SHOWN = 3;

/** Describes a tar archive that is no dump itself, by the names of its first files. */
export function kindOfTar(names: readonly string[]): NamedKind {
  const known = kindOfPacked(names, 'tar');
  if (known !== undefined) return known;
  const shown = names.slice(0, NAMES_SHOWN).join(', ') || 'no files at its beginning';
  return {
    is: `is a tar archive of other files (${shown})`,
    hint: 'Unpack it, and restore the dump that it holds. Restorable as they are: the tar format of pg_dump, and the folder of pg_dump --format=directory packed with tar.',
  };
}

/** Describes a zip archive that does not hold exactly one file. */
export function kindOfZip({ names, count }: ZippedFiles): NamedKind {
  const known = kindOfPacked(names, 'zip');
  if (known !== undefined) return known;
  if (names.length === 0) return { is: 'is a zip archive without files', hint: 'Pack the dump anew.' };
  const shown = withMore(names.slice(0, NAMES_SHOWN), count - NAMES_SHOWN);
  return {
    is: `is a zip archive of ${count} files (${shown})`,
    hint: 'Unpack it, and restore the dump that it holds. Several scripts that are one dump together are made one with: unzip -p ARCHIVE.zip FIRST.sql SECOND.sql > whole.sql',
  };
}

function kindOfPacked(names: readonly string[], format: string): NamedKind | undefined {
  const folder = dumpFolderOf(names);
  if (folder === undefined) return undefined;
  const { is, hint } = folder;
  return { is: `is ${is}, in a ${format} archive`, hint: `Unpack it. ${hint}` };
}
