import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { MysqlDriver } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { startTestServer } from './support/given-engine.js';
import { runSql } from './support/run-sql.js';

/** Servers do not unite the grants of an account on several patterns. What we think it may do is compared with what the server shows it. */

jest.setTimeout(180_000);

const PATTERNS = ['shop\\_eu', 'shop_eu', 'shop%', 'shop\\_%', '%', 'shop%eu'];
const PAIRS = PATTERNS.flatMap((one) =>
  PATTERNS.filter((other) => other !== one).map((other) => [one, other] as const),
);
const REST = 'SELECT, LOCK TABLES, SHOW VIEW, EVENT, EXECUTE';
const WITH_TRIGGERS = `${REST}, TRIGGER`;

let server: SandboxServer;
let runtimeDir: string;
let driver: MysqlDriver;
let isMariadb: boolean;

beforeAll(async () => {
  server = await startTestServer('MySQL', {});
  runtimeDir = await mkdtemp(join(tmpdir(), 'mysql-grants-'));
  driver = new MysqlDriver({ runtimeDir, lockTimeoutMs: 5_000 });
  isMariadb = (await driver.probe(server.connection('mysql'))).flavour === 'MariaDB';
  await administer(
    'CREATE DATABASE shop_eu',
    'CREATE TABLE shop_eu.t (a int)',
    'CREATE TRIGGER shop_eu.tr BEFORE INSERT ON shop_eu.t FOR EACH ROW SET @a = 1',
  );
});
afterAll(async () => {
  await server?.stop();
  await rm(runtimeDir, { recursive: true, force: true });
});

const administer = (...statements: string[]) => runSql(server.connection('mysql'), statements);
const grant = (privileges: string, pattern: string, to = `bk@'%'`): string =>
  `GRANT ${privileges} ON \`${pattern}\`.* TO ${to}`;

/** An account with nothing but these grants, and its role `r`. */
async function given(...grants: string[]): Promise<ConnectionParams> {
  await administer(
    `DROP USER IF EXISTS bk@'%'`,
    'DROP ROLE IF EXISTS r',
    `CREATE USER bk@'%' IDENTIFIED BY 'pw'`,
    'CREATE ROLE r',
    ...grants,
    ...(grants.some((text) => text.endsWith(' TO r'))
      ? [`GRANT r TO bk@'%'`, isMariadb ? `SET DEFAULT ROLE r FOR bk@'%'` : `SET DEFAULT ROLE r TO bk@'%'`]
      : []),
  );
  return { ...server.connection('shop_eu'), username: 'bk', password: 'pw' };
}

const showsTrigger = async (account: ConnectionParams): Promise<boolean> =>
  (await runSql(account, ['SHOW TRIGGERS FROM shop_eu'])).length > 0;

async function refusal(connection: ConnectionParams): Promise<DomainError | undefined> {
  try {
    await driver.prepareDump({ connection, format: 'plain', tools: {}, census: 'counts' });
    return undefined;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'MISSING_PRIVILEGE') return error;
    throw error;
  }
}

describe('73: an account with grants on several patterns that match', () => {
  it.each([
    ['of its own', ['', '']],
    ['of a role', [' TO r', ' TO r']],
    ['of its own and of a role', ['', ' TO r']],
  ] as const)('is refused wherever the server shows it no triggers: %s', async (_of, [toOne, toOther]) => {
    const wrong: unknown[] = [];
    let agreed = 0;
    for (const [one, other] of PAIRS) {
      const account = await given(
        grant(WITH_TRIGGERS, one, toOne === '' ? undefined : 'r'),
        grant(REST, other, toOther === '' ? undefined : 'r'),
      );
      const [shown, refused] = [await showsTrigger(account), await refusal(account)];
      if (!shown && refused === undefined) wrong.push([one, other]);
      if (shown === (refused === undefined)) agreed += 1;
    }
    expect(wrong).toEqual([]);
    // Where the server's choice is not known, a grant that may not count is not counted.
    expect(agreed).toBeGreaterThan(PAIRS.length * 0.6);
  });

  it('can be backed up once it has what the refusal asks for', async () => {
    for (const to of [undefined, 'r']) {
      const account = await given(
        grant('ALL PRIVILEGES', 'shop%', to),
        grant(REST, 'shop\\_eu', to),
        grant('SELECT', '%', to),
      );
      for (let asked = 0; asked < 3; asked += 1) {
        const hint = (await refusal(account))?.hint;
        if (hint === undefined) break;
        await administer(/GRANT [^;]+/.exec(hint)?.[0] ?? '');
      }
      expect([await refusal(account), await showsTrigger(account)]).toEqual([undefined, true]);
    }
  });

  it('keeps what MySQL has revoked in part from what it may do everywhere', async () => {
    if (isMariadb) return;
    await administer('SET GLOBAL partial_revokes = ON');
    try {
      const rights = `GRANT ${WITH_TRIGGERS}, PROCESS ON *.* TO bk@'%'`;
      expect(await refusal(await given(rights))).toBeUndefined();
      const account = await given(rights, `REVOKE TRIGGER ON shop_eu.* FROM bk@'%'`);
      expect([await showsTrigger(account), (await refusal(account))?.message]).toEqual([
        false,
        expect.stringContaining('lacks the privilege TRIGGER'),
      ]);
      // Names have no wildcards then.
      const wide = await given(`GRANT ${REST} ON *.* TO bk@'%'`, grant('TRIGGER', 'shop%'));
      expect([await showsTrigger(wide), (await refusal(wide)) === undefined]).toEqual([false, false]);
    } finally {
      await administer("DROP USER bk@'%'", 'SET GLOBAL partial_revokes = OFF');
    }
  });
});
