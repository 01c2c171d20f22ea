import { basename } from 'node:path';

/** Describes a file that cannot be restored, by its first bytes: a sentence without its subject, and the way out. */
export interface NamedKind {
  is: string;
  hint: string;
}

const NAMES_SHOWN = 3;
const OF_A_DATA_FOLDER =
  /(^|\/)(PG_VERSION|backup_label|backup_manifest|pg_control|pg_wal\/|pg_xact\/|ibdata1|ib_logfile\d+|undo_?0+\d|xtrabackup_\w+|mariadb_backup_\w+|base\.tar(\.gz)?|pg_wal\.tar(\.gz)?)/;
const OF_MYDUMPER = /-schema(-create|-triggers|-post|-view)?\.sql(\.(gz|zst))?$|\.\d{5}\.sql(\.(gz|zst))?$/;

/** Of a tar archive whose first files have these names, and which is no dump itself. */
export function kindOfTar(names: readonly string[]): NamedKind {
  if (names.some((name) => OF_A_DATA_FOLDER.test(name))) {
    return {
      is: 'is a copy of the files of a server, in a tar archive (of pg_basebackup or mariabackup, for instance)',
      hint: 'Such a copy can only be started as a server of its own. Start it, and make a dump of the database with pg_dump or mysqldump.',
    };
  }
  if (names.some((name) => basename(name) === 'metadata' || OF_MYDUMPER.test(name))) {
    return {
      is: 'is a folder of mydumper in a tar archive',
      hint: 'Unpack it, and load it with myloader; or make a dump with mysqldump or mariadb-dump.',
    };
  }
  const stems = new Set(names.filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -4)));
  if (names.some((name) => name.endsWith('.sql') && stems.has(name.slice(0, -4)))) {
    return {
      is: 'is a folder of "mysqldump --tab" in a tar archive, with a script and a text file for each table',
      hint: 'Unpack it, and load it with mysql and mysqlimport; or make a dump without --tab.',
    };
  }
  const shown = names.slice(0, NAMES_SHOWN).join(', ') || 'no files at its beginning';
  return {
    is: `is a tar archive of other files (${shown})`,
    hint: 'Unpack it, and restore the dump that it holds. Restorable as they are: the tar format of pg_dump, and the folder of pg_dump --format=directory packed with tar.',
  };
}
