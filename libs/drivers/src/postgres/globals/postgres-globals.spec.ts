import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionParams, ManifestProperties, ReferencedRole } from '@app/domain';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { PostgresSession } from '../login/postgres-session.js';
import { PostgresDriver } from '../postgres-driver.js';

const runtimeDir = join(tmpdir(), `backup-globals-${randomUUID()}`);
const driver = new PostgresDriver({ runtimeDir });
let server: SandboxServer;
let other: SandboxServer;
let shop: ConnectionParams;

const at = (place: SandboxServer, database: string, username?: string): ConnectionParams => ({
  ...place.connection(database),
  ...(username === undefined ? {} : { username, password: 'x' }),
});

async function sql(connection: ConnectionParams, ...commands: string[]): Promise<Record<string, unknown>[]> {
  await using session = await PostgresSession.open(connection);
  await session.query('RESET search_path');
  let rows: Record<string, unknown>[] = [];
  for (const command of commands) rows = await session.query(command);
  return rows;
}

async function surveyed(
  connection: ConnectionParams,
): Promise<{ properties: ManifestProperties; roles: readonly ReferencedRole[] }> {
  const { properties, roles } = await driver.prepareDump({ connection, format: 'plain', tools: {} });
  if (properties === undefined || roles === undefined) throw new Error('PostgreSQL has properties and roles');
  return { properties, roles };
}

beforeAll(async () => {
  [server, other] = await Promise.all([startPostgres(), startPostgres()]);
  shop = at(server, 'shop');
  await sql(
    at(server, 'postgres'),
    `CREATE ROLE boss LOGIN CREATEDB PASSWORD 'x'`,
    'CREATE ROLE readers NOINHERIT',
    `CREATE ROLE "Odd ""Name" LOGIN CONNECTION LIMIT 3 VALID UNTIL '2030-01-01' IN ROLE readers`,
    'CREATE ROLE stranger LOGIN',
    'CREATE DATABASE shop OWNER boss',
    `COMMENT ON DATABASE shop IS 'the only copy'`,
    'ALTER DATABASE shop CONNECTION LIMIT 17',
    `ALTER DATABASE shop SET search_path TO app, "Odd, path"`,
    `ALTER DATABASE shop SET "app.jwt_secret" TO 'hush'`,
    `ALTER ROLE "Odd ""Name" IN DATABASE shop SET statement_timeout TO '30s'`,
    'REVOKE CONNECT ON DATABASE shop FROM PUBLIC',
    'GRANT CONNECT ON DATABASE shop TO readers WITH GRANT OPTION',
  );
  await sql(shop, 'CREATE TABLE public.t (a int)', 'GRANT SELECT ON public.t TO "Odd ""Name"');
}, 60_000);

afterAll(async () => {
  await Promise.all([server.stop(), other.stop()]);
  await rm(runtimeDir, { recursive: true, force: true });
});

describe('what a dump of PostgreSQL does not carry', () => {
  it('64: a survey holds owner, rights, settings, limit and comment of the database', async () => {
    const { properties } = await surveyed(shop);
    expect(properties).toEqual({
      owner: 'boss',
      grants: [
        expect.objectContaining({ grantee: null, privileges: ['TEMPORARY'] }),
        expect.objectContaining({ grantee: 'boss', grantor: 'boss' }),
        { grantee: 'readers', grantor: 'boss', privileges: ['CONNECT'], grantable: ['CONNECT'] },
      ],
      settings: ['search_path=app, "Odd, path"', 'app.jwt_secret=hush'],
      role_settings: [{ role: 'Odd "Name', settings: ['statement_timeout=30s'] }],
      comment: 'the only copy',
      connection_limit: 17,
    });
  });

  it('64: names the roles that the dump refers to, with those that they are members of, and no others', async () => {
    const { roles } = await surveyed(shop);
    const named = roles.filter(({ name }) => name !== server.connection('x').username);
    expect(named).toEqual([
      {
        name: 'Odd "Name',
        attributes: ['LOGIN'],
        connection_limit: 3,
        valid_until: expect.stringContaining('2030-01-01'),
        member_of: ['readers'],
      },
      { name: 'boss', attributes: ['CREATEDB', 'LOGIN'], connection_limit: -1, valid_until: null, member_of: [] },
      { name: 'readers', attributes: ['NOINHERIT'], connection_limit: -1, valid_until: null, member_of: [] },
    ]);
    // The table belongs to the role that initdb made, of which the server records nothing.
    expect(roles.map(({ name }) => name)).toContain(server.connection('x').username);
  });

  it('64: an account without special rights sees the same', async () => {
    await sql(at(server, 'postgres'), `ALTER ROLE stranger PASSWORD 'x'`, 'GRANT CONNECT ON DATABASE shop TO stranger');
    await sql(shop, 'GRANT SELECT ON public.t TO stranger');
    try {
      const { roles, properties } = await surveyed(at(server, 'shop', 'stranger'));
      expect(roles.map(({ name }) => name)).toContain('stranger');
      expect(properties.comment).toBe('the only copy');
    } finally {
      await sql(shop, 'REVOKE SELECT ON public.t FROM stranger', 'REVOKE CONNECT ON DATABASE shop FROM stranger');
    }
  });

  it('64: applies all of them to another database of the same server', async () => {
    const { properties } = await surveyed(shop);
    await sql(at(server, 'postgres'), 'CREATE DATABASE twin');
    const here = at(server, 'postgres');
    expect(await driver.globals.applyProperties(here, 'twin', properties, { skipOwnership: false })).toEqual([]);
    expect((await surveyed(at(server, 'twin'))).properties).toEqual(properties);
  });

  it('64: leaves out owner and rights where that is asked', async () => {
    const { properties } = await surveyed(shop);
    await sql(at(server, 'postgres'), 'CREATE DATABASE unowned');
    const here = at(server, 'postgres');
    expect(await driver.globals.applyProperties(here, 'unowned', properties, { skipOwnership: true })).toEqual([]);
    expect((await surveyed(at(server, 'unowned'))).properties).toMatchObject({
      owner: here.username,
      grants: null,
      settings: properties.settings,
      comment: 'the only copy',
    });
  });

  it('64: on a server without the roles, applies what it can and names the rest', async () => {
    const { properties, roles } = await surveyed(shop);
    const here = at(other, 'postgres');
    await sql(here, 'CREATE DATABASE shop');
    const names = roles.map(({ name }) => name);
    expect(await driver.globals.missingRoles(here, names)).toEqual(['Odd "Name', 'boss', 'readers']);
    const warnings = await driver.globals.applyProperties(
      here,
      'shop',
      { ...properties, settings: [...properties.settings, 'work_mem=nonsense'] },
      { skipOwnership: false },
    );
    expect(warnings).toEqual([
      'The owner of the database was not restored: there is no role "boss" here.',
      'The rights of these roles on the database were not restored, as they do not exist here: "readers".',
      'The settings of these roles on the database were not restored, as they do not exist here: "Odd "Name".',
      expect.stringMatching(/^A setting of the database was not restored \(ALTER DATABASE "shop" SET "work_mem"\): /),
    ]);
    const { properties: applied } = await surveyed(at(other, 'shop'));
    expect(applied).toMatchObject({ comment: 'the only copy', connection_limit: 17, settings: properties.settings });
    // Nobody may enter any more who was shut out before.
    expect(applied.grants?.find(({ grantee }) => grantee === null)?.privileges).toEqual(['TEMPORARY']);
  });
});

describe('the roles of a PostgreSQL server', () => {
  const signal = new AbortController().signal;

  async function script(passwords: boolean, username?: string): Promise<string> {
    const connection = at(server, 'shop', username);
    const plan = await driver.prepareDump({ connection, format: 'plain', tools: {} });
    return driver.globals.dump(plan, { passwords }, signal);
  }

  it('20: are written by pg_dumpall, with hashes of passwords only where that is asked', async () => {
    expect(await script(false)).not.toContain('SCRAM-SHA-256');
    expect(await script(true)).toMatch(/ALTER ROLE boss WITH .* PASSWORD 'SCRAM-SHA-256/);
  });

  it('20: are written for an account without special rights, and passwords are refused to it', async () => {
    await sql(at(server, 'postgres'), `ALTER ROLE stranger PASSWORD 'x'`, 'GRANT CONNECT ON DATABASE shop TO stranger');
    await sql(shop, 'GRANT SELECT ON public.t TO stranger');
    expect(await script(false, 'stranger')).toContain('CREATE ROLE boss;');
    await expect(script(true, 'stranger')).rejects.toMatchObject({
      code: 'DUMP_FAILED',
      message: expect.stringContaining('permission denied'),
    });
    await sql(shop, 'REVOKE SELECT ON public.t FROM stranger');
  });

  it('20: come back on a server that lacks them, after a dry run that changed nothing', async () => {
    await sql(
      at(server, 'postgres'),
      `COMMENT ON ROLE readers IS 'they''re only; reading'`,
      `ALTER ROLE boss SET search_path TO a, "B c"`,
    );
    const text = await script(true);
    const here = at(other, 'postgres');
    const roles = ['Odd "Name', 'boss', 'readers', here.username];
    const dry = await driver.globals.restoreRoles(here, text, { roles, dryRun: true });
    expect(dry.roles.map(({ name, action }) => [name, action])).toEqual([
      ['Odd "Name', 'create'],
      ['boss', 'create'],
      ['readers', 'create'],
      [here.username, 'exists'],
    ]);
    expect(JSON.stringify(dry)).not.toContain('SCRAM-SHA-256');
    expect(await driver.globals.missingRoles(here, roles)).toEqual(roles.slice(0, 3));

    expect(await driver.globals.restoreRoles(here, text, { roles, dryRun: false })).toEqual(dry);

    const view = `SELECT rolname, rolinherit, rolcreatedb, rolcanlogin, rolconnlimit, rolvaliduntil, rolpassword,
        (SELECT setconfig FROM pg_db_role_setting WHERE setrole = a.oid AND setdatabase = 0) AS settings,
        shobj_description(oid, 'pg_authid') AS comment,
        ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = a.oid) AS groups
      FROM pg_authid a WHERE rolname IN ('Odd "Name', 'boss', 'readers') ORDER BY 1`;
    expect(await sql(here, view)).toEqual(await sql(at(server, 'postgres'), view));
    await expect(driver.probe(at(other, 'postgres', 'boss'))).resolves.toMatchObject({ flavour: 'PostgreSQL' });
  });

  it('20: are made all or none, and the refusal names the role', async () => {
    const here = at(other, 'postgres');
    await sql(
      at(server, 'postgres'),
      'CREATE ROLE first_new',
      'CREATE ROLE second_new SUPERUSER',
      'GRANT first_new TO second_new',
    );
    await sql(here, `CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'x'`);
    const text = await script(false);
    const roles = ['first_new', 'second_new'];
    await expect(
      driver.globals.restoreRoles(at(other, 'postgres', 'maker'), text, { roles, dryRun: false }),
    ).rejects.toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: expect.stringMatching(/^Role "second_new" could not be made: .* No role was made\.$/),
    });
    expect(await driver.globals.missingRoles(here, roles)).toEqual(roles);
  });

  it('20: that the backup does not hold are named', async () => {
    const text = await script(false);
    await expect(
      driver.globals.restoreRoles(at(other, 'postgres'), text, { roles: ['nobody'], dryRun: true }),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      fields: [{ field: 'roles', message: 'not in the backup: nobody' }],
    });
  });
});
