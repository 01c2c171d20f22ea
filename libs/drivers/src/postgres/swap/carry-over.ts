import pg from 'pg';
import { DomainError } from '@app/domain';
import type { PostgresSession } from '../login/postgres-session.js';
import { effectiveGrants, propertiesOf } from './database-properties.js';
import type { DatabaseProperties } from './database-properties.js';
import { commandsToMatch } from './property-commands.js';

/**
 * Gives `to` owner, rights, settings, limit and comment of another database. In a transaction, as rights are taken before
 * they are given again. UNSUPPORTED when the outcome is not what it should be.
 */
export async function carryOver(session: PostgresSession, from: DatabaseProperties, to: string): Promise<void> {
  const { owner } = await propertiesOf(session, to);
  if (owner !== from.owner) {
    await session.query(`ALTER DATABASE ${pg.escapeIdentifier(to)} OWNER TO ${pg.escapeIdentifier(from.owner)}`);
  }
  for (const command of commandsToMatch(to, from, await propertiesOf(session, to))) await session.query(command);
  const lost = differences(from, await propertiesOf(session, to));
  if (lost.length === 0) return;
  throw new DomainError('UNSUPPORTED', `The database's ${lost.join(' and ')} could not be carried over.`, {
    hint: 'Restore with another strategy, or as a superuser.',
  });
}

function differences(wanted: DatabaseProperties, is: DatabaseProperties): string[] {
  const parts = (properties: DatabaseProperties): Record<string, unknown> => ({
    owner: properties.owner,
    rights: rightsOf(properties),
    settings: [properties.settings, properties.roleSettings],
    'connection limit': properties.connectionLimit,
    comment: properties.comment,
  });
  const found = parts(is);
  return Object.entries(parts(wanted))
    .filter(([part, value]) => JSON.stringify(value) !== JSON.stringify(found[part]))
    .map(([part]) => part);
}

/** Built-in rights mean the same whether they are written down or not, and so do rights in any order. */
function rightsOf(properties: DatabaseProperties): string[] {
  return effectiveGrants(properties)
    .flatMap(({ grantee, grantor, privileges, grantable }) =>
      privileges.map((privilege) => JSON.stringify([grantee, grantor, privilege, grantable.includes(privilege)])),
    )
    .toSorted();
}
