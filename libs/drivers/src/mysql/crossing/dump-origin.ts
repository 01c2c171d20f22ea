import { parseServerVersion } from '../login/mysql-session.js';

/** The server that a dump was made of. */
export interface DumpOrigin {
  flavour: 'MySQL' | 'MariaDB';
  version: string;
  versionParts: readonly number[];
}

/** The lines in which dump tools name their origin, the server before the tool: mysqldump, phpMyAdmin, HeidiSQL; Adminer; the tool alone. */
const SAID = [
  /^-- Server version:?[\t ]+(\d+\.\d+[^\r\n]*)/m,
  /^-- Adminer [\d.]+ (?:MySQL|MariaDB) (\d+\.\d+\S*)/m,
  /^-- (?:MySQL|MariaDB) dump .*Distrib (\d+\.\d+\S*)/m,
  /^-- MariaDB dump [\d.]+-(\d+\.\d+\S*)/m,
];
const ADMINER_OF_MARIADB = /^-- Adminer [\d.]+ MariaDB /m;

/** Reads the origin from the comments that the dump tool begins with: that of the server, or else that of the tool itself. */
export function originOf(head: Buffer): DumpOrigin | undefined {
  const text = head.toString('latin1');
  for (const pattern of SAID) {
    const said = pattern.exec(text)?.[1];
    if (said === undefined) continue;
    const { flavour, version, versionParts } = parseServerVersion(said);
    const isMariadb = flavour === 'MariaDB' || ADMINER_OF_MARIADB.test(text);
    return { flavour: isMariadb ? 'MariaDB' : 'MySQL', version, versionParts };
  }
  return undefined;
}
