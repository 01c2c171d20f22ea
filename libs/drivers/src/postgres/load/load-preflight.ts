import pg from 'pg';
import { DomainError, someOf } from '@app/domain';
import type { ServerInfo, ToolInfo } from '@app/domain';
import type { LoadPlan, LoadRequest } from '../../db-driver.js';
import { lossesInPlace } from '../selection/kept-copies.js';
import { isEmptyDatabase } from './in-place/postgres-clear.js';
import { lockedOut } from '../login/lock-holders.js';
import { inheritHint } from '../login/memberships.js';
import { databaseError, isServerError } from '../login/postgres-errors.js';
import { estimateBytes } from '../dump/postgres-preflight.js';
import { replicationLosses } from './in-place/replication-in-place.js';
import { askServerInfo } from '../login/postgres-server-info.js';
import { PostgresSession } from '../login/postgres-session.js';
import { openOther } from '../maintenance-session.js';
import type { PostgresTools } from '../postgres-tools.js';

const TEMPLATES = ['template0', 'template1'];

/** Checks what can be known before the dump is read. Fails with the codes of `DbDriver.prepareLoad`. */
export async function prepareLoad(
  request: LoadRequest,
  tools: PostgresTools,
  signal: AbortSignal | undefined,
): Promise<LoadPlan> {
  const { database } = request.connection;
  if (TEMPLATES.includes(database)) {
    throw new DomainError('UNSUPPORTED', `"${database}" is the pattern of new databases and cannot be restored into.`, {
      hint: 'Name another target database.',
    });
  }
  const tool: ToolInfo | undefined = request.format === 'plain' ? undefined : await tools.forRestore(request.tools);
  await using session =
    request.isNew === true
      ? await openOther(request.connection, [database], signal)
      : await PostgresSession.open(request.connection, signal);
  try {
    const server: ServerInfo = await askServerInfo(session);
    await requireWritable(session);
    if (request.isNew === true) return { ...request, server, tool, targetIsEmpty: true, targetBytes: 0, warnings: [] };
    const inPlaceBlockers = await requireRights(session);
    const targetIsEmpty = await isEmptyDatabase(session);
    const targetBytes = await estimateBytes(session);
    const inPlaceWarnings =
      request.staged === true ? [] : [...(await lossesInPlace(session)), ...(await replicationLosses(session))];
    return { ...request, server, tool, targetIsEmpty, targetBytes, inPlaceBlockers, inPlaceWarnings, warnings: [] };
  } catch (error) {
    if (isServerError(error) && error.code === '55P03') throw await lockedOut(session, error);
    throw databaseError(error, `Database "${database}" could not be examined`);
  }
}

async function requireWritable(session: PostgresSession): Promise<void> {
  const { standby } = await session.queryOne<{ standby: boolean }>('SELECT pg_catalog.pg_is_in_recovery() AS standby');
  if (!standby) return;
  throw new DomainError('UNSUPPORTED', 'The server is a standby: nothing can be restored into it.', {
    hint: 'Restore into the primary server.',
  });
}

/**
 * Resolves with what keeps this user from replacing the content of the database in place. A swap replaces the database
 * itself, for which it is enough to own that.
 */
async function requireRights(session: PostgresSession): Promise<string[]> {
  const { database, username } = session.connection;
  const rights = await session.queryOne<{
    superuser: boolean;
    createsDatabases: boolean;
    owns: boolean;
    owner: string;
    blockers: { what: string; owner: string }[];
  }>(
    `SELECT pg_catalog.current_setting('is_superuser') = 'on' AS superuser,
            (SELECT rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user) AS "createsDatabases",
            pg_catalog.pg_has_role(d.datdba, 'USAGE') AS owns, pg_catalog.pg_get_userbyid(d.datdba)::text AS owner,
            (SELECT coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('what', o.what, 'owner', pg_catalog.pg_get_userbyid(o.owner))), '[]') FROM (
              SELECT pg_catalog.format('schema %I', nspname) AS what, nspowner AS owner FROM pg_catalog.pg_namespace
                WHERE nspname !~ '^pg_' AND nspname NOT IN ('information_schema', 'public')
              UNION ALL SELECT pg_catalog.format('extension %I', extname), extowner FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
              UNION ALL SELECT pg_catalog.format('event trigger %I', evtname), evtowner FROM pg_catalog.pg_event_trigger
              UNION ALL SELECT pg_catalog.format('publication %I', pubname), pubowner FROM pg_catalog.pg_publication
              UNION ALL SELECT pg_catalog.format('large object %s', oid), lomowner FROM pg_catalog.pg_largeobject_metadata
            ) o WHERE NOT pg_catalog.pg_has_role(o.owner, 'USAGE')) AS blockers
       FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()`,
  );
  if (rights.superuser) return [];
  if (!rights.owns) {
    throw new DomainError('MISSING_PRIVILEGE', `"${username}" does not own database "${database}".`, {
      hint: `Restore as its owner, ${pg.escapeIdentifier(rights.owner)}, or as a superuser.${await inheritHint(session, [rights.owner])}`,
    });
  }
  if (rights.blockers.length === 0) return [];
  const blocker = `"${username}" may not replace what others own in "${database}": ${someOf(rights.blockers.map(({ what }) => what))}.`;
  const inherit = await inheritHint(
    session,
    rights.blockers.map(({ owner }) => owner),
  );
  if (rights.createsDatabases) return [blocker + inherit];
  throw new DomainError('MISSING_PRIVILEGE', blocker, {
    hint: `Restore as a superuser, or into another database.${inherit}`,
  });
}
