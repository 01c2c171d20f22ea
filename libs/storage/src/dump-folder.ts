import { basename } from 'node:path/posix';

/** Describes a folder of files that another program has written, by the names in it, and says what to do with it. */
export interface DumpFolder {
  /** The end of a sentence after "is" or "holds". */
  is: string;
  hint: string;
}

const KINDS: readonly (DumpFolder & { has(names: readonly string[], bases: readonly string[]): boolean })[] = [
  {
    has: (_names, bases) => bases.some((name) => /^@(\.done)?\.json$|^@\.sql$/.test(name)),
    is: 'a folder of MySQL Shell (util.dumpInstance, util.dumpSchemas or util.dumpTables)',
    hint: 'Load it with util.loadDump of MySQL Shell, and back that database up with this service; or make a dump with mysqldump or mariadb-dump.',
  },
  {
    has: (names) =>
      names.some((name) =>
        /(^|\/)(PG_VERSION|backup_label|backup_manifest|pg_control|pg_wal\/|pg_xact\/|ibdata1|ib_logfile\d+|undo_?0+\d|xtrabackup_\w+|mariadb_backup_\w+|aria_log_control|mysql\.ibd|base\.tar(\.gz)?|pg_wal\.tar(\.gz)?)/.test(
          name,
        ),
      ),
    is: 'a copy of the files of a server (of pg_basebackup, xtrabackup or mariabackup, for instance)',
    hint: 'Such a copy can only be started as a server of its own. Start it, and make a dump of the database with pg_dump or mysqldump.',
  },
  {
    has: (_names, bases) => bases.some((name) => /\.(ibd|frm|MYD|MYI|MAD|MAI|isl)$/.test(name)),
    is: 'files of single tables of a server (.ibd, .frm, .MYD)',
    hint: 'Start the server that they belong to, and make a dump of the database with mysqldump or mariadb-dump. Of a server that is lost, .ibd files can be imported table by table (ALTER TABLE … IMPORT TABLESPACE).',
  },
  {
    has: (_names, bases) =>
      bases.some(
        (name) =>
          name === 'metadata' ||
          /-schema(-create|-triggers|-post|-view)?\.sql(\.(gz|zst))?$|\.\d{5}\.sql(\.(gz|zst))?$/.test(name),
      ),
    is: 'a folder of mydumper',
    hint: 'Load it with myloader, and back that database up with this service; or make a dump with mysqldump or mariadb-dump.',
  },
  {
    has: (names) => {
      const stems = new Set(names.filter((name) => name.endsWith('.txt')).map((name) => name.slice(0, -4)));
      return names.some((name) => name.endsWith('.sql') && stems.has(name.slice(0, -4)));
    },
    is: 'a folder of "mysqldump --tab", with a script and a text file for each table',
    hint: 'Load it with mysql and mysqlimport; or make a dump without --tab.',
  },
  {
    has: (_names, bases) => bases.length > 0 && bases.every((name) => /\.(\d{6}|index)$/.test(name)),
    is: 'binary logs of a server',
    hint: 'They hold changes, not a database. Restore a dump, and apply them with mysqlbinlog.',
  },
];

/** Returns the description; undefined for other folders. `names` are names of files, with or without their folder. */
export function dumpFolderOf(names: readonly string[]): DumpFolder | undefined {
  const bases = names.map((name) => basename(name));
  return KINDS.find(({ has }) => has(names, bases));
}
