import pg from 'pg';
import type { ConnectionParams, DatabaseGrant, ManifestProperties } from '@app/domain';
import { databaseError, isServerError } from '../login/postgres-errors.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { openOther } from '../maintenance-session.js';
import { propertiesOf } from '../swap/database-properties.js';
import type { DatabaseProperties } from '../swap/database-properties.js';
import { commentCommand, grantCommands, settingCommands } from '../swap/property-commands.js';

/** See `ServerGlobals.applyProperties`: each property by itself, so that one that is refused costs no other. */
export async function applyProperties(
  connection: ConnectionParams,
  database: string,
  wanted: ManifestProperties,
  { skipOwnership }: { skipOwnership: boolean },
): Promise<string[]> {
  await using session = await openOther(connection, [database]);
  try {
    return await new PropertyApplication(session, database, wanted).run(skipOwnership);
  } catch (error) {
    throw databaseError(error, `The properties of database "${database}" could not be applied`);
  }
}

export async function missingRoles(session: PostgresSession, names: readonly string[]): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    'SELECT n AS name FROM unnest($1::text[]) WITH ORDINALITY AS t (n, nr) WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = n) ORDER BY nr',
    [names],
  );
  return rows.map(({ name }) => name);
}

class PropertyApplication {
  private readonly warnings: string[] = [];

  constructor(
    private readonly session: PostgresSession,
    private readonly database: string,
    private readonly wanted: ManifestProperties,
  ) {}

  async run(skipOwnership: boolean): Promise<string[]> {
    const { session, database, wanted } = this;
    const missing = new Set(await missingRoles(session, namesIn(wanted)));
    await session.query('BEGIN');
    if (!skipOwnership) {
      await this.owner(missing);
      await this.grants(missing);
    }
    const is = await propertiesOf(session, database);
    const roleSettings = wanted.role_settings.filter(({ role }) => !missing.has(role));
    this.tellMissing(
      'settings',
      wanted.role_settings.map(({ role }) => role).filter((role) => missing.has(role)),
    );
    for (const command of settingCommands(database, { ...is, settings: wanted.settings, roleSettings }, is)) {
      // Without the value, which may be a secret.
      const what = command.replace(/ TO .*$/s, '');
      await this.attempt([command], `A setting of the database was not restored (${what})`);
    }
    const name = pg.escapeIdentifier(database);
    if (wanted.connection_limit !== is.connectionLimit) {
      const limit = `ALTER DATABASE ${name} CONNECTION LIMIT ${wanted.connection_limit}`;
      await this.attempt([limit], 'The connection limit of the database was not restored');
    }
    if (wanted.is_template === true && !is.isTemplate) {
      await this.attempt([`ALTER DATABASE ${name} IS_TEMPLATE true`], 'The database was not made a template again');
    }
    if (wanted.comment !== is.comment) {
      await this.attempt([commentCommand(database, wanted.comment)], 'The comment of the database was not restored');
    }
    await session.query('COMMIT');
    return this.warnings;
  }

  private async owner(missing: ReadonlySet<string>): Promise<void> {
    const { owner } = this.wanted;
    if (missing.has(owner)) {
      this.warnings.push(`The owner of the database was not restored: there is no role "${owner}" here.`);
      return;
    }
    const { owner: now } = await propertiesOf(this.session, this.database);
    if (now === owner) return;
    const command = `ALTER DATABASE ${pg.escapeIdentifier(this.database)} OWNER TO ${pg.escapeIdentifier(owner)}`;
    await this.attempt([command], `The owner of the database was not restored ("${owner}")`);
  }

  /** Gives the new owner what the old one granted or held, where they differ. */
  private async grants(missing: ReadonlySet<string>): Promise<void> {
    const is = await propertiesOf(this.session, this.database);
    const { owner, grants } = this.wanted;
    const asHere = <Role extends string | null>(role: Role): Role | string => (role === owner ? is.owner : role);
    const known = (role: string | null): boolean => role === null || !missing.has(role);
    const translated = grants?.map((grant) => ({
      ...grant,
      grantee: asHere(grant.grantee),
      grantor: asHere(grant.grantor),
    }));
    const possible = translated?.filter(({ grantee, grantor }) => known(grantee) && known(grantor)) ?? null;
    const lost = translated?.filter((grant) => !possible?.includes(grant)).map(roleOf) ?? [];
    this.tellMissing('rights', lost);
    const target: DatabaseProperties = { ...is, grants: possible };
    await this.attempt(grantCommands(this.database, target, is), 'The rights on the database were not restored');
  }

  private tellMissing(what: string, roles: readonly string[]): void {
    if (roles.length === 0) return;
    const names = [...new Set(roles)].map((role) => `"${role}"`).join(', ');
    this.warnings.push(
      `The ${what} of these roles on the database were not restored, as they do not exist here: ${names}.`,
    );
  }

  /** All of them or none; a refusal becomes a warning. */
  private async attempt(commands: readonly string[], failure: string): Promise<void> {
    await this.session.query('SAVEPOINT property');
    try {
      for (const command of commands) await this.session.query(command);
      await this.session.query('RELEASE SAVEPOINT property');
    } catch (error) {
      if (!isServerError(error)) throw error;
      await this.session.query('ROLLBACK TO SAVEPOINT property');
      this.warnings.push(`${failure}: ${error.message}.`);
    }
  }
}

function roleOf({ grantee, grantor }: DatabaseGrant): string {
  return grantee ?? grantor;
}

function namesIn({ owner, grants, role_settings: settings }: ManifestProperties): string[] {
  const granted = (grants ?? []).flatMap(({ grantee, grantor }) => [grantor, ...(grantee === null ? [] : [grantee])]);
  return [...new Set([owner, ...granted, ...settings.map(({ role }) => role)])];
}
