import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '@app/process';
import { withMariadbOptions } from '../support/everything.js';
import { FaultFixture } from '../support/fault-fixture.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { startService } from '../support/service-process.js';
import { expectNothingHappened, expectSound } from '../support/soundness.js';

jest.setTimeout(120_000);

describe.each([postgresSide, mariadbSide])('retention, $name', (side) => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(side, { env: { BACKUP_RETENTION_COUNT: '2' } });
  });
  afterAll(async () => {
    await fixture.stop();
  });

  it('FAILURES 41: failed backups evict no good one', async () => {
    const kept = [await fixture.goodBackup(), await fixture.goodBackup()].map(({ id }) => id).toReversed();
    const before = await fixture.before();
    const unwrap = await fixture.wrapTool(side.dumpToolKey, side.dumpToolName, `"$TOOL" "$@"; exit 1`);
    const answers = [await fixture.backup(), await fixture.backup(), await fixture.backup()];
    await unwrap();
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 502]);
    expect((await fixture.backups()).map(({ id }) => id)).toEqual(kept);
    for (const answer of answers.slice(2))
      await expectNothingHappened(fixture, before, answer, { code: 'DUMP_FAILED' });
  });

  it('FAILURES 42: the newest are kept by their time, whatever their names', async () => {
    const first = await fixture.goodBackup({ backup_name: 'zzz' });
    const second = await fixture.goodBackup({ backup_name: 'mmm' });
    const third = await fixture.goodBackup({ backup_name: 'aaa' });
    // Besides the newest that was read back, which stays in any case.
    const kept = (await fixture.backups()).map(({ id }) => id);
    expect(kept.slice(0, 2)).toEqual([third.id, second.id]);
    expect(kept).not.toContain(first.id);
    expect(await fixture.files()).not.toContain(first.filename);
    await expectSound(fixture, await fixture.content());
  });

  it('FAILURES 50: no change of a setting deletes a backup', async () => {
    const files = await fixture.files();
    await fixture.restart('SIGTERM', { BACKUP_RETENTION_COUNT: '1' });
    await fixture.connect();
    const { body } = await fixture.call('GET', '/api/connections');
    const [{ id } = { id: '' }] = body['connections'] as { id: string }[];
    expect(await fixture.call('PATCH', `/api/connections/${id}`, { retention: { keep_last: 1 } })).toMatchObject({
      status: 200,
    });
    await fixture.idle();
    expect(await fixture.files()).toEqual(files);
    expect(await fixture.call('PATCH', `/api/connections/${id}`, { retention: null })).toMatchObject({ status: 200 });
    await fixture.restart('SIGTERM');
    expect(await fixture.files()).toEqual(files);
    await expectSound(fixture, await fixture.content());
  });

  it('FAILURES 51: with catalog, key and settings lost, the backups restore by a new service', async () => {
    const content = await fixture.content();
    const { path } = await fixture.goodBackup();
    await fixture.change();
    const other = await startService({
      ...{ BACKUP_DIR: join(fixture.home, 'backups'), BACKUP_TIMEZONE: 'UTC' },
      // This one would not know of it.
      RESTORE_UNDO_HOURS: '0',
    });
    try {
      await other.post('/api/connect', fixture.login());
      expect(await other.post('/api/restore', { backup_file_path: join(fixture.home, path) })).toMatchObject({
        success: true,
      });
    } finally {
      await other.stop();
    }
    expect(await fixture.content()).toEqual(content);
  });

  it('FAILURES 51: and without any service, by the tools of the database', async () => {
    const content = await fixture.content();
    const { filename } = await fixture.goodBackup();
    await fixture.sql(['create database by_hand']);
    const file = join(fixture.home, 'backups', filename);
    const { host, port, username, password } = fixture.server;
    if (side === postgresSide) {
      const args = ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-h', host, '-p', String(port), '-U', username];
      const child = startProcess({
        command: 'psql',
        args: [...args, '-d', 'by_hand', '-f', file],
        env: { PGPASSWORD: password },
      });
      child.stdout.resume();
      await child.completed;
    } else {
      await withMariadbOptions(fixture.server, async (options) => {
        const child = startProcess({
          command: 'sh',
          args: ['-c', 'exec mariadb "$1" by_hand <"$2"', 'sh', `--defaults-file=${options}`, file],
        });
        child.stdout.resume();
        await child.completed;
      });
    }
    expect(await fixture.content('by_hand')).toEqual(content);
    await fixture.sql(['drop database by_hand']);
    expect((await readdir(join(fixture.home, 'data'))).length).toBeGreaterThan(0);
    await expectSound(fixture, content);
  });
});
