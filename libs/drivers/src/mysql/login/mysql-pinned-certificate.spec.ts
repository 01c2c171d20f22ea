import type { PeerCertificate } from 'node:tls';
import type { ConnectionParams, SslMode, ToolInfo } from '@app/domain';
import { pinnedCertificate } from './mysql-pinned-certificate.js';

const shown = { subjectaltname: 'DNS:db.example', subject: { CN: 'db.example' }, fingerprint256: 'AB:CD' };
const session = { serverCertificate: () => shown as unknown as PeerCertificate };

const tool = (flavour: ToolInfo['flavour'], version: string): ToolInfo => ({
  path: '/usr/bin/mariadb',
  flavour,
  version,
  versionParts: version.split('.').map(Number),
});
const connection = (sslMode: SslMode, host: string): ConnectionParams => ({
  ...{ dbType: 'MySQL', port: 3306, database: 'shop', username: 'me', password: '' },
  host,
  sslMode,
});

describe('verify-ca and clients that do not have it (FAILURES 28)', () => {
  it.each<[ToolInfo, SslMode, string, string | undefined]>([
    [tool('MariaDB', '11.4.2'), 'verify-ca', 'db.example', 'AB:CD'],
    [tool('MariaDB', '11.8.6'), 'verify-ca', '10.0.0.1', 'AB:CD'],
    [tool('MariaDB', '10.11.19'), 'verify-ca', 'db.example', undefined],
    [tool('MariaDB', '11.8.6'), 'verify-full', '10.0.0.1', undefined],
    [tool('MariaDB', '11.8.6'), 'require', '10.0.0.1', undefined],
    [tool('MySQL', '8.4.3'), 'verify-ca', '10.0.0.1', undefined],
  ])('are told which certificate to accept where that is possible (case %#)', (client, sslMode, host, pin) => {
    expect(pinnedCertificate(session, connection(sslMode, host), client)).toBe(pin);
  });

  it('an old client is refused where it would fail on the name', () => {
    const attempt = (): unknown =>
      pinnedCertificate(session, connection('verify-ca', '10.0.0.1'), tool('MariaDB', '10.11.19'));
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'UNSUPPORTED',
        message: expect.stringContaining('mariadb 10.11.19 checks'),
        hint: expect.stringContaining('(DNS:db.example), or the client tools of MariaDB 11.4 or newer'),
      }),
    );
  });
});
