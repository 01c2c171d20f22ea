import { someOf } from '@app/domain';
import type { DumpSource, ConfinedAccount } from '../../db-driver.js';
import { explain } from '../load/load-failure.js';
import { CommandFailure } from '../load/dump-loader.js';
import { BatchFailure, StatementBatch } from '../load/wire/statement-batch.js';
import { standardStringsSetting } from '../script/script-settings.js';
import { lower, textOf, tokensOf } from '../script/statement-tokens.js';
import { PostgresSession } from '../login/postgres-session.js';

/**
 * Owners and grants of a foreign dump, when all is loaded by an account that may not give them. Whoever made the account
 * does it, as far as it may. Nothing becomes a superuser's that was not to be: what is in it would run with those rights.
 */
export async function giveOwnersAndGrants(
  { administrator, owner }: ConfinedAccount,
  commands: readonly Buffer[],
  source: DumpSource,
  signal: AbortSignal,
): Promise<string[]> {
  if (!commands.some((command) => !/^S/i.test(command.toString('latin1', 0, 1)))) return [];
  await using session = await PostgresSession.open(administrator, signal);
  try {
    const mayBe = await ownersOf(session, owner);
    // The session that loaded began with this one. We ask nothing from here on, as operators of the dump could be called.
    await session.query('RESET search_path');
    let kept = 0;
    let standardStrings = true;
    for (const text of commands) {
      const next = ownerOf(text, standardStrings);
      standardStrings = standardStringsSetting(text, standardStrings) ?? standardStrings;
      if (next !== undefined && !mayBe(next)) kept += 1;
      else await run(session, text);
    }
    if (kept === 0) return [];
    return [`${kept} objects that the dump gives to superusers belong to "${owner}", as the database does.`];
  } catch (error) {
    throw await explain(error, administrator, source, undefined);
  }
}

/** Functions of the dump that act with a superuser's rights for whoever calls them, as the database is a superuser's: a warning. */
export async function definerWarnings(
  { administrator, owner }: ConfinedAccount,
  signal: AbortSignal,
): Promise<string[]> {
  await using session = await PostgresSession.open(administrator, signal);
  const rows = await session.query<{ name: string }>(
    `SELECT p.oid::pg_catalog.regprocedure::text AS name FROM pg_catalog.pg_proc p
       JOIN pg_catalog.pg_roles o ON o.rolname = $1 AND o.rolsuper
       JOIN pg_catalog.pg_roles r ON r.oid = p.proowner AND (r.rolsuper OR r.rolname = pg_catalog.current_database())
      WHERE p.prosecdef AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid AND d.deptype = 'e') ORDER BY 1`,
    [owner],
  );
  if (rows.length === 0) return [];
  return [
    `Functions of the dump run with the rights of "${owner}", a superuser, whoever calls them (SECURITY DEFINER): ${someOf(rows.map(({ name }) => name))}. Read them, or take the right to execute them from PUBLIC.`,
  ];
}

async function run(session: PostgresSession, text: Buffer): Promise<void> {
  await session.client.query(new StatementBatch([text])).done.catch((error: unknown) => {
    throw new CommandFailure(0, text, error instanceof BatchFailure ? error.cause : error);
  });
}

/**
 * Who may own what a foreign dump brings: nobody who is a superuser or may become one, or who may run programs and reach files on
 * the server, unless the database is a superuser's already. CURRENT_USER and the like would be whoever gives it.
 */
async function ownersOf(session: PostgresSession, owner: string): Promise<(role: string | Self) => boolean> {
  const rows = await session.query<{ name: string }>(
    `SELECT r.rolname AS name FROM pg_catalog.pg_roles r
      WHERE EXISTS (SELECT FROM pg_catalog.pg_roles p WHERE pg_catalog.pg_has_role(r.oid, p.oid, 'MEMBER')
          AND (p.rolsuper OR p.rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles o WHERE o.rolname = $1 AND o.rolsuper)`,
    [owner],
  );
  const powerful = new Set(rows.map(({ name }) => name));
  return (role) => typeof role === 'string' && !powerful.has(role);
}

/** A word that stands for whoever runs the command. */
type Self = { self: true };
const SELF = /^(CURRENT_USER|CURRENT_ROLE|SESSION_USER)$/;

/** The role of ALTER … OWNER TO, as the server keeps its name. */
function ownerOf(command: Buffer, standardStrings: boolean): string | Self | undefined {
  const tokens = tokensOf(command, standardStrings);
  if (!/^ALTER .* OWNER TO \S+$/.test(textOf(tokens))) return undefined;
  const last = tokens.at(-1);
  if (last?.kind !== 'name' && last?.kind !== 'word') return undefined;
  if (last.kind === 'word' && SELF.test(last.text)) return { self: true };
  return Buffer.from(last.kind === 'word' ? lower(last.text) : last.text, 'latin1').toString('utf8');
}
