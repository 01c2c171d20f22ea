import pg from 'pg';
import { DomainError } from '@app/domain';
import type { RestoredRole, RolesRestored } from '../../db-driver.js';
import { isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { missingRoles } from './apply-properties.js';
import { parseRoleScript } from './role-script.js';
import type { ScriptedMembership, ScriptedRole } from './role-script.js';

/**
 * Makes those of the roles that the server lacks, with their attributes, settings, comments and memberships, in one
 * transaction. Roles that exist stay as they are.
 */
export async function restoreRoles(
  session: PostgresSession,
  text: string,
  { roles: wanted, dryRun }: { roles: readonly string[]; dryRun: boolean },
): Promise<RolesRestored> {
  const script = parseRoleScript(text);
  requireKnown(wanted, script.roles);
  const absent = new Set(await missingRoles(session, [...script.roles.keys()]));
  const making = wanted.filter((name) => absent.has(name));
  const made = new Set(making);
  const there = (name: string): boolean => made.has(name) || (script.roles.has(name) && !absent.has(name));
  const concerned = script.memberships.filter(({ group, member }) => made.has(group) || made.has(member));
  const memberships = concerned.filter(({ group, member }) => there(group) && there(member));
  const plans = making.map((name) => planOf(script.roles.get(name), memberships));
  if (!dryRun) await run(session, plans);
  const lost = concerned.filter((membership) => !memberships.includes(membership));
  return {
    roles: wanted.map(
      (name) => plans.find((plan) => plan.name === name)?.shown ?? { name, action: 'exists', commands: [] },
    ),
    warnings: warningsOf(plans, lost, making.length > 0 ? script.others : []),
  };
}

interface RolePlan {
  name: string;
  commands: string[];
  /** Without its password. */
  shown: RestoredRole;
  needsPassword: boolean;
}

function planOf(role: ScriptedRole | undefined, memberships: readonly ScriptedMembership[]): RolePlan {
  if (role === undefined) throw new Error('checked before');
  const { name, options, commands } = role;
  const quoted = pg.escapeIdentifier(name);
  const create = (given: readonly string[]): string =>
    `CREATE ROLE ${quoted}${given.length > 0 ? ` WITH ${given.join(' ')}` : ''}`;
  const grants = memberships
    // Each with the later one of its two roles would do as well; with the member, a reader finds it.
    .filter(({ member }) => member === name)
    .map((grant) => `GRANT ${pg.escapeIdentifier(grant.group)} TO ${quoted}${grant.options}`);
  const own = memberships
    .filter(({ group, member }) => group === name && member !== name)
    .map((grant) => `GRANT ${quoted} TO ${pg.escapeIdentifier(grant.member)}${grant.options}`);
  const rest = [...commands, ...grants, ...own];
  const shown = options.map((option) => (option.startsWith('PASSWORD') ? "PASSWORD '********'" : option));
  return {
    name,
    commands: [create(options), ...rest],
    shown: { name, action: 'create', commands: [create(shown), ...rest] },
    needsPassword: options.includes('LOGIN') && !role.hasPassword,
  };
}

async function run(session: PostgresSession, plans: readonly RolePlan[]): Promise<void> {
  await session.query('BEGIN');
  // First all roles, so that each can be a member of another.
  for (const step of ['roles', 'rest'] as const) {
    for (const { name, commands } of plans) {
      for (const command of new Set(step === 'roles' ? commands.slice(0, 1) : commands.slice(1))) {
        await session.query(command).catch((error: unknown) => {
          throw refusal(error, name);
        });
      }
    }
  }
  await session.query('COMMIT');
}

/** The command is not shown: it may hold a password. */
function refusal(error: unknown, role: string): unknown {
  if (!isServerError(error)) return error;
  const code = error.code === '42501' ? 'MISSING_PRIVILEGE' : 'DATABASE_ERROR';
  return new DomainError(code, `Role "${role}" could not be made: ${error.message}. No role was made.`, {
    hint: 'Use the connection of a superuser, or of a role with CREATEROLE for roles without special attributes.',
  });
}

function requireKnown(wanted: readonly string[], roles: ReadonlyMap<string, unknown>): void {
  const unknown = wanted.filter((name) => !roles.has(name));
  if (unknown.length === 0) return;
  const message = `not in the backup: ${unknown.join(', ')}`;
  throw new DomainError('INVALID_INPUT', `These roles are ${message}.`, {
    hint: `It holds ${[...roles.keys()].join(', ')}.`,
    fields: [{ field: 'roles', message }],
  });
}

function warningsOf(
  plans: readonly RolePlan[],
  lost: readonly ScriptedMembership[],
  others: readonly string[],
): string[] {
  const warnings: string[] = [];
  const unprotected = plans.filter(({ needsPassword }) => needsPassword).map(({ name }) => name);
  if (unprotected.length > 0) {
    warnings.push(`The backup holds no passwords of these roles, so set them: ${unprotected.join(', ')}.`);
  }
  for (const { group, member } of lost) {
    warnings.push(`"${member}" was not made a member of "${group}", as one of them does not exist here.`);
  }
  if (others.length > 0) {
    warnings.push(`Not restored, as they are about other things than roles: ${[...new Set(others)].join(', ')}.`);
  }
  return warnings;
}
