import { open, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isProcessAlive } from '@app/process';
import { descendant } from '../support/child-processes.js';
import { FaultFixture } from '../support/fault-fixture.js';
import type { ListedBackup } from '../support/fault-fixture.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { killServer } from '../support/server-death.js';
import { expectNothingHappened, expectSound } from '../support/soundness.js';

jest.setTimeout(120_000);

const MANIFEST = '.manifest.json';
const GLOBALS = '.globals.sql';

describe.each([postgresSide, mariadbSide])('completeness, $name', (side) => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(side);
  });
  afterAll(async () => {
    await fixture.stop();
  });
  afterEach(async () => {
    fixture.gate.open();
    await fixture.removePlaced();
  });

  const pathOf = ({ filename }: ListedBackup): string => join(fixture.folder, filename);
  const remove = async (backup: ListedBackup): Promise<void> => {
    for (const suffix of ['', MANIFEST, GLOBALS]) await rm(pathOf(backup) + suffix, { force: true });
  };
  /** What a restore of it is refused with; everything else is checked without the file. */
  const expectRefused = async (backup: ListedBackup, code: string | RegExp): Promise<void> => {
    const before = await fixture.before();
    const refusal = await fixture.restore(backup.path);
    const { id = '' } = before.backups.find(({ filename }) => filename === backup.filename) ?? {};
    const checked = await fixture.call('POST', `/api/backups/${id}/verify`, { level: 'stored' });
    await remove(backup);
    expect(checked.body).toMatchObject({ success: false });
    const others = before.backups.filter(({ filename }) => filename !== backup.filename);
    await expectNothingHappened(fixture, { ...before, backups: others }, refusal, { code, status: 422 });
  };

  it('FAILURES 1: a database that is gone is no empty backup, though the pipeline would have written one', async () => {
    await fixture.sql(['create database gone']);
    const { connection } = await fixture.service.post<{ connection: { id: string } }>(
      '/api/connections',
      fixture.login({ database: 'gone' }),
    );
    await fixture.sql(['drop database gone']);
    const before = await fixture.before();
    const answer = await fixture.backup({ connection_id: connection.id, compression: 'zstd' });
    await expectNothingHappened(fixture, before, answer, { code: 'DATABASE_NOT_FOUND' });
  });

  it('FAILURES 1, 5: a tool that exits 0 without having written the end leaves no backup behind', async () => {
    const before = await fixture.before();
    const unwrap = await fixture.wrapTool(
      side.dumpToolKey,
      side.dumpToolName,
      `"$TOOL" "$@" | grep -v -e '${side.endMark}'; exit 0`,
    );
    const answer = await fixture.backup();
    await unwrap();
    await expectNothingHappened(fixture, before, answer, { code: 'DUMP_INCOMPLETE' });
  });

  it('FAILURES 1: a tool that writes nothing and exits 0 leaves no backup behind', async () => {
    const before = await fixture.before();
    const unwrap = await fixture.wrapTool(side.dumpToolKey, side.dumpToolName, 'exit 0');
    const answer = await fixture.backup({ compression: 'zstd' });
    await unwrap();
    await expectNothingHappened(fixture, before, answer, { code: 'DUMP_INCOMPLETE' });
  });

  it('FAILURES 2: a connection lost in the middle of a dump leaves no backup behind', async () => {
    const before = await fixture.before();
    const { answer } = await fixture.hangingBackup();
    fixture.gate.cut();
    await expectNothingHappened(fixture, before, await answer, { code: /^(DUMP_FAILED|CONNECTION_LOST)$/ });
  });

  it('FAILURES 2: a server killed in the middle of a dump leaves no backup behind', async () => {
    const before = await fixture.before();
    const { answer } = await fixture.hangingBackup();
    await killServer(fixture.server);
    fixture.gate.open();
    await expectNothingHappened(fixture, before, await answer, { code: /^(DUMP_FAILED|CONNECTION_LOST)$/ });
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'FAILURES 2: a dump tool ended by %s in the middle leaves no backup behind',
    async (signal) => {
      const before = await fixture.before();
      const { answer } = await fixture.hangingBackup();
      process.kill((await descendant(fixture.service.pid, side.dumpTool)).pid, signal);
      fixture.gate.open();
      await expectNothingHappened(fixture, before, await answer, { code: 'DUMP_FAILED' });
    },
  );

  it('FAILURES 4, 5: a backup cut off is refused and nothing is touched', async () => {
    const cut = await fixture.goodBackup();
    await truncate(pathOf(cut), Math.floor((await stat(pathOf(cut))).size * 0.6));
    await fixture.change();
    await expectRefused(cut, 'BACKUP_DAMAGED');
  });

  it('FAILURES 4, 5: a foreign dump cut off at the end of a line, where its client would see no error, is refused', async () => {
    const whole = await fixture.goodBackup();
    const text = await readFile(pathOf(whole), 'utf8');
    // PostgreSQL: between two rows. MySQL: between two statements.
    const middle = side.name === 'PostgreSQL' ? text.indexOf('\n1500\t') + 1 : text.indexOf('INSERT INTO `customer`');
    expect(middle).toBeGreaterThan(0);
    await fixture.change();
    const file = await fixture.place('cut.sql', text.slice(0, middle));
    const before = await fixture.before();
    await expectNothingHappened(fixture, before, await fixture.restore(file), {
      code: 'BACKUP_INCOMPLETE',
      status: 422,
    });
  });

  it('FAILURES 4: an empty backup, ours or foreign, is refused and nothing is touched', async () => {
    const emptied = await fixture.goodBackup();
    await truncate(pathOf(emptied), 0);
    await fixture.change();
    await expectRefused(emptied, /^(NOT_A_BACKUP|BACKUP_DAMAGED)$/);
    const file = await fixture.place('empty.sql', '');
    const before = await fixture.before();
    const answer = await fixture.restore(file);
    await expectNothingHappened(fixture, before, answer, { code: /^(NOT_A_BACKUP|BACKUP_INCOMPLETE)$/, status: 422 });
  });

  it.each([
    ['its end marker and exits 1', 1],
    ['its end marker and exits 2', 2],
  ])('FAILURES 6: a tool that writes %s leaves no backup behind', async (_title, status) => {
    const before = await fixture.before();
    const unwrap = await fixture.wrapTool(
      side.dumpToolKey,
      side.dumpToolName,
      `"$TOOL" "$@"; echo 'Something was left out' >&2; exit ${status}`,
    );
    const answer = await fixture.backup();
    await unwrap();
    await expectNothingHappened(fixture, before, answer, { code: 'DUMP_FAILED', message: /Something was left out/ });
  });

  it.each([['plain', 'none'], ['plain', 'zstd'], ...(side.name === 'PostgreSQL' ? [['custom', 'none']] : [])])(
    'FAILURES 7: one flipped bit in a backup (%s, %s) is enough to refuse it',
    async (format, compression) => {
      const flipped = await fixture.goodBackup({ format, compression });
      const bytes = await readFile(pathOf(flipped));
      const middle = Math.floor(bytes.length / 2);
      bytes[middle] = (bytes[middle] ?? 0) ^ 16;
      await writeFile(pathOf(flipped), bytes);
      await fixture.change();
      await expectRefused(flipped, 'BACKUP_DAMAGED');
    },
  );

  it('FAILURES 7: two backups whose files were swapped are both refused', async () => {
    const first = await fixture.goodBackup({ backup_name: 'first' });
    await fixture.sql(['update big set body = reverse(body) where i = 5']);
    const second = await fixture.goodBackup({ backup_name: 'second' });
    // Nothing but the hash can tell them apart.
    expect(second.size).toBe(first.size);
    await rename(pathOf(first), `${pathOf(first)}.swapping`);
    await rename(pathOf(second), pathOf(first));
    await rename(`${pathOf(first)}.swapping`, pathOf(second));
    const before = await fixture.before();
    const answers = [await fixture.restore(first.path), await fixture.restore(second.path)];
    await remove(first);
    await remove(second);
    const others = before.backups.filter(({ id }) => id !== first.id && id !== second.id);
    for (const answer of answers) expect(answer).toMatchObject({ status: 422, body: { code: 'BACKUP_DAMAGED' } });
    await expectSound(fixture, before.content);
    expect((await fixture.backups()).map(({ id }) => id)).toEqual(
      expect.arrayContaining(others.slice(0, 2).map(({ id }) => id)),
    );
  });

  it('FAILURES 7: a backup whose manifest is lost is a foreign dump, and restores as one', async () => {
    const bare = await fixture.goodBackup({ backup_name: 'bare' });
    const { content } = await fixture.before();
    await rm(pathOf(bare) + MANIFEST);
    fixture.placed.add(bare.filename).add(bare.filename + GLOBALS);
    await fixture.change();
    expect((await fixture.backups()).find(({ filename }) => filename === bare.filename)).toMatchObject({
      status: 'foreign',
    });
    expect(await fixture.restore(bare.path)).toMatchObject({ status: 200, body: { success: true } });
    await expectSound(fixture, content);
  });

  it.each([
    ['another hash', (text: string) => text.replace(/("sha256": ?")(.)/, (_, start: string) => `${start}_`)],
    ['another verification', (text: string) => text.replace('"level": "stored"', '"level": "restored"')],
    ['no signature', (text: string) => text.replace('"signature"', '"signatura"')],
  ])('54: a backup whose manifest was altered to hold %s is no backup of ours any more', async (title, alter) => {
    const altered = await fixture.goodBackup();
    const { content } = await fixture.before();
    const text = await readFile(pathOf(altered) + MANIFEST, 'utf8');
    expect(alter(text)).not.toBe(text);
    await writeFile(pathOf(altered) + MANIFEST, alter(text));
    for (const suffix of ['', MANIFEST, GLOBALS]) fixture.placed.add(altered.filename + suffix);
    await fixture.change();
    const status = title === 'another hash' ? 'damaged' : 'foreign';
    expect((await fixture.backups()).find(({ filename }) => filename === altered.filename)).toMatchObject({ status });
    if (status === 'damaged') return expectRefused(altered, 'BACKUP_DAMAGED');
    expect(await fixture.restore(altered.path)).toMatchObject({ status: 200, body: { success: true } });
    return expectSound(fixture, content);
  });

  it.each([
    ['no sense', (text: string) => text.slice(0, text.length / 2)],
    ['nothing', () => ''],
  ])(
    'FAILURES 7: a backup whose manifest was altered to hold %s is not taken for a whole one',
    async (_title, alter) => {
      const altered = await fixture.goodBackup();
      const text = await readFile(pathOf(altered) + MANIFEST, 'utf8');
      await writeFile(pathOf(altered) + MANIFEST, alter(text));
      expect(alter(text)).not.toBe(text);
      await fixture.change();
      await expectRefused(altered, 'BACKUP_DAMAGED');
    },
  );

  it('FAILURES 9: a service killed in the middle of a dump leaves nothing of it once it is there again', async () => {
    const before = await fixture.before();
    const { answer } = await fixture.hangingBackup();
    answer.catch(() => undefined);
    const tool = await descendant(fixture.service.pid, side.dumpTool);
    await fixture.restart('SIGKILL');
    fixture.gate.open();
    await expect(answer).rejects.toThrow();
    expect(await fixture.backups()).toMatchObject(before.backups.map(({ id }) => ({ id })));
    await expectSound(fixture, before.content);
    expect(isProcessAlive(tool.pid)).toBe(false);
  });

  if (side.name === 'PostgreSQL') {
    it.each(['SIGTERM', 'SIGKILL'] as const)(
      'FAILURES 7: an archive whose check was ended by %s is not published',
      async (signal) => {
        const before = await fixture.before();
        // The check is over too soon to be caught from outside.
        const unwrap = await fixture.wrapTool('pg_restore_path', 'pg_restore', `kill -${signal.slice(3)} $$; sleep 60`);
        const answer = await fixture.backup({ format: 'custom' });
        await unwrap();
        await expectNothingHappened(fixture, before, answer, { code: 'TOOL_UNUSABLE' });
      },
    );

    it('FAILURES 7: an archive that its tool has cut off, exiting 0, is not published', async () => {
      const before = await fixture.before();
      const unwrap = await fixture.wrapTool('pg_dump_path', 'pg_dump', `"$TOOL" "$@" | head -c 2000; exit 0`);
      const answer = await fixture.backup({ format: 'custom' });
      await unwrap();
      await expectNothingHappened(fixture, before, answer, { code: /^(BACKUP_DAMAGED|DUMP_INCOMPLETE)$/ });
    });
  }
});

/** Backups and catalog on small disks of their own: in a mount namespace, which needs no root. */
describe('completeness, disks that are full', () => {
  const disks = ['backups', 'data'].map((name) => `mkdir ${name} && mount -t tmpfs -o size=32m tmpfs ${name}`);
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(mariadbSide, { prelude: disks.join(' && ') });
  });
  afterAll(async () => {
    await fixture.stop();
  });
  afterEach(() => fixture.gate.open());

  /** Resolves with what makes room again. */
  async function fillDisk(folder: string): Promise<() => Promise<void>> {
    const path = fixture.seen(join(folder, 'ballast'));
    const file = await open(path, 'w');
    for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 16)) {
      const block = Buffer.alloc(size);
      // At the end a write is short, or refused.
      while ((await file.write(block).catch(() => ({ bytesWritten: 0 }))).bytesWritten === size);
    }
    await file.close();
    return () => rm(path);
  }

  it('FAILURES 3: no space for the rest of a dump leaves no part of it behind', async () => {
    const before = await fixture.before();
    const { answer } = await fixture.hangingBackup();
    const makeRoom = await fillDisk('backups');
    fixture.gate.open();
    const told = await answer;
    await makeRoom();
    await expectNothingHappened(fixture, before, told, { code: 'NO_SPACE', status: 507 });
  });

  it('FAILURES 3: no space for the manifest leaves no backup and no part of it behind', async () => {
    // They are all named in the manifest, which takes several pages then.
    const names = Array.from({ length: 80 }, (_, i) => `loose_${i}_${'x'.repeat(50)}`);
    await fixture.sql(names.map((name) => `create table ${name} (i int) engine=MyISAM`));
    const before = await fixture.before();
    // When the whole dump is on disk, and before anybody knows that the tool has succeeded.
    const unwrap = await fixture.wrapTool(
      mariadbSide.dumpToolKey,
      mariadbSide.dumpToolName,
      `"$TOOL" "$@"
       exec >&-
       folder='${join(fixture.home, 'backups')}'
       last=-1
       until [ "$(du -b "$folder" | cut -f1)" = "$last" ]; do last=$(du -b "$folder" | cut -f1); sleep 0.3; done
       dd if=/dev/zero of="$folder/ballast" bs=1k 2>/dev/null
       exit 0`,
    );
    const told = await fixture.backup();
    await unwrap();
    expect(await fixture.files()).toEqual(expect.arrayContaining(['ballast']));
    await rm(fixture.seen('backups/ballast'));
    await expectNothingHappened(fixture, before, told, {
      code: 'NO_SPACE',
      message: /publish|space/,
      status: 507,
    });
    await fixture.sql([`drop table ${names.join(', ')}`]);
  });

  it('FAILURES 3: no space for the catalog: nothing is begun that could not be accounted for', async () => {
    const before = await fixture.before();
    const makeRoom = await fillDisk('data');
    const told = await fixture.backup();
    await makeRoom();
    if (told.status === 200) await expectSound(fixture, before.content);
    else
      await expectNothingHappened(fixture, before, told, {
        code: /^(NO_SPACE|CATALOG_FAILED|CATALOG_UNAVAILABLE|STORAGE_FAILED)$/,
      });
  });

  it('FAILURES 3: no space for the catalog any more while a backup is made: what is published stays', async () => {
    const before = await fixture.before();
    const { answer } = await fixture.hangingBackup({ backup_name: 'published' });
    const makeRoom = await fillDisk('data');
    fixture.gate.open();
    const published = async (): Promise<boolean> =>
      (await fixture.files()).some((name) => /^published.*manifest.json$/.test(name));
    const ended = answer.then(() => true);
    while (!(await published())) if (await Promise.race([ended, delay(50, false)])) break;
    await makeRoom();
    const told = await answer;
    await fixture.idle();
    const listed = (await fixture.backups()).some(({ filename }) => filename.startsWith('published'));
    expect(listed).toBe(await published());
    if (told.status === 200) expect(listed).toBe(true);
    await expectSound(fixture, before.content);
  });
});

describe('completeness, slow sinks', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(mariadbSide, { settings: { 'net-write-timeout': '1' } });
    // The first table that is dumped, with more bytes than all buffers between can hold.
    await fixture.sql([
      'create table a_wide_one (i int primary key, body mediumtext)',
      `insert into a_wide_one select seq, repeat(md5(seq), 8000) from seq_1_to_120`,
    ]);
  });
  afterAll(async () => {
    await fixture.stop();
  });

  it('FAILURES 10: a sink that stands still for longer than the server waits makes no backup, and is named as the reason', async () => {
    const before = await fixture.before();
    const { answer } = await fixture.hangingBackup({ backup_name: 'slow' });
    await delay(3_000);
    fixture.gate.open();
    const told = await answer;
    expect(told.body['hint']).toMatch(/net_write_timeout/);
    await expectNothingHappened(fixture, before, told, { code: 'DUMP_FAILED' });
  });
});
