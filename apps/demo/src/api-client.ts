import { DemoFailure } from './demo-failure.js';
import { cyan, dim, green, print, red } from './printer.js';

type Body = Record<string, unknown>;

/** Calls the REST API and shows each call as a line for the shell, with the answer below. */
export class ApiClient {
  constructor(
    private readonly url: string,
    private readonly signal: AbortSignal,
  ) {}

  get(path: string): Promise<Body> {
    return this.call(path, { method: 'GET' }, `curl ${this.url}${path}`);
  }

  post(path: string, body: Body): Promise<Body> {
    const shown = JSON.stringify('password' in body ? { ...body, password: '********' } : body);
    return this.call(
      path,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
      `curl -X POST ${this.url}${path} -H 'Content-Type: application/json' -d '${shown.replaceAll("'", `'\\''`)}'`,
    );
  }

  private async call(path: string, request: RequestInit, shown: string): Promise<Body> {
    print(`\n${cyan(`$ ${shown}`)}`);
    const start = Date.now();
    const response = await fetch(`${this.url}${path}`, { ...request, signal: this.signal });
    const body = (await response.json()) as Body;
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    const status = (response.ok ? green : red)(String(response.status));
    print(`${status} ${dim(`in ${seconds} s`)}\n${JSON.stringify(body, null, 2)}`);
    if (!response.ok || body['success'] !== true) throw new DemoFailure(`${path} answered ${response.status}.`);
    return body;
  }
}
