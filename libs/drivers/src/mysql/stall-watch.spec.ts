import { startMariadb } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { SilentProxy } from '../testing/silent-proxy.js';
import { withSession } from './login/mysql-session.js';
import { watchForStall } from './stall-watch.js';

jest.setTimeout(60_000);

const STILL = { progress: () => 0, waitsForOthers: () => false };
let server: SandboxServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server?.stop());

describe('76: a server that is asked whether it works', () => {
  it('is believed to work while it lets no more sessions in', async () => {
    const root = server.connection('mysql');
    await withSession(root, {}, async (session) => {
      await session.run(`CREATE USER few@'%' IDENTIFIED BY 'pw' WITH MAX_USER_CONNECTIONS 1`);
      await session.run(`GRANT ALL ON mysql.* TO few@'%'`);
    });
    const few = { ...root, username: 'few', password: 'pw' };
    await withSession(few, {}, async (session) => {
      const working = session.run('DO SLEEP(3)');
      expect(await watchForStall(few, STILL, 400, AbortSignal.timeout(2_500))).toBeUndefined();
      await working;
    });
  });

  it.each([
    ['has an @ in its name', 'ann@example.com', 'ann@example.com'],
    ['has no name, so that its sessions are hidden from it', '', 'anybody'],
  ])('is believed to work for an account that %s', async (_what, account, username) => {
    const root = server.connection('mysql');
    await withSession(root, {}, async (session) => {
      await session.run(`CREATE USER '${account}'@'%' IDENTIFIED BY 'pw'`);
      await session.run(`GRANT ALL ON mysql.* TO '${account}'@'%'`);
    });
    const connection = { ...root, username, password: 'pw' };
    await withSession(connection, {}, async (session) => {
      const working = session.run('DO SLEEP(3)');
      expect(await watchForStall(connection, STILL, 400, AbortSignal.timeout(2_500))).toBeUndefined();
      await working;
    });
  });

  it('is not waited for without limit when it says nothing', async () => {
    await using proxy = await SilentProxy.start(server);
    proxy.fallSilent();
    const connection = { ...server.connection('mysql'), port: proxy.port };
    expect(await watchForStall(connection, STILL, 400, AbortSignal.timeout(50_000))).toBe('the server does not answer');
  });
});
