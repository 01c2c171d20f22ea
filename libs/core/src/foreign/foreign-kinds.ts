import { DomainError } from '@app/domain';
import type { DbType, FieldFault } from '@app/domain';
import { tarNames } from '@app/drivers';
import { kindOfTar } from './tar-kinds.js';
import type { NamedKind } from './tar-kinds.js';

const NAMES_SHOWN = 20;

/** Files that are recognised by their first bytes. */
const WRAPPED: readonly (NamedKind & { begins: RegExp })[] = [
  {
    begins: /^-----BEGIN PGP MESSAGE-----/,
    is: 'is encrypted with PGP',
    hint: 'Decrypt it first: gpg --output backup.sql --decrypt backup.sql.gpg',
  },
  {
    begins: /^Salted__/,
    is: 'is encrypted with openssl',
    hint: 'Decrypt it first, with the cipher and the password that it was encrypted with: openssl enc -d.',
  },
  {
    begins: /^(\x1f\x8b\x08|\x28\xb5\x2f\xfd|BZh\d|\xfd7zXZ\0|PK\x03\x04)/,
    is: 'is packed twice',
    hint: 'Unpack it once, and restore what comes out.',
  },
  {
    begins: /^(7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\x04\x22\x4d\x18)/,
    is: 'is packed by 7-Zip, RAR or lz4, which this service cannot unpack',
    hint: 'Unpack it, and pack it with gzip or zstd if it is to be packed.',
  },
  {
    begins: /^(SQLite format 3\0|PRAGMA foreign_keys ?=)/,
    is: 'is a database or a dump of SQLite',
    hint: 'This service restores dumps of PostgreSQL, MySQL and MariaDB. Tools like pgloader convert SQLite databases.',
  },
  {
    begins: /^(XBSTCK01|XBCRYP0\d|qpress10)/,
    is: 'is a stream of xtrabackup or mariabackup (xbstream), a copy of the files of a server',
    hint: 'Unpack it with xbstream or mbstream, prepare it, and start it as a server of its own; then make a dump of the database with mysqldump or mariadb-dump.',
  },
  {
    begins: /^\xfebin/,
    is: 'is a binary log of a server',
    hint: 'It holds changes, not a database. Restore a dump, and apply it with mysqlbinlog.',
  },
  {
    begins: /^(\xfe\x01[\x06-\x0c]|\xfe\xfe[\x07\x09]|[^]{4}\0{4}[^]{16}\0\x08[^]{8}([^]{4})\2)/,
    is: 'is a file of a single table of a server (.frm, .MYI, .ibd)',
    hint: 'Start the server that it belongs to, and make a dump of the database with mysqldump or mariadb-dump. Of a server that is lost, .ibd files can be imported table by table (ALTER TABLE … IMPORT TABLESPACE).',
  },
  {
    begins: /^\s*\{\s*"dumper"\s*:\s*"mysqlsh/,
    is: 'is the list of contents of a dump of MySQL Shell (@.json), which is a folder of many files',
    hint: 'Load the folder with util.loadDump of MySQL Shell, and back that database up with this service; or make a dump with mysqldump or mariadb-dump.',
  },
  {
    begins: /^# Started dump at: |^\[config\]\n(?:quote|[\w-]+ ?=)/,
    is: 'is the file "metadata" of a folder of mydumper',
    hint: 'Load the folder with myloader, and back that database up with this service; or make a dump with mysqldump or mariadb-dump.',
  },
  {
    begins: /^;\s+; Archive created at /,
    is: 'is the list of the contents of an archive (pg_restore --list), not the archive',
    hint: 'Restore the archive of which it was made.',
  },
];

/** Describes a file by its first bytes; undefined for a file that may be SQL text, or is not known. */
export function namedKindOf(head: Buffer): NamedKind | undefined {
  if (head.length === 0 || head.toString('latin1').trim() === '') {
    return {
      is: 'holds nothing',
      hint: 'The program that made the dump has failed: look at its messages, and make it anew.',
    };
  }
  const packed = tarNames(head);
  if (packed !== undefined) return kindOfTar(packed);
  if (isUtf16(head)) {
    return {
      is: 'is UTF-16 text, as PowerShell writes it when output is redirected with ">"',
      hint: 'Make the dump with --file (pg_dump) or --result-file (mysqldump), or convert it: iconv -f UTF-16 -t UTF-8.',
    };
  }
  const text = head.toString('latin1').replace(/^\xef\xbb\xbf/, '');
  const wrapped = WRAPPED.find(({ begins }) => begins.test(text));
  if (wrapped !== undefined) return wrapped;
  if (/<(mysqldump|resultset)\b/.test(text.slice(0, 1_000)) && /^\s*<\?xml/.test(text)) {
    return {
      is: 'is XML of mysqldump or mysql (--xml), which cannot be restored',
      hint: 'Make the dump without --xml.',
    };
  }
  if (/^\s*<(!doctype|html|head|body|\?xml)/i.test(text)) {
    return {
      is: 'is a web page or XML',
      hint: 'The download was answered with a page, for a login perhaps: fetch the file again.',
    };
  }
  if (/^\s*[[{]\s*("|\{|\[|\]|\})/.test(text)) {
    return {
      is: 'is JSON',
      hint: 'It may be the answer of a program that failed: look into it, and fetch the dump again.',
    };
  }
  const tool = /^(pg_dump|pg_dumpall|mysqldump|mariadb-dump|mysqlpump)(\.exe)?: /m.exec(text.slice(0, 2_000));
  if (tool !== null && text.slice(0, tool.index).split('\n').length <= 3) {
    const lines =
      /^(?:(?:pg_dump\w*|mysqldump|mariadb-dump|mysqlpump)(?:\.exe)?: [^\n]*\n|Warning: [^\n]*\n|\s*\n)*/.exec(text);
    const count = (lines?.[0].match(/\n/g) ?? []).length;
    return {
      is: `begins with messages of ${tool[1] ?? 'the dump tool'} ("${firstLine(text)}")`,
      hint: `Make the dump without "2>&1", or take the messages out: tail -n +${count + 1}.`,
    };
  }
  if (/^-- PostgreSQL database cluster dump/m.test(text.slice(0, 4_000))) {
    return {
      is: 'is a dump of a whole server, made by pg_dumpall, with roles and all databases',
      hint: 'Name the one to restore with "source_database"; roles are not restored with it. Or dump the databases one by one with pg_dump.',
    };
  }
  return undefined;
}

/** Describes a dump of a whole server that holds no database. */
export const GLOBALS_ONLY: NamedKind = {
  is: 'holds the roles and tablespaces of a whole server (pg_dumpall --globals-only) and no database',
  hint: 'Run it with psql in the database "postgres" to make the roles, and restore a dump of a database with this service.',
};

/** Describes a dump of a whole server with the databases that it holds. */
export async function databasesOf(script: AsyncIterable<Buffer>): Promise<string[]> {
  const names = new Set<string>();
  let rest = '';
  for await (const chunk of script) {
    const text = rest + chunk.toString('latin1');
    for (const [, quoted, name] of text.matchAll(
      /^\\connect (?:-reuse-previous=on "dbname='([^'\n]+)'"|"?([^"\s]+)"?)\r?\n/gm,
    )) {
      names.add(Buffer.from(quoted ?? name ?? '', 'latin1').toString('utf8'));
    }
    rest = text.slice(text.lastIndexOf('\n') + 1).slice(-1_000);
  }
  return [...names].slice(0, NAMES_SHOWN);
}

export function notARestorable(
  display: string,
  { is, hint }: NamedKind,
  { databases = [], fields }: { databases?: readonly string[]; fields?: readonly FieldFault[] } = {},
): DomainError {
  const holds = databases.length === 0 ? '' : `; it holds ${databases.join(', ')}`;
  return new DomainError('NOT_A_BACKUP', `${display} ${is}${holds}.`, {
    hint,
    ...(fields === undefined ? {} : { fields }),
  });
}

/** Determines for which engine a text without a known header was written; undefined where the text does not tell. */
export function engineOfText(head: Buffer): DbType | undefined {
  const text = withoutMark(head.toString('latin1'));
  if (
    /^-- phpMyAdmin SQL Dump|^-- Adminer [\d.]+ (MySQL|MariaDB)|^\/\*!\d{5} SET|ENGINE ?= ?(InnoDB|MyISAM)/im.test(text)
  )
    return 'MySQL';
  if (
    /^-- Adminer [\d.]+ PostgreSQL|\bpg_catalog\.|^SET (standard_conforming_strings|client_encoding)\b|^COPY .* FROM stdin;/im.test(
      text,
    )
  )
    return 'PostgreSQL';
  return undefined;
}

/** Whether the file may be SQL: it is text in which a line begins a command that ends. */
export function isText(head: Buffer): boolean {
  return !head.includes(0) && COMMAND.test(withoutMark(head.toString('latin1')));
}

/** Recognises lines of values with the same separator, as spreadsheets, SELECT … INTO OUTFILE and mysqldump --tab write them. */
export const TABLE_OF_VALUES: NamedKind = {
  is: 'is a table of values (CSV or text with tabs), not SQL',
  hint: 'Load it into a table with LOAD DATA or mysqlimport (MySQL, MariaDB) or COPY (PostgreSQL), and back that database up with this service.',
};

export function isTableOfValues(head: Buffer): boolean {
  if (head.includes(0)) return false;
  const lines = withoutMark(head.toString('latin1')).split(/\r?\n/);
  // The last line may be cut off.
  const whole = lines.slice(0, Math.max(1, Math.min(20, lines.length - 1))).filter((line) => line !== '');
  return [',', ';', '\t', '|'].some((separator) => {
    const counts = whole.map((line) => line.replace(/"(?:[^"]|"")*"/g, '').split(separator).length);
    return counts.length > 1 && (counts[0] ?? 0) > 1 && counts.every((count) => count === counts[0]);
  });
}

function withoutMark(text: string): string {
  return text.replace(/^\xef\xbb\xbf/, '');
}

const COMMAND =
  /(?:^|[;\n])\s*(?:(?:create|insert into|set|alter|drop|begin|start transaction|copy|select|use|update|delete from|lock)\b|\/\*!)[^;]*;/i;

function isUtf16(head: Buffer): boolean {
  if (head.length < 4) return false;
  const mark = head.readUInt16BE(0);
  if (mark === 0xfffe || mark === 0xfeff) return true;
  const some = head.subarray(0, 400);
  const zeros = (odd: number): number => some.filter((byte, index) => index % 2 === odd && byte === 0).length;
  const isText = (high: number, low: number): boolean => high > some.length / 3 && low < some.length / 50;
  return isText(zeros(1), zeros(0)) || isText(zeros(0), zeros(1));
}

function firstLine(text: string): string {
  return (text.split('\n', 1)[0] ?? '').trim().slice(0, 120);
}
