import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { SupervisedProcess, noteTime } from '@app/sandbox';
import { runProcess } from '@app/process';
import type { StorageSettings } from '@app/storage';

/** Two servers that have nothing in common, so that a mistake of one is no promise of the other. */
export const S3_SERVERS = ['moto', 'fauxqs'] as const;
export type S3ServerName = (typeof S3_SERVERS)[number];

const ROOT = join(__dirname, '../..');
/** Slow machines included. */
const FETCHED_WITHIN_MS = 600_000;
const READY_WITHIN_MS = 30_000;
const POLL_MS = 50;
const ACCESS_KEY = 'AKIATESTTESTTESTTEST';

/** An S3 server with its own port and folder, which ends with the tests. */
export class S3Server implements AsyncDisposable {
  readonly secret = 'a secret that only servers and settings know';
  private buckets = 0;

  private constructor(
    readonly name: S3ServerName,
    readonly port: number,
    private readonly process: SupervisedProcess,
  ) {}

  static async start(name: S3ServerName): Promise<S3Server> {
    const since = performance.now();
    const port = await freePort();
    const process = new SupervisedProcess({ name, ...(await COMMANDS[name](port)) });
    const server = new S3Server(name, port, process);
    try {
      await server.untilReady();
    } catch (error) {
      await server.stop();
      throw new Error(`${name} did not start. Its log ends with:\n${process.log}`, { cause: error });
    }
    noteTime(name, since);
    return server;
  }

  /** The folder in which it has its objects and parts. */
  get folder(): string {
    return join(this.process.directory, 'data');
  }

  /** Returns a client of the tests, which knows nothing of the storage under test. */
  client(): S3Client {
    return new S3Client({
      endpoint: `http://127.0.0.1:${this.port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: ACCESS_KEY, secretAccessKey: this.secret },
      requestChecksumCalculation: 'WHEN_REQUIRED',
    });
  }

  /** Makes a bucket, and returns its settings. `port` is that of a proxy before the server. */
  async bucket(port = this.port): Promise<StorageSettings & { bucket: string }> {
    this.buckets += 1;
    const bucket = `bucket-${this.buckets}`;
    const client = this.client();
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
    client.destroy();
    return {
      ...{ bucket, endpoint: `http://127.0.0.1:${port}` },
      ...{ access_key_id: ACCESS_KEY, secret_access_key: this.secret },
    };
  }

  stop(): Promise<void> {
    return this.process.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async untilReady(): Promise<void> {
    const ended = this.process.ended.then(() => true);
    const deadline = Date.now() + READY_WITHIN_MS;
    for (;;) {
      try {
        await fetch(`http://127.0.0.1:${this.port}/`);
        return;
      } catch (error) {
        if (await Promise.race([ended, sleep(POLL_MS, false)])) throw new Error('it exited', { cause: error });
        if (Date.now() > deadline) throw error;
      }
    }
  }
}

type Command = Pick<ConstructorParameters<typeof SupervisedProcess>[0], 'steps' | 'env'>;

const COMMANDS: Record<S3ServerName, (port: number) => Promise<Command>> = {
  async moto(port) {
    const script = join(ROOT, 'scripts/fetch-engine.mjs');
    const fetching = { command: process.execPath, args: [script, 'moto'], timeoutMs: FETCHED_WITHIN_MS };
    const { home } = JSON.parse((await runProcess(fetching)).stdout) as { home: string };
    const python = join(home, 'usr/bin/python3');
    const command = [python, '-I', '-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)];
    return { steps: () => [{ command, stopSignal: 'KILL' }] };
  },
  fauxqs(port) {
    const command = [process.execPath, join(ROOT, 'node_modules/fauxqs/dist/server.js')];
    return Promise.resolve({
      steps: () => [{ command, stopSignal: 'KILL' }],
      env: {
        ...{ FAUXQS_PORT: String(port), FAUXQS_HOST: '127.0.0.1', FAUXQS_LOGGER: 'false' },
        FAUXQS_S3_STORAGE_DIR: 'data',
      },
    });
  },
};

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen({ host: '127.0.0.1', port: 0, exclusive: true }, resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}
