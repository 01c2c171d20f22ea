import type { ConnectionParams, SslMode, TlsMaterial } from '@app/domain';
import { holdLock } from '../database-lock.js';
import type { LockSession } from '../database-lock.js';
import { statementError } from '../mysql/login/mysql-errors.js';
import { databaseError, isConnectionLoss } from '../postgres/login/postgres-errors.js';
import { tlsHint, tlsWords } from './tls-errors.js';

const connection = (sslMode: SslMode, tls: TlsMaterial): ConnectionParams => ({
  ...{ dbType: 'MySQL', host: 'db.example', port: 3306, database: 'shop', username: 'me', password: '' },
  sslMode,
  tls,
});

const alert = Object.assign(new Error('4:error:0A000418:SSL routines:f:tlsv1 alert unknown ca:a.c:9:SSL alert 48\n'), {
  library: 'SSL routines',
  reason: 'tlsv1 alert unknown ca',
});
const wrongName = Object.assign(new Error("Hostname/IP does not match certificate's altnames: Host: a. is not b"), {
  reason: 'Host: a. is not b',
});

it('A fault of TLS is told in words for people', () => {
  expect(tlsWords(alert)).toBe('tlsv1 alert unknown ca');
  expect(tlsWords(wrongName)).toContain('does not match');
  expect(tlsWords(new Error('It ended.'))).toBe('It ended');
});

it.each<[string, Error, SslMode, TlsMaterial, RegExp]>([
  ['its name', wrongName, 'verify-full', {}, /verify-ca/],
  ['our certificate', alert, 'require', { certificate: 'x' }, /authority of the client certificate/],
  ['that we have none', new Error('tlsv13 alert certificate required'), 'require', {}, /Give a client certificate/],
  ['its age', new Error('certificate has expired'), 'verify-ca', {}, /Renew/],
  [
    'its issuer',
    new Error('self-signed certificate in certificate chain'),
    'require',
    { ca: 'x' },
    /authority that issued/,
  ],
  ['its issuer, unknown', new Error('unable to verify the first certificate'), 'verify-ca', {}, /NODE_EXTRA_CA_CERTS/],
  ['anything else', new Error('wrong version number'), 'require', {}, /TLS setup of the server/],
])('A fault of TLS has a hint for %s', (_title, error, sslMode, tls, hint) => {
  expect(tlsHint(error, connection(sslMode, tls))).toMatch(hint);
});

describe('a session of which a record was changed in transit', () => {
  const badRecord = Object.assign(
    new Error('4:error:0A000119:SSL routines:f:decryption failed or bad record mac:a.c:873:\n'),
    {
      code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
      library: 'SSL routines',
      reason: 'decryption failed or bad record mac',
    },
  );

  it('is lost, so that PostgreSQL is asked whether its last command was done', () => {
    expect(isConnectionLoss(badRecord)).toBe(true);
    expect(databaseError(badRecord, 'It could not be swapped')).toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'It could not be swapped: the connection to the server was lost.',
    });
  });

  it('is lost on MySQL, and says so in words for people', () => {
    expect(statementError(badRecord, 'The swap')).toMatchObject({
      code: 'CONNECTION_LOST',
      message: 'The swap failed: decryption failed or bad record mac.',
    });
  });

  it('is told in words for people where it held a lock', async () => {
    const signal = new AbortController().signal;
    const session: LockSession = {
      tryLock: () => Promise.resolve(true),
      holds: () => Promise.reject(badRecord),
      holder: () => Promise.resolve(''),
      destroy: () => undefined,
      close: () => Promise.resolve(),
    };
    await using lock = await holdLock(session, 'shop', { signal, onWaiting: () => undefined });
    await expect(lock.assertHeld()).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('was lost (decryption failed or bad record mac), so') as string,
    });
  });
});
