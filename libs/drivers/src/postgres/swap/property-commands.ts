import pg from 'pg';
import type { DatabaseGrant } from '@app/domain';
import { effectiveGrants } from './database-properties.js';
import type { DatabaseProperties } from './database-properties.js';

/** Settings that hold lists of names: each name is quoted for itself. Extensions cannot have such (see pg_dump's dumputils.c). */
const LISTS = new Set([
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]);

const name = (text: string): string => pg.escapeIdentifier(text);
const grantee = ({ grantee: role }: DatabaseGrant): string => (role === null ? 'PUBLIC' : name(role));

/** Nothing where it is so already: what is the same keeps its very form. Both have the same owner. */
export function commandsToMatch(database: string, wanted: DatabaseProperties, is: DatabaseProperties): string[] {
  return [
    ...grantCommands(database, wanted, is),
    ...settingCommands(database, wanted, is),
    ...(wanted.connectionLimit === is.connectionLimit
      ? []
      : [`ALTER DATABASE ${name(database)} CONNECTION LIMIT ${wanted.connectionLimit}`]),
    ...(wanted.comment === is.comment ? [] : [commentCommand(database, wanted.comment)]),
  ];
}

export function commentCommand(database: string, comment: string | null): string {
  return `COMMENT ON DATABASE ${name(database)} IS ${comment === null ? 'NULL' : pg.escapeLiteral(comment)}`;
}

/** Takes all rights and gives them again in the order in which they are wanted, which is that of who got them from whom. */
export function grantCommands(database: string, wanted: DatabaseProperties, is: DatabaseProperties): string[] {
  if (JSON.stringify(wanted.grants) === JSON.stringify(is.grants)) return [];
  const { owner } = wanted;
  const on = `ON DATABASE ${name(database)}`;
  const holders = new Set(effectiveGrants(is).map(grantee));
  const commands = [...holders].map((role) => `REVOKE ALL ${on} FROM ${role} CASCADE`);
  for (const grant of inOrder(effectiveGrants(wanted), owner)) {
    const plain = grant.privileges.filter((privilege) => !grant.grantable.includes(privilege));
    const give = (privileges: readonly string[], option: string): string[] =>
      privileges.length === 0 ? [] : [`GRANT ${privileges.join(', ')} ${on} TO ${grantee(grant)}${option}`];
    const gifts = [...give(plain, ''), ...give(grant.grantable, ' WITH GRANT OPTION')];
    // Who is logged in grants on the owner's behalf.
    commands.push(
      ...(grant.grantor === owner ? gifts : [`SET LOCAL ROLE ${name(grant.grantor)}`, ...gifts, 'RESET ROLE']),
    );
  }
  return commands;
}

/** Whoever passes a right on must have got it before. */
function inOrder(grants: readonly DatabaseGrant[], owner: string): DatabaseGrant[] {
  const left = [...grants];
  const done: DatabaseGrant[] = [];
  const may = ({ grantor, privileges }: DatabaseGrant): boolean =>
    grantor === owner ||
    privileges.every((privilege) => done.some((g) => g.grantee === grantor && g.grantable.includes(privilege)));
  while (left.length > 0) {
    const next = left.findIndex(may);
    done.push(...left.splice(Math.max(next, 0), 1));
  }
  return done;
}

export function settingCommands(database: string, wanted: DatabaseProperties, is: DatabaseProperties): string[] {
  const whole = `ALTER DATABASE ${name(database)}`;
  const commands = difference(whole, wanted.settings, is.settings);
  const roles = new Set([...is.roleSettings, ...wanted.roleSettings].map(({ role }) => role));
  for (const role of roles) {
    const of = (properties: DatabaseProperties): readonly string[] =>
      properties.roleSettings.find((entry) => entry.role === role)?.settings ?? [];
    commands.push(...difference(`ALTER ROLE ${name(role)} IN DATABASE ${name(database)}`, of(wanted), of(is)));
  }
  return commands;
}

function difference(alter: string, wanted: readonly string[], is: readonly string[]): string[] {
  if (JSON.stringify(wanted) === JSON.stringify(is)) return [];
  const sets = wanted.map((setting) => `${alter} ${setCommand(setting)}`);
  return is.length === 0 ? sets : [`${alter} RESET ALL`, ...sets];
}

/** `SET "search_path" TO 'a', 'b'` of `search_path=a, b`. */
export function setCommand(setting: string): string {
  const at = setting.indexOf('=');
  const key = setting.slice(0, at);
  const value = setting.slice(at + 1);
  const values = LISTS.has(key.toLowerCase()) ? namesIn(value) : [value];
  return `SET ${name(key)} TO ${values.map((text) => pg.escapeLiteral(text)).join(', ')}`;
}

/** The server keeps each name as an identifier: quoted where it must be. */
function namesIn(list: string): string[] {
  const names = list.match(/"(?:[^"]|"")*"|[^\s,"][^,"]*/g) ?? [''];
  return names.map((text) => (text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.trim()));
}
