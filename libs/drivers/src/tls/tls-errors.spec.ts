import type { ConnectionParams, SslMode, TlsMaterial } from '@app/domain';
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
