import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '@app/config';
import type { AppConfig } from '@app/config';
import { BACKUP_JOB, backupJob } from '@app/core';
import { silentLogger } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { resultOf } from '@app/jobs';
import { FakeDriver } from '../../core/src/testing/fake-driver.js';
import { createRuntime } from './create-runtime.js';
import type { Runtime } from './runtime.js';

const shop: ConnectionParams = {
  ...{ dbType: 'PostgreSQL', host: 'db', port: 5432, database: 'shop', username: 'u', password: 'secret' },
  sslMode: 'prefer',
};

class DriverWithoutTools extends FakeDriver {
  override get tools(): FakeDriver['tools'] {
    return { keys: [] } as unknown as FakeDriver['tools'];
  }
}

describe('createRuntime', () => {
  let home: string;
  let config: AppConfig;
  let runtime: Runtime | undefined;

  const create = async (): Promise<Runtime> => {
    const overrides = { drivers: () => [new DriverWithoutTools()] };
    runtime = await createRuntime({ config, logger: silentLogger, overrides });
    return runtime;
  };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'runtime-'));
    config = readEnvironment({}, home);
    runtime = undefined;
  });

  afterEach(async () => {
    await runtime?.close();
    await rm(home, { recursive: true, force: true });
  });

  it('runs jobs after its start, without HTTP', async () => {
    const { connections, queue, start, index } = await create();
    await start();
    const connection = await connections.remember(shop);
    const { id } = await queue.enqueue(backupJob(connection, { kind: 'manual' }));
    const made = BACKUP_JOB.resultOf(resultOf(await queue.ended(id)));
    expect(await index.get(made.id)).toHaveLength(1);
  });

  it('keeps a second one off the same DATA_DIR until it is closed', async () => {
    const first = await create();
    await expect(create()).rejects.toMatchObject({ code: 'BUSY' });
    await first.close();
    await expect(create()).resolves.toBeDefined();
  });

  it('refuses jobs and is not ready once its shutdown has begun', async () => {
    const { connections, queue, shutdown, start, close } = await create();
    await start();
    const connection = await connections.remember(shop);
    expect(shutdown.shuttingDown).toBe(false);
    const closed = close();
    expect(shutdown.shuttingDown).toBe(true);
    expect(shutdown.signal.aborted).toBe(true);
    await expect(queue.enqueue(backupJob(connection, { kind: 'manual' }))).rejects.toMatchObject({
      code: 'SHUTTING_DOWN',
    });
    await closed;
  });

  it('leaves DATA_DIR unlocked when it cannot be created', async () => {
    await writeFile(config.configFile, '[connection');
    await expect(create()).rejects.toMatchObject({ message: expect.stringContaining(config.configFile) as string });
    await rm(config.configFile);
    await expect(create()).resolves.toBeDefined();
  });
});
