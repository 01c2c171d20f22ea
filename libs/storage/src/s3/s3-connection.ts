import { readFile } from 'node:fs/promises';
import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3';
import { DomainError, errorCodeOf, retry } from '@app/domain';
import { S3Error, SILENT } from './s3-error.js';
import type { S3Settings } from './s3-settings.js';
import type { S3Tuning } from './s3-tuning.js';

export type Sdk = typeof import('@aws-sdk/client-s3');

/** A request to the server: the SDK, its client, and what the client must be given to end the request. */
export type S3Work<T> = (
  sdk: Sdk,
  client: S3Client,
  options: { readonly abortSignal: AbortSignal },
  /** Whether an earlier attempt may have been carried out though it failed. */
  uncertain: boolean,
) => Promise<T>;

export interface S3RequestOptions {
  /** The end of "Could not …". */
  readonly step: string;
  readonly key?: string | undefined;
  /** How often it is tried at most. Default: that of the tuning. */
  readonly attempts?: number;
  /** How long an attempt may take. Default: that of the tuning. */
  readonly limitMs?: number;
  readonly signal?: AbortSignal | undefined;
}

const CONNECT_MS = 10_000;
/** How often a server may be silent. Each time takes long. */
const SILENT_ATTEMPTS = 3;

/** Sends requests with limits and retries. It loads the SDK, which takes 12 to 18 MB of memory, for the first request only. */
export class S3Connection {
  private loaded: Promise<{ sdk: Sdk; client: S3Client }> | undefined;
  private secrets: readonly string[] = [];

  constructor(
    private readonly settings: S3Settings,
    private readonly tuning: S3Tuning,
  ) {
    const { credentials } = settings;
    if (credentials.from === 'settings') {
      this.secrets = [credentials.secretAccessKey, credentials.sessionToken].filter((secret) => secret !== undefined);
    }
  }

  /**
   * Does `work`, again where it failed for a reason that may pass, so that it must be the same when it is done twice. Rejects with
   * {@link S3Error}; with the reason of the signal when that was aborted.
   */
  async request<T>(options: S3RequestOptions, work: S3Work<T>): Promise<T> {
    const { step, key, signal } = options;
    const { bucket } = this.settings;
    let silences = 0;
    let uncertain = false;
    return retry(
      async () => {
        signal?.throwIfAborted();
        try {
          return await this.attempt(options, work, uncertain);
        } catch (raw) {
          signal?.throwIfAborted();
          if (raw instanceof DomainError) throw raw;
          const error = new S3Error(raw, { step, bucket, key }, this.secrets);
          if (error.reason === SILENT || error.reason === 'TimeoutError') silences += 1;
          uncertain ||= error.uncertain;
          throw error;
        }
      },
      {
        attempts: options.attempts ?? this.tuning.attempts,
        isTransient: (error) => error instanceof S3Error && error.transient && silences < SILENT_ATTEMPTS,
        pauseMs: this.tuning.pauseMs,
        ...(signal === undefined ? {} : { signal }),
      },
    );
  }

  private async attempt<T>(options: S3RequestOptions, work: S3Work<T>, uncertain: boolean): Promise<T> {
    const { signal, limitMs = this.tuning.attemptMs } = options;
    const ended = new AbortController();
    const end = (): void => ended.abort();
    const timer = setTimeout(end, limitMs);
    signal?.addEventListener('abort', end, { once: true });
    try {
      const aborted = new Promise<never>((_, reject) => {
        ended.signal.addEventListener('abort', () => reject(silence(limitMs)), { once: true });
      });
      const answer = this.load().then(({ sdk, client }) => work(sdk, client, { abortSignal: ended.signal }, uncertain));
      // Whatever ends it first, the other must not be an unhandled rejection. The client waits for credentials without the signal.
      answer.catch(() => undefined);
      return await Promise.race([answer, aborted]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
    }
  }

  /** A failure, as of a file that is not there, is not kept: the next request tries again. */
  private load(): Promise<{ sdk: Sdk; client: S3Client }> {
    this.loaded ??= this.connect().catch((error: unknown) => {
      this.loaded = undefined;
      throw error;
    });
    return this.loaded;
  }

  private async connect(): Promise<{ sdk: Sdk; client: S3Client }> {
    const { settings } = this;
    const [sdk, transport, credentials] = await Promise.all([
      import('@aws-sdk/client-s3'),
      this.transport(),
      this.credentials(),
    ]);
    const client = new sdk.S3Client({
      region: settings.region,
      forcePathStyle: settings.pathStyle,
      credentials,
      requestHandler: transport,
      // Requests are repeated above, where it is known which may be.
      maxAttempts: 1,
      // Ours are made of whole buffers. Artifacts are compared with their own hash when they are read.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      // It would take a new connection for each part.
      expectContinueHeader: false,
      followRegionRedirects: false,
      ...(settings.endpoint === undefined ? {} : { endpoint: settings.endpoint }),
    });
    return { sdk, client };
  }

  private async transport(): Promise<NonNullable<S3ClientConfig['requestHandler']>> {
    const [{ NodeHttpHandler }, { S3Transport }, { Agent }, ca] = await Promise.all([
      import('@smithy/node-http-handler'),
      import('./s3-transport.js'),
      import('node:https'),
      this.settings.caFile === undefined ? undefined : this.fileOf(this.settings.caFile, 'ca_file'),
    ]);
    const handlers = [this.settings.silenceMs, 0].map(
      (socketTimeout) =>
        new NodeHttpHandler({
          connectionTimeout: Math.min(CONNECT_MS, this.settings.silenceMs),
          socketTimeout,
          ...(ca === undefined ? {} : { httpsAgent: new Agent({ keepAlive: true, maxSockets: 50, ca }) }),
        }),
    ) as [InstanceType<typeof NodeHttpHandler>, InstanceType<typeof NodeHttpHandler>];
    return new S3Transport(...handlers);
  }

  private async credentials(): Promise<NonNullable<S3ClientConfig['credentials']>> {
    const { credentials } = this.settings;
    if (credentials.from === 'settings') {
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
    }
    if (credentials.from === 'secret file') {
      const secretAccessKey = (await this.fileOf(credentials.secretFile, 'secret_access_key_file')).trim();
      if (secretAccessKey === '') throw unusable('secret_access_key_file', 'is empty');
      this.secrets = [secretAccessKey];
      return { accessKeyId: credentials.accessKeyId, secretAccessKey };
    }
    const { defaultProvider } = await import('@aws-sdk/credential-provider-node');
    if (credentials.from === 'default') return defaultProvider();
    const { file, profile } = credentials;
    return defaultProvider({ profile: profile ?? 'default', ...(file === undefined ? {} : { filepath: file }) });
  }

  private async fileOf(path: string, field: string): Promise<string> {
    return readFile(path, 'utf8').catch((error: unknown) => {
      throw unusable(field, `cannot be read (${errorCodeOf(error) ?? 'unknown fault'})`);
    });
  }
}

function unusable(field: string, fault: string): DomainError {
  return new DomainError('STORAGE_FAILED', `The file that ${field} names ${fault}.`, {
    hint: 'Name a file that the service may read.',
  });
}

/** The error of a server that did not answer in time. */
export function silence(limitMs: number): Error {
  const error = new Error(`the server did not answer within ${limitMs / 1000} s`);
  error.name = SILENT;
  return error;
}
