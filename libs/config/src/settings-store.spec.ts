import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SecretBox } from '@app/security';
import { SettingsStore } from './settings-store.js';

describe('SettingsStore', () => {
  let folder: string;
  let path: string;
  let box: SecretBox;
  let store: SettingsStore;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'settings-'));
    path = join(folder, 'config.ini');
    box = new SecretBox(randomBytes(32));
    store = new SettingsStore(path, box);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const connection = {
    dbType: 'PostgreSQL',
    host: 'db.example.com',
    port: 5432,
    database: 'shop; "best"',
    username: 'bob\\;',
    password: 'pä#ss;w"ord=\n1',
    sslMode: 'require',
    connected: true,
  } as const;

  it('starts empty, and writes nothing before the first change', async () => {
    expect(await store.load()).toMatchObject({
      connection: { dbType: undefined, host: undefined, password: undefined, connected: false },
      tools: {},
      scheduler: { running: false },
      passwordFault: undefined,
    });
    expect(await readdir(folder)).toEqual([]);
  });

  it('returns everything that was saved, also to another store with the same key', async () => {
    await store.update((settings) => {
      Object.assign(settings.connection, connection);
      settings.tools = { pg_dump_path: '/opt/my tools/pg_dump' };
      settings.scheduler.running = true;
    });
    const loaded = await new SettingsStore(path, box).load();
    expect(loaded).toEqual({
      connection,
      tools: { pg_dump_path: '/opt/my tools/pg_dump' },
      scheduler: { running: true },
      passwordFault: undefined,
    });
  });

  it('is readable text except for the password, and only its owner can read it', async () => {
    await store.update((settings) => Object.assign(settings.connection, connection));
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(/^; Settings of the database backup service/);
    expect(text).toMatch(/^\[connection\]\ndb_type = PostgreSQL\nhost = db\.example\.com\nport = 5432$/m);
    expect(text).toMatch(/^password = "?sealed:v1:/m);
    expect(text).toMatch(/^connected = yes$/m);
    expect(text).not.toContain('ss;w');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['config.ini']);
  });

  it('keeps the text of a person, and seals a password that was typed in at the next save', async () => {
    await writeFile(
      path,
      '# mine\n[connection]\nhost = a ; note\npassword = typed in\ncolour = blue\n\n[other]\nx = 1\n',
    );
    expect((await store.load()).connection.password).toBe('typed in');
    await store.update((settings) => {
      settings.connection.port = 5433;
    });
    const text = await readFile(path, 'utf8');
    expect(text).toMatch(
      /^# mine\n\[connection\]\nhost = a ; note\npassword = "?sealed:v1:.*\ncolour = blue\nport = 5433\n/,
    );
    expect(text).toContain('[other]\nx = 1\n');
    expect((await store.load()).connection.password).toBe('typed in');
  });

  it('does not seal the same password again at each save', async () => {
    await store.update((settings) => Object.assign(settings.connection, connection));
    const before = await readFile(path, 'utf8');
    await store.update(() => undefined);
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it('forgets a password that is removed', async () => {
    await store.update((settings) => Object.assign(settings.connection, connection));
    await store.update((settings) => {
      settings.connection.password = undefined;
    });
    expect(await readFile(path, 'utf8')).not.toContain('password = ');
    expect((await store.load()).connection).toMatchObject({ host: 'db.example.com', password: undefined });
  });

  it('says that the password was sealed with another key, and keeps it until that key is back', async () => {
    await store.update((settings) => Object.assign(settings.connection, connection));
    const other = new SettingsStore(path, new SecretBox(randomBytes(32)));
    const loaded = await other.load();
    expect(loaded.connection).toMatchObject({ host: 'db.example.com', password: undefined });
    expect(loaded.passwordFault?.message).toMatch(/sealed with another key/);
    await other.update((settings) => {
      settings.connection.port = 5433;
    });
    expect((await store.load()).connection).toMatchObject({ port: 5433, password: connection.password });
    await other.update((settings) => {
      settings.connection.password = 'new';
    });
    expect((await other.load()).connection.password).toBe('new');
  });

  it.each([
    ['[connection]\nhost db.example.com\n', /config\.ini is damaged: line 2 is not/],
    ['[connection]\nport = five\n', /config\.ini is damaged: port must be a number/],
    ['[connection]\ndb_type = Oracle\n', /config\.ini is damaged: db_type must be one of PostgreSQL, MySQL/],
    [Buffer.from([0x5b, 0xff, 0xfe, 0x5d]), /config\.ini is damaged: it is not UTF-8 text/],
  ])('reports a damaged file by its name, and leaves it as it is: %j', async (content, message) => {
    await writeFile(path, content);
    const attempts = [
      () => store.load(),
      () =>
        store.update((settings) => {
          settings.scheduler.running = true;
        }),
    ];
    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'STORAGE_FAILED',
        message: expect.stringMatching(message),
      });
    }
    expect(await readFile(path)).toEqual(Buffer.from(content));
  });

  it('saves nothing when the change fails, and goes on with the next', async () => {
    await store.update((settings) => {
      settings.scheduler.running = true;
    });
    const failing = store.update((settings) => {
      settings.scheduler.running = false;
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect((await store.update(() => undefined)).scheduler.running).toBe(true);
  });

  it('loses none of many simultaneous changes', async () => {
    const keys = ['pg_dump_path', 'pg_restore_path', 'mysqldump_path', 'mysql_path'] as const;
    await Promise.all(
      keys.map((key) =>
        store.update((settings) => {
          settings.tools[key] = `/bin/${key}`;
        }),
      ),
    );
    expect(Object.keys((await store.load()).tools).sort()).toEqual([...keys].sort());
  });

  it('replaces the target of a link, and keeps the link', async () => {
    const real = join(folder, 'real.ini');
    await writeFile(real, '[scheduler]\nrunning = no\n');
    await symlink(real, path);
    await store.update((settings) => {
      settings.scheduler.running = true;
    });
    expect(await readFile(real, 'utf8')).toContain('running = yes');
    expect((await readdir(folder)).sort()).toEqual(['config.ini', 'real.ini']);
  });
});
