import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { systemClock } from '@app/domain';
import type { Clock } from '@app/domain';
import { AppModule } from '../../apps/api/src/app.module.js';
import { CLOCK } from '../../apps/api/src/foundation/tokens.js';
import { configureHttp } from '../../apps/api/src/http/configure-http.js';
import { catalogEnvironment } from './catalog-server.js';

export interface ApiOptions {
  /** In place of the process's. LOG_LEVEL is `silent`, BACKUP_TIMEZONE `UTC` and PORT a free one unless set here. */
  environment?: Readonly<Record<string, string>>;
  /** What `./backups` and `./config.ini` are relative to. Default: a new folder, removed by `close`. */
  workingDirectory?: string;
  clock?: Clock;
}

export interface ApiAnswer {
  status: number;
  /** Parsed JSON. */
  body: Record<string, unknown>;
}

export interface RunningApi {
  readonly url: string;
  readonly workingDirectory: string;
  readonly app: NestExpressApplication;
  /** `body` is sent as JSON; a text goes as it is, with the JSON content type. */
  call(method: string, path: string, body?: unknown): Promise<ApiAnswer>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** Starts the service in this process, on a free port, with everything real. */
export async function startApi(options: ApiOptions = {}): Promise<RunningApi> {
  const given = options.workingDirectory;
  const workingDirectory = given ?? (await mkdtemp(join(tmpdir(), 'api-')));
  const environment = {
    LOG_LEVEL: 'silent',
    BACKUP_TIMEZONE: 'UTC',
    ...(await catalogEnvironment(workingDirectory)),
    ...options.environment,
  };
  const module = await Test.createTestingModule({
    imports: [await AppModule.register({ environment, workingDirectory })],
  })
    .overrideProvider(CLOCK)
    .useValue(options.clock ?? systemClock)
    .compile();
  const app = module.createNestApplication<NestExpressApplication>({ bodyParser: false });
  await configureHttp(app);
  await app.listen(Number(options.environment?.['PORT'] ?? 0), '127.0.0.1');
  const url = await app.getUrl();
  let closed: Promise<void> | undefined;
  return {
    url,
    workingDirectory,
    app,
    call: (method, path, body) => call(url + path, method, body),
    close: () =>
      (closed ??= (async () => {
        await app.close();
        if (given === undefined) await rm(workingDirectory, { recursive: true, force: true });
      })()),
  };
}

async function call(url: string, method: string, body: unknown): Promise<ApiAnswer> {
  const response = await fetch(url, {
    method,
    // No connection is kept for later: it would hold up the end of the service.
    headers: { connection: 'close', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
