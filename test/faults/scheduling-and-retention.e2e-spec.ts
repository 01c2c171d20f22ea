import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from '@app/process';
import { withMariadbOptions } from '../support/everything.js';
import { FaultBench } from '../support/fault-bench.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { startService } from '../support/service-process.js';
import { expectNothingHappened, expectSound } from '../support/soundness.js';

jest.setTimeout(120_000);

describe.each([postgresSide, mariadbSide])('retention, $name', (side) => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(side, { env: { BACKUP_RETENTION_COUNT: '2' } });
  });
  afterAll(async () => {
    await bench.stop();
  });

  it('FAILURES 41: failed backups evict no good one', async () => {
    const kept = [await bench.goodBackup(), await bench.goodBackup()].map(({ id }) => id).toReversed();
    const before = await bench.before();
    const unwrap = await bench.wrapTool(side.dumpToolKey, side.dumpToolName, `"$TOOL" "$@"; exit 1`);
    const answers = [await bench.backup(), await bench.backup(), await bench.backup()];
    await unwrap();
    expect(answers.map(({ status }) => status)).toEqual([502, 502, 502]);
    expect((await bench.backups()).map(({ id }) => id)).toEqual(kept);
    for (const answer of answers.slice(2)) await expectNothingHappened(bench, before, answer, { code: 'DUMP_FAILED' });
  });

  it('FAILURES 42: the newest are kept by their time, whatever their names', async () => {
    const first = await bench.goodBackup({ backup_name: 'zzz' });
    const second = await bench.goodBackup({ backup_name: 'mmm' });
    const third = await bench.goodBackup({ backup_name: 'aaa' });
    // Besides the newest that was read back, which stays in any case.
    const kept = (await bench.backups()).map(({ id }) => id);
    expect(kept.slice(0, 2)).toEqual([third.id, second.id]);
    expect(kept).not.toContain(first.id);
    expect(await bench.files()).not.toContain(first.filename);
    await expectSound(bench, await bench.content());
  });

  it('FAILURES 50: no change of a setting deletes a backup', async () => {
    const files = await bench.files();
    await bench.restart('SIGTERM', { BACKUP_RETENTION_COUNT: '1' });
    await bench.connect();
    const { body } = await bench.call('GET', '/api/connections');
    const [{ id } = { id: '' }] = body['connections'] as { id: string }[];
    expect(await bench.call('PATCH', `/api/connections/${id}`, { retention: { keep_last: 1 } })).toMatchObject({
      status: 200,
    });
    await bench.idle();
    expect(await bench.files()).toEqual(files);
    expect(await bench.call('PATCH', `/api/connections/${id}`, { retention: null })).toMatchObject({ status: 200 });
    await bench.restart('SIGTERM');
    expect(await bench.files()).toEqual(files);
    await expectSound(bench, await bench.content());
  });

  it('FAILURES 51: with catalog, key and settings lost, the backups restore by a new service', async () => {
    const content = await bench.content();
    const { path } = await bench.goodBackup();
    await bench.change();
    const other = await startService({
      ...{ BACKUP_DIR: join(bench.home, 'backups'), BACKUP_TIMEZONE: 'UTC' },
      // This one would not know of it.
      RESTORE_UNDO_HOURS: '0',
    });
    try {
      await other.post('/api/connect', bench.login());
      expect(await other.post('/api/restore', { backup_file_path: join(bench.home, path) })).toMatchObject({
        success: true,
      });
    } finally {
      await other.stop();
    }
    expect(await bench.content()).toEqual(content);
  });

  it('FAILURES 51: and without any service, by the tools of the database', async () => {
    const content = await bench.content();
    const { filename } = await bench.goodBackup();
    await bench.sql(['create database by_hand']);
    const file = join(bench.home, 'backups', filename);
    const { host, port, username, password } = bench.server;
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
      await withMariadbOptions(bench.server, async (options) => {
        const child = startProcess({
          command: 'sh',
          args: ['-c', 'exec mariadb "$1" by_hand <"$2"', 'sh', `--defaults-file=${options}`, file],
        });
        child.stdout.resume();
        await child.completed;
      });
    }
    expect(await bench.content('by_hand')).toEqual(content);
    await bench.sql(['drop database by_hand']);
    expect((await readdir(join(bench.home, 'data'))).length).toBeGreaterThan(0);
    await expectSound(bench, content);
  });
});
