import { DomainError } from '@app/domain';

/** One line of SHOW GRANTS. */
export interface Grant {
  /** Upper case; `ALL PRIVILEGES`, `USAGE` and `GRANT OPTION` as such. Without those on single columns. */
  privileges: readonly string[];
  scope: GrantScope;
  /** The grantee as it is printed, e.g. `` `ann`@`%` ``; a role has no host. */
  grantee: string;
  /** MySQL's partial revoke: what `privileges` on all databases leave out of this one. */
  revoked?: true;
}

export type GrantScope =
  | { level: 'global' }
  /** A pattern: `_` and `%` are wildcards unless a backslash stands before them. */
  | { level: 'database'; pattern: string }
  /** A table or routine. */
  | { level: 'object'; database: string; name: string };

const QUOTED = '`(?:[^`]|``)*`';
const IDENTIFIER = `(?:${QUOTED}|"(?:[^"]|"")*"|\\*)`;
const GRANT = new RegExp(
  `^(GRANT|REVOKE) (.+?) ON (?:(?:TABLE|FUNCTION|PROCEDURE|PACKAGE|PACKAGE BODY) )?(${IDENTIFIER})\\.(${IDENTIFIER}) (?:TO|FROM) (.+)$`,
  's',
);
const GRANTEE = new RegExp(`^(?:${QUOTED}|'(?:[^']|'')*'|\\w+)(?:@(?:${QUOTED}|'(?:[^']|'')*'))?`);

/** Reads SHOW GRANTS. Lines that grant roles or proxies, or set defaults, say nothing about privileges. */
export function parseGrants(lines: readonly string[]): Grant[] {
  return lines.map(parseGrant).filter((grant) => grant !== undefined);
}

function parseGrant(line: string): Grant | undefined {
  const [, verb, list, first, second, rest] = GRANT.exec(line) ?? [];
  if (list === undefined || first === undefined || second === undefined || rest === undefined) return undefined;
  const grantee = GRANTEE.exec(rest)?.[0] ?? '';
  const privileges = splitOutsideParentheses(list)
    .filter((name) => !name.includes('('))
    .map((name) => name.toUpperCase());
  if (/\bWITH (.* )?GRANT OPTION\b/.test(rest.slice(grantee.length))) privileges.push('GRANT OPTION');
  return { privileges, scope: scopeOf(first, second), grantee, ...(verb === 'REVOKE' ? { revoked: true } : {}) };
}

function splitOutsideParentheses(list: string): string[] {
  return list.split(/,(?![^(]*\))/).map((name) => name.trim());
}

function scopeOf(first: string, second: string): GrantScope {
  if (first === '*') return { level: 'global' };
  if (second === '*') return { level: 'database', pattern: unquoted(first) };
  return { level: 'object', database: unquoted(first), name: unquoted(second) };
}

function unquoted(identifier: string): string {
  const quote = identifier.charAt(0);
  return identifier.slice(1, -1).replaceAll(quote + quote, quote);
}

/** Whether a database's name is meant by the name in a grant. */
export function matchesPattern(pattern: string, database: string): boolean {
  const source = pattern.replace(/\\([\\%_])|[%_]|[^]/gu, (part, escaped?: string) => {
    if (part === '%') return '.*';
    return part === '_' ? '.' : (escaped ?? part).replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  });
  return new RegExp(`^${source}$`, 'su').test(database);
}

/** A database's name as a grant must spell it to mean this one only. */
export function escapedPattern(database: string): string {
  return database.replace(/[_%\\]/g, '\\$&');
}

/** MISSING_PRIVILEGE, naming each and the statement that grants them. `objects` is what stands after ON. */
export function missingPrivileges(
  account: string,
  what: string,
  missing: readonly { privilege: string; on: string }[],
): DomainError {
  // A privilege on something else than the database in question is another one.
  const named = missing.map(({ privilege, on }) => (on.startsWith('mysql.') ? `${privilege} on ${on}` : privilege));
  const names = [...new Set(named)];
  const byTarget = Map.groupBy(missing, ({ on }) => on);
  const statements = [...byTarget].map(
    ([on, list]) => `GRANT ${list.map(({ privilege }) => privilege).join(', ')} ON ${on} TO ${account};`,
  );
  return new DomainError(
    'MISSING_PRIVILEGE',
    `${account} lacks the ${names.length === 1 ? 'privilege' : 'privileges'} ${names.join(', ')}, without which ${what}.`,
    { hint: `As an administrator run: ${statements.join(' ')}` },
  );
}
