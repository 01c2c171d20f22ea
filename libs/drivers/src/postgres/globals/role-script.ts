import { ScriptReader } from '../script/script-reader.js';
import type { ScriptPart } from '../script/script-reader.js';

/** A role as `pg_dumpall --globals-only` writes it. Texts are SQL, quoted as they stood there. */
export interface ScriptedRole {
  name: string;
  /** The options that follow the name in CREATE ROLE, without those that are the default. */
  options: string[];
  hasPassword: boolean;
  /** ALTER ROLE … SET and COMMENT ON ROLE. */
  commands: string[];
}

export interface ScriptedMembership {
  group: string;
  member: string;
  /** ` WITH ADMIN OPTION`, and the like. */
  options: string;
}

export interface RoleScript {
  roles: Map<string, ScriptedRole>;
  memberships: ScriptedMembership[];
  /** First words of commands that are about something else than roles: tablespaces, parameters, security labels. */
  others: string[];
}

const NAME = String.raw`("(?:[^"]|"")+"|[\w$\u0080-\uffff]+)`;
const TEXT = String.raw`E?'(?:[^'\\]|''|\\.)*'`;
const CREATE = new RegExp(`^CREATE ROLE ${NAME}$`, 'su');
const ALTER = new RegExp(`^ALTER ROLE ${NAME} WITH (.+)$`, 'su');
const SET = new RegExp(`^ALTER ROLE ${NAME} SET ${NAME} TO (?:${TEXT}|[\\w$.-]+)(?:, (?:${TEXT}|[\\w$.-]+))*$`, 'su');
const COMMENT = new RegExp(`^COMMENT ON ROLE ${NAME} IS ${TEXT}$`, 'su');
const GRANT = new RegExp(
  `^GRANT ${NAME} TO ${NAME}((?: WITH| ADMIN OPTION| (?:ADMIN|INHERIT|SET) (?:OPTION|TRUE|FALSE),?)*)(?: GRANTED BY ${NAME})?$`,
  'su',
);
const OPTION = new RegExp(
  `(?:NO)?(?:SUPERUSER|INHERIT|CREATEROLE|CREATEDB|LOGIN|REPLICATION|BYPASSRLS)\\b|CONNECTION LIMIT -?\\d+|PASSWORD ${TEXT}|VALID UNTIL ${TEXT}`,
  'gsu',
);
/** The options that CREATE ROLE has by itself. */
const DEFAULTS = new Set(
  ['NOSUPERUSER', 'INHERIT', 'NOCREATEROLE', 'NOCREATEDB', 'NOLOGIN', 'NOREPLICATION', 'NOBYPASSRLS'].concat(
    'CONNECTION LIMIT -1',
  ),
);

/** Reads a script of our own backups. What it does not know it leaves out, and names it in `others`. */
export function parseRoleScript(script: string): RoleScript {
  const result: RoleScript = { roles: new Map(), memberships: [], others: [] };
  const reader = new ScriptReader();
  const read = (parts: Iterable<ScriptPart>): void => {
    for (const part of parts) if (part.kind === 'statement') add(result, part.text.toString());
  };
  read(reader.push(Buffer.from(script)));
  read(reader.end());
  return result;
}

function add(script: RoleScript, statement: string): void {
  const { roles, memberships, others } = script;
  const matched = (pattern: RegExp): string[] | undefined => pattern.exec(statement)?.slice(1);
  const created = matched(CREATE);
  if (created !== undefined) {
    const name = plain(created[0]);
    roles.set(name, { name, options: [], hasPassword: false, commands: [] });
    return;
  }
  const altered = matched(ALTER);
  const role = roles.get(plain((altered ?? matched(SET) ?? matched(COMMENT))?.[0]));
  if (role !== undefined && altered !== undefined) {
    const options = altered[1]?.match(OPTION) ?? [];
    role.options.push(...options.filter((option) => !DEFAULTS.has(option)));
    role.hasPassword = options.some((option) => option.startsWith('PASSWORD'));
    return;
  }
  if (role !== undefined) {
    role.commands.push(statement);
    return;
  }
  const granted = matched(GRANT);
  if (granted !== undefined) {
    memberships.push({ group: plain(granted[0]), member: plain(granted[1]), options: granted[2] ?? '' });
    return;
  }
  if (!/^(SET|SELECT) /.test(statement)) others.push(statement.split(/\s+/).slice(0, 3).join(' '));
}

/** A name without the quotes that SQL needs. */
function plain(name: string | undefined): string {
  if (name === undefined) return '';
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
