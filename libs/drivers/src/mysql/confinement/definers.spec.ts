import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { withSession } from '../login/mysql-session.js';
import { hasRightsBeyond } from './definers.js';

jest.setTimeout(60_000);

let server: SandboxServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

it.each([
  ['GRANT ALL ON `shop\\_eu`.* TO d', [], false],
  ['GRANT ALL ON `shop_eu`.* TO d', [], false],
  ['GRANT ALL ON `shop_eu`.* TO d', ['shopXeu'], true],
  ['GRANT ALL ON `shop_eu`.* TO d', ['shop1'], false],
  ['GRANT SELECT ON *.* TO d', [], true],
  ['GRANT SELECT ON `other`.* TO d', [], true],
])(
  '53: what a definer may do beyond "shop_eu" is seen: %s, with the other grants %j: %s',
  async (grant, others, beyond) => {
    await withSession(server.connection('mysql'), {}, async (session) => {
      for (const name of ['shop_eu', ...others]) await session.run(`CREATE DATABASE ${name}`);
      await session.run('CREATE USER d');
      await session.run(grant);
      expect(await hasRightsBeyond(session, 'd@%', ['shop_eu'])).toBe(beyond);
      await session.run('DROP USER d');
      for (const name of ['shop_eu', ...others]) await session.run(`DROP DATABASE ${name}`);
    });
  },
);
