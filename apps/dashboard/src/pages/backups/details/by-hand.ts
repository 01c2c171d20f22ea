import type { Schemas } from '../../../api/client.js';
import type { Backup } from '../backup-words.js';

type Manifest = Schemas['ManifestEntry'];

/** The programs that write the content of a packed file to their output. */
const UNPACKING: Readonly<Record<NonNullable<Backup['compression']>, { ending: RegExp; command: string } | null>> = {
  none: null,
  zstd: { ending: /\.zst$/, command: 'zstd -dc' },
  gzip: { ending: /\.gz$/, command: 'gunzip -c' },
  bzip2: { ending: /\.bz2$/, command: 'bunzip2 -c' },
  xz: { ending: /\.xz$/, command: 'unxz -c' },
  zip: { ending: /\.zip$/, command: 'unzip -p' },
};

/** The commands that restore this very file with standard tools alone, in order, into a new database. */
export function commandsByHand(backup: Backup, manifest: Manifest | null): string[] {
  const { filename, sha256, compression, format, db_type: engine } = backup;
  if (engine === null || format === null) return [];
  const file = filename.startsWith('-') ? `./${filename}` : filename;
  const database = `${backup.database ?? 'restored'}_new`;
  const unpacking = UNPACKING[compression ?? 'none'];
  // The command never writes to the name of the file itself.
  const dump =
    unpacking === null ? file : unpacking.ending.test(file) ? file.replace(unpacking.ending, '') : `${file}.unpacked`;
  return [
    ...(sha256 === null ? [] : [`echo ${quoted(`${sha256}  ${file}`)} | sha256sum --check`]),
    ...(unpacking === null ? [] : [`${unpacking.command} ${quoted(file)} > ${quoted(dump)}`]),
    // This creates the missing roles; the server reports an error for those that exist.
    ...(manifest?.globals === undefined ? [] : [`psql -X -d postgres -f ${quoted(manifest.globals.file)}`]),
    ...(engine === 'PostgreSQL' ? postgresCommands(database, dump, format) : mysqlCommands(database, dump, manifest)),
  ];
}

function postgresCommands(database: string, dump: string, format: NonNullable<Backup['format']>): string[] {
  if (format === 'directory') return directoryCommands(database, dump);
  const load = format === 'plain' ? 'psql -X -v ON_ERROR_STOP=1' : 'pg_restore --exit-on-error';
  const file = format === 'plain' ? `-f ${quoted(dump)}` : quoted(dump);
  return [`createdb --template=template0 ${quoted(database)}`, `${load} -d ${quoted(database)} ${file}`];
}

/** Nobody knows before what the folder in the tar archive is called. */
function directoryCommands(database: string, dump: string): string[] {
  const folder = quoted(`${dump.replace(/\.tar$/, '')}_folder`);
  return [
    `mkdir ${folder}`,
    `tar -xf ${quoted(dump)} -C ${folder}`,
    `createdb --template=template0 ${quoted(database)}`,
    `pg_restore --exit-on-error -d ${quoted(database)} "$(dirname "$(find ${folder} -name toc.dat)")"`,
  ];
}

function mysqlCommands(database: string, dump: string, manifest: Manifest | null): string[] {
  const client = manifest?.server.flavour === 'MySQL' ? 'mysql' : 'mariadb';
  const { character_set: charset, collation } = manifest?.database_settings ?? {};
  const settings = charset && collation ? ` CHARACTER SET ${charset} COLLATE ${collation}` : '';
  const create = `CREATE DATABASE \`${database.replaceAll('`', '``')}\`${settings}`;
  return [`${client} -e ${quoted(create)}`, `${client} ${quoted(database)} < ${quoted(dump)}`];
}

/** Quotes a text so that a shell takes it for one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
