import { request } from 'node:http';
import { startService } from '../support/service-process.js';
import type { ServiceProcess } from '../support/service-process.js';
import type { Cost } from './contest.js';
import { cpuSecondsOf, watchMemory } from './usage.js';

/** The built service, as `npm start` runs it, and what its calls cost. */
export class ServiceUnderTest implements AsyncDisposable {
  readonly process: ServiceProcess;

  private constructor(process: ServiceProcess) {
    this.process = process;
  }

  static async start(env: Record<string, string>): Promise<ServiceUnderTest> {
    return new ServiceUnderTest(await startService({ LOG_LEVEL: 'error', ...env }));
  }

  /** The answer to a call that must succeed, however long it takes. */
  call<T>(method: string, path: string, body?: object): Promise<T> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const headers = content === undefined ? {} : { 'content-type': 'application/json' };
      request(this.process.url + path, { method, headers, agent: false })
        .on('response', (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => {
            if (answer.statusCode === 200) resolve(JSON.parse(text) as T);
            else reject(new Error(`${method} ${path} answered ${answer.statusCode}: ${text}`));
          });
        })
        .on('error', reject)
        .end(content);
    });
  }

  /** What one call took, of the service and the tools that it started. */
  async costOf(work: () => Promise<unknown>): Promise<Cost> {
    const { pid } = this.process;
    const before = cpuSecondsOf(pid);
    const memory = watchMemory(pid);
    try {
      await work();
    } finally {
      memory.stop();
    }
    return { cpuSeconds: cpuSecondsOf(pid) - before, peakMemory: memory.stop() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.stop();
  }
}
