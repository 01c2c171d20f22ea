import type { ConnectionParams, ServerInfo, SslMode, ToolInfo } from '@app/domain';
import { canDumpHistory, dumpArguments, loadArguments, optionFile, optionValue } from './mysql-client-arguments.js';
import type { ClientTls } from './mysql-client-arguments.js';

const tool = (flavour: ToolInfo['flavour'], version: string): ToolInfo => ({
  path: '/usr/bin/client',
  flavour,
  version,
  versionParts: version.split('.').map(Number),
});
const server = (flavour: ServerInfo['flavour'], version: string): ServerInfo => ({
  dbType: 'MySQL',
  flavour,
  version,
  versionParts: version.split('.').map(Number),
});
const connection = (sslMode: SslMode): ConnectionParams => ({
  dbType: 'MySQL',
  host: 'db.example',
  port: 3307,
  database: 'shop',
  username: 'backup',
  password: 's3cret',
  sslMode,
});

const ORACLE = ['5.7.44', '8.0.36', '8.4.3', '9.4.0'];
const MARIADB = ['10.5.29', '10.11.19', '11.4.5', '11.8.2'];

describe('Arguments of a dump', () => {
  const dump = (client: ToolInfo, database = 'shop', dumpHistory = false): string[] =>
    dumpArguments({ tool: client, optionFile: '/run/x.secret', database, dumpHistory });

  it.each([...ORACLE.map((v) => tool('MySQL', v)), ...MARIADB.map((v) => tool('MariaDB', v))])(
    'ask $flavour $version for everything, from one snapshot, and keep the end marker (FAILURES 5, 18, 26, 29)',
    (client) => {
      const args = dump(client);
      expect(args[0]).toBe('--defaults-file=/run/x.secret');
      expect(args).toEqual(
        expect.arrayContaining([
          ...['--single-transaction', '--quick', '--routines', '--events', '--triggers', '--hex-blob'],
          ...['--no-tablespaces', '--default-character-set=utf8mb4'],
        ]),
      );
      expect(args.join(' ')).not.toMatch(
        /--compact|--skip-comments|--databases|--force|--skip-tz-utc|--skip-opt|s3cret/,
      );
    },
  );

  it.each([
    ['MySQL', '5.7.44', ['--set-gtid-purged=OFF']],
    ['MySQL', '8.0.36', ['--set-gtid-purged=OFF', '--column-statistics=0']],
    ['MySQL', '8.4.3', ['--set-gtid-purged=OFF', '--column-statistics=0']],
    ['MySQL', '9.4.0', ['--set-gtid-purged=OFF', '--column-statistics=0']],
    ['MariaDB', '10.5.29', []],
    ['MariaDB', '11.8.2', []],
  ] as const)('give %s %s only the flags that it knows (FAILURES 15, 25)', (flavour, version, own) => {
    const args = dump(tool(flavour, version));
    const special = args.filter((argument) => /gtid|column-statistics|history/.test(argument));
    expect(special).toEqual(own);
  });

  it('ask for the history of versioned tables where that was decided (FAILURES 19)', () => {
    expect(dump(tool('MariaDB', '10.11.19'), 'shop', true)).toContain('--dump-history');
  });

  it.each(['-v', '--help', 'a b', '`', "';"])('take the database name %j for a name', (database) => {
    expect(dump(tool('MariaDB', '10.11.19'), database).slice(-2)).toEqual(['--', database]);
  });

  it.each([
    ['MariaDB', '10.11.19', 'MariaDB', '10.11.4', true],
    ['MariaDB', '11.8.2', 'MariaDB', '11.4.5', true],
    ['MariaDB', '10.6.20', 'MariaDB', '10.11.4', false],
    ['MariaDB', '10.11.19', 'MariaDB', '10.6.1', false],
    ['MySQL', '9.4.0', 'MariaDB', '11.4.5', false],
  ] as const)('%s %s can dump history of %s %s: %s', (flavour, version, of, ofVersion, possible) => {
    expect(canDumpHistory(tool(flavour, version), server(of, ofVersion))).toBe(possible);
  });
});

describe('Arguments of a load', () => {
  it.each([...ORACLE.map((v) => tool('MySQL', v)), ...MARIADB.map((v) => tool('MariaDB', v))])(
    'let $flavour $version obey nothing but SQL, keep comments, and stop at the first error (FAILURES 34, 47)',
    (client) => {
      const args = loadArguments({ tool: client, optionFile: '/run/x.secret', database: '--help' });
      expect(args[0]).toBe('--defaults-file=/run/x.secret');
      expect(args).toEqual(
        expect.arrayContaining(['--binary-mode', '--batch', '--comments', '--local-infile=0', '--database=--help']),
      );
      expect(args).not.toContain('--force');
      expect(args).toContain(client.flavour === 'MariaDB' ? '--loose-sandbox' : '--loose-commands=OFF');
    },
  );
});

describe('The option file', () => {
  const none: ClientTls = { ca: undefined, certificate: undefined, key: undefined, fingerprint: undefined };
  const ca: ClientTls = { ...none, ca: '/run/ca.pem' };
  const caLine = 'ssl-ca="/run/ca.pem"';
  it.each([
    ['MariaDB', 'disable', none, ['skip-ssl', 'skip-ssl-verify-server-cert']],
    ['MariaDB', 'prefer', none, ['ssl', 'skip-ssl-verify-server-cert']],
    ['MariaDB', 'require', none, ['ssl', 'skip-ssl-verify-server-cert']],
    ['MariaDB', 'verify-ca', ca, ['ssl', 'ssl-verify-server-cert', caLine]],
    ['MariaDB', 'verify-ca', { ...ca, fingerprint: 'AB:CD' }, ['ssl', 'skip-ssl-verify-server-cert', 'ssl-fp=AB:CD']],
    ['MariaDB', 'verify-full', ca, ['ssl', 'ssl-verify-server-cert', caLine]],
    ['MySQL', 'disable', none, ['ssl-mode=DISABLED', 'get-server-public-key']],
    ['MySQL', 'prefer', none, ['ssl-mode=PREFERRED', 'get-server-public-key']],
    ['MySQL', 'require', none, ['ssl-mode=REQUIRED', 'get-server-public-key']],
    ['MySQL', 'verify-ca', ca, ['ssl-mode=VERIFY_CA', caLine]],
    ['MySQL', 'verify-full', ca, ['ssl-mode=VERIFY_IDENTITY', caLine]],
  ] as const)('says the TLS mode to %s: %s (FAILURES 28)', (flavour, sslMode, files, lines) => {
    const version = flavour === 'MariaDB' ? '11.4.5' : '8.0.36';
    const text = optionFile(connection(sslMode), tool(flavour, version), files);
    expect(text.split('\n').slice(6)).toEqual([...lines, '']);
    expect(text).toContain('[client]\nuser="backup"\npassword="s3cret"\nhost="db.example"\nport=3307\nprotocol=tcp\n');
  });

  it.each(['MariaDB', 'MySQL'] as const)('names the files of the client certificate to %s', (flavour) => {
    const files = { ...none, certificate: '/run/c.secret', key: '/run/k.secret' };
    const text = optionFile(connection('require'), tool(flavour, '8.0.36'), files);
    expect(text).toContain('\nssl-cert="/run/c.secret"\nssl-key="/run/k.secret"\n');
  });

  it('quotes what would end a value or a line', () => {
    expect(optionValue('a"b\'c\\d\ne\tf #g ; h ')).toBe('"a\\"b\\\'c\\\\d\\ne\\tf #g ; h "');
  });
});
