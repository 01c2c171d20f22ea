import type { Manifest, ServerInfo } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { VerificationServer } from '../verification/verification-server.js';
import type { FakeDriver } from './fake-driver.js';

/** A verification server that belongs to the fake driver. Tests inject faults by overriding `open`. */
export class FakeVerificationServers {
  /** How many servers are in use. */
  used = 0;
  throwaway = true;
  info: ServerInfo = { dbType: 'PostgreSQL', flavour: 'PostgreSQL', version: '15.9', versionParts: [15, 9] };

  constructor(private readonly driver: FakeDriver) {}

  open(_manifest: Manifest, _signal: AbortSignal): Promise<VerificationServer> {
    const { driver, info, throwaway } = this;
    const connection: ConnectionParams = {
      ...{ dbType: 'PostgreSQL', host: 'verification', port: 1, database: 'postgres', username: 'u', password: '' },
      sslMode: 'disable',
    };
    this.used += 1;
    return Promise.resolve({
      info,
      connection,
      throwaway,
      remedy: 'Mend it.',
      freshDatabase: () => {
        driver.databases.set('verify_1', '');
        return Promise.resolve({ ...connection, database: 'verify_1' });
      },
      [Symbol.asyncDispose]: () => {
        this.used -= 1;
        driver.databases.delete('verify_1');
        return Promise.resolve();
      },
    });
  }
}
