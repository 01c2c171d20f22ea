import type { DomainError } from '@app/domain';
import { PostgresFixture } from '../testing/postgres-fixture.js';

jest.setTimeout(60_000);

let fixture: PostgresFixture;

beforeAll(async () => {
  fixture = await PostgresFixture.start();
  await fixture.sql('postgres', `CREATE ROLE "The owner" NOLOGIN; CREATE ROLE between NOLOGIN NOINHERIT`);
});
afterAll(() => fixture?.[Symbol.asyncDispose]());

describe.each([
  ['himself', `NOINHERIT IN ROLE "The owner"`, 'ALTER ROLE "staff_0" INHERIT'],
  ['by way of another', 'INHERIT IN ROLE between', 'GRANT "The owner" TO "staff_1"'],
])('31: whoever is a member of the owner without his rights (%s)', (_what, membership, remedy) => {
  const number = remedy.includes('staff_0') ? 0 : 1;
  const account = { username: `staff_${number}`, password: 'x' };
  const database = `shop_${number}`;
  const hint = (error: unknown): string => (error as DomainError).hint ?? '';
  const prepareLoad = () =>
    fixture.driver.prepareLoad({
      ...{ connection: fixture.at(database, account), format: 'plain', tools: {}, skipOwnership: false },
    });
  const prepareDump = () =>
    fixture.driver.prepareDump({ connection: fixture.at(database, account), format: 'plain', tools: {} });

  beforeAll(async () => {
    await fixture.sql(
      'postgres',
      `GRANT "The owner" TO between; CREATE ROLE ${account.username} LOGIN CREATEDB ${membership} PASSWORD 'x'`,
    );
    await fixture.make(database, 'CREATE TABLE t (); ALTER TABLE t OWNER TO "The owner"', 'OWNER "The owner"');
  });

  it('is told how to get them, for a backup and a restore, and that is enough', async () => {
    const named = `"The owner", but does not inherit the rights: ${remedy}.`;
    const refused = await prepareLoad().catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'MISSING_PRIVILEGE',
      message: expect.stringContaining('does not own') as string,
    });
    expect(hint(refused)).toContain(named);
    expect(hint(await prepareDump().catch((error: unknown) => error))).toContain(`inherit the rights: `);
    await fixture.sql('postgres', `ALTER DATABASE ${database} OWNER TO ${account.username}`);
    await fixture.sql(database, `CREATE SCHEMA s AUTHORIZATION "The owner"`);
    expect((await prepareLoad()).inPlaceBlockers).toEqual([expect.stringContaining(named)]);
    await fixture.sql('postgres', `ALTER DATABASE ${database} OWNER TO "The owner"; ${remedy}`);
    expect((await prepareLoad()).inPlaceBlockers).toEqual([]);
    const dump = await fixture.dump(database, 'plain', account);
    const id = 'm1';
    const incoming = fixture.driver.swap.copyName(database, 'restore', id);
    const outgoing = fixture.driver.swap.copyName(database, 'before', id);
    const connection = fixture.at(database, account);
    await fixture.driver.swap.createStaging(connection, incoming);
    await fixture.load(incoming, dump, {}, account);
    await fixture.driver.swap.swap({
      ...{ connection, incoming, outgoing, signal: new AbortController().signal, journal: () => Promise.resolve() },
    });
    await fixture.driver.swap.dropCopy(connection, outgoing);
  });
});
