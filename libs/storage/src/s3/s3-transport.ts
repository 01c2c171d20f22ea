import { errorCodeOf, messageOf } from '@app/domain';
import type { NodeHttpHandler } from '@smithy/node-http-handler';

type HandleParameters = Parameters<NodeHttpHandler['handle']>;

/**
 * Ends a connection on which nothing moves. Two requests may be silent for longer: that which puts an object together of its parts,
 * for which some servers copy all of them, and the reading of an object, which waits for whoever takes the bytes. These have limits of
 * their own, see `S3Bucket`.
 */
export class S3Transport {
  constructor(
    private readonly impatient: NodeHttpHandler,
    private readonly patient: NodeHttpHandler,
  ) {}

  async handle(...[request, options]: HandleParameters): ReturnType<NodeHttpHandler['handle']> {
    const { method, query } = request;
    const isCompletion = method === 'POST' && query['uploadId'] !== undefined;
    const isReading = method === 'GET' && query['x-id'] === 'GetObject';
    try {
      return await (isCompletion || isReading ? this.patient : this.impatient).handle(request, options);
    } catch (error) {
      // The code is what decides about another attempt, and the SDK may put a wrapper around an error of Node.
      const name = error instanceof Error ? error.name : 'Error';
      throw Object.assign(new Error(messageOf(error)), { name, code: errorCodeOf(error) });
    }
  }

  destroy(): void {
    this.impatient.destroy();
    this.patient.destroy();
  }

  updateHttpClientConfig(...parameters: Parameters<NodeHttpHandler['updateHttpClientConfig']>): void {
    this.impatient.updateHttpClientConfig(...parameters);
    this.patient.updateHttpClientConfig(...parameters);
  }

  httpHandlerConfigs(): ReturnType<NodeHttpHandler['httpHandlerConfigs']> {
    return this.impatient.httpHandlerConfigs();
  }
}
