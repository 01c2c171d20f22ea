import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What happens to one request. */
export type S3Fault =
  /** The server never sees it, and an error is the answer. */
  | { kind: 'refused'; status: number; code: string; message?: string; date?: Date }
  /** The connection is reset before the server has all of it. */
  | { kind: 'cut' }
  /** The server does it, and the connection is reset before the answer. */
  | { kind: 'answer lost' }
  /** Nobody answers, and the connection stays. */
  | { kind: 'silent' }
  /** The answer breaks off in the middle. */
  | { kind: 'answer cut' }
  /** The middle of the answer is the end of it, and nothing else shows it. */
  | { kind: 'answer halved' }
  /** Something that is no S3 server answers. */
  | { kind: 'other answer'; text: string }
  /** One bit of the body changes on its way. */
  | { kind: 'flipped' };

/** A request as faults are decided by it: `PUT some/key`, with the query as S3 names its operations. */
export interface S3Request {
  /** `PutObject`, `UploadPart`, `ListObjectsV2`, … as the SDK calls them. */
  readonly operation: string;
  readonly key: string;
  readonly headers: IncomingMessage['headers'];
}

/** Stands between a storage and an S3 server, and does to single requests what networks, proxies and busy servers do. */
export class S3Proxy {
  /** Decides what happens to a request; nothing without it. */
  fault: ((request: S3Request) => S3Fault | undefined) | undefined;
  /** How many objects a page of a list has at most. */
  pageSize: number | undefined;
  readonly requests: S3Request[] = [];
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {}

  static async start(target: number): Promise<S3Proxy> {
    const server = createServer();
    const proxy = new S3Proxy(server, target);
    server.on('request', (near: IncomingMessage, answer: ServerResponse) => {
      proxy.pass(near, answer).catch(() => near.socket.destroy());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Everything is as it should be again. */
  heal(): void {
    this.fault = undefined;
    this.pageSize = undefined;
    this.requests.length = 0;
  }

  /** The next `times` requests of an operation suffer it, those for keys with this ending only. Resolves at the first of them. */
  next(fault: S3Fault, operation: string, { times = 1, ending = '' } = {}): Promise<void> {
    let left = times;
    return new Promise((begins) => {
      this.fault = (seen) => {
        if (left === 0 || seen.operation !== operation || !seen.key.endsWith(ending)) return undefined;
        left -= 1;
        begins();
        return fault;
      };
    });
  }

  async close(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  private async pass(near: IncomingMessage, answer: ServerResponse): Promise<void> {
    const url = new URL(near.url ?? '/', 'http://proxy');
    const seen = {
      operation: url.searchParams.get('x-id') ?? operationOf(near.method ?? '', url),
      key: decodeURIComponent(url.pathname.split('/').slice(2).join('/')),
      headers: near.headers,
    };
    this.requests.push(seen);
    const fault = this.fault?.(seen);
    if (fault?.kind === 'cut') {
      near.once('data', () => near.socket.resetAndDestroy());
      near.once('end', () => near.socket.resetAndDestroy());
      return;
    }
    const body = await buffer(near);
    if (fault?.kind === 'silent') return;
    if (fault?.kind === 'refused') {
      const message = fault.message ?? 'It is refused.';
      const text = `<?xml version="1.0"?><Error><Code>${fault.code}</Code><Message>${message}</Message></Error>`;
      answer.writeHead(fault.status, {
        'content-type': 'application/xml',
        date: (fault.date ?? new Date()).toUTCString(),
      });
      answer.end(near.method === 'HEAD' ? undefined : text);
      return;
    }
    if (fault?.kind === 'other answer') {
      answer.end(fault.text);
      return;
    }
    if (fault?.kind === 'flipped') body[body.length >> 1] = (body[body.length >> 1] ?? 0) ^ 1;
    if (this.pageSize !== undefined && seen.operation === 'ListObjectsV2') {
      url.searchParams.set('max-keys', String(this.pageSize));
    }
    const far = request({
      ...{ host: '127.0.0.1', port: this.target, method: near.method, path: url.pathname + url.search },
      ...{ headers: near.headers, agent: this.agent },
    });
    far.end(body);
    const [response] = (await once(far, 'response')) as [IncomingMessage];
    const whole = await buffer(response);
    if (fault?.kind === 'answer lost') {
      near.socket.resetAndDestroy();
      return;
    }
    const half = whole.subarray(0, whole.length >> 1);
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = response.headers;
    const length = fault?.kind === 'answer halved' ? half.length : (response.headers['content-length'] ?? whole.length);
    answer.writeHead(response.statusCode ?? 500, { ...headers, 'content-length': String(length) });
    if (fault?.kind === 'answer cut') answer.write(half, () => near.socket.resetAndDestroy());
    else if (near.method === 'HEAD') answer.end();
    else answer.end(fault?.kind === 'answer halved' ? half : whole);
  }
}

function operationOf(method: string, { searchParams, pathname }: URL): string {
  if (searchParams.has('uploads')) return method === 'POST' ? 'CreateMultipartUpload' : 'ListMultipartUploads';
  if (searchParams.has('uploadId')) return method === 'POST' ? 'CompleteMultipartUpload' : 'AbortMultipartUpload';
  if (searchParams.has('list-type')) return 'ListObjectsV2';
  return method === 'HEAD' ? (pathname.split('/').length > 2 ? 'HeadObject' : 'HeadBucket') : method;
}
