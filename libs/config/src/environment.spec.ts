import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DomainError } from '@app/domain';
import { EnvironmentVariables } from './environment-variables.js';
import { isLoopback, readEnvironment } from './environment.js';

function faultsOf(environment: Record<string, string>): Record<string, string> {
  try {
    readEnvironment(environment);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return Object.fromEntries((error.fields ?? []).map(({ field, message }) => [field, message]));
  }
  return {};
}

describe('readEnvironment', () => {
  it('has the defaults of the specification when nothing is set', () => {
    expect(readEnvironment({ BACKUP_TIMEZONE: 'Europe/Berlin' }, '/srv/app')).toEqual({
      host: '127.0.0.1',
      port: 5002,
      workingDirectory: '/srv/app',
      dataDir: '/srv/app/data',
      runtimeDir: '/srv/app/data/runtime',
      backupDir: './backups',
      allowedBackupDirs: [],
      configFile: '/srv/app/config.ini',
      secretKeyFile: '/srv/app/data/secret.key',
      backup: {
        format: 'plain',
        compression: 'none',
        globals: 'roles',
        retentionCount: 3,
        verification: 'stored',
        scheduledVerification: 'stored',
      },
      verify: { folder: '/srv/app/data/scratch', compare: 'content', servers: {} },
      restore: { undoHours: 24, maxRatio: 1000 },
      schedule: { expression: '0 0 * * 6', timezone: 'Europe/Berlin', catchUpMs: 86_400_000, overdueAfterDays: 7 },
      catalog: { file: '/srv/app/data/catalog.sqlite' },
      jobConcurrency: 2,
      adminPassword: undefined,
      corsOrigins: [],
      allowedHosts: [],
      trustProxy: false,
      logLevel: 'info',
      shutdownGraceMs: 30_000,
    });
  });

  it('reads every variable that is set', () => {
    const config = readEnvironment(
      {
        HOST: '0.0.0.0',
        PORT: '8080',
        DATA_DIR: '/var/lib/backup',
        BACKUP_DIR: '/srv/backups',
        BACKUP_ALLOWED_DIRS: '/mnt/a, ./b',
        CONFIG_FILE: 'etc/config.ini',
        SECRET_KEY_FILE: '/run/secrets/key',
        BACKUP_FORMAT: 'Custom',
        BACKUP_COMPRESSION: 'zstd',
        BACKUP_RETENTION_COUNT: '7',
        SCHEDULE_VERIFICATION: 'Restored',
        VERIFY_COMPARE: 'Counts',
        VERIFY_POSTGRES_URL: 'postgres://verifier:p%40ss@[::1]/maintenance?sslmode=require',
        VERIFY_MYSQL_URL: 'mysql://root:@db',
        ENGINES_DIR: 'engines',
        BACKUP_SCHEDULE: '30 2 * * *',
        SCHEDULE_CATCH_UP_HOURS: '0',
        CATALOG_URL: 'postgres://backup:hunter2@db:5432/catalog',
        JOB_CONCURRENCY: '8',
        ADMIN_PASSWORD: ' keeps its spaces ',
        CORS_ORIGINS: 'https://a.example, http://localhost:3000',
        ALLOWED_HOSTS: 'Backup.example.com',
        TRUST_PROXY: '1',
        LOG_LEVEL: 'DEBUG',
        SHUTDOWN_GRACE_SECONDS: '0',
      },
      '/srv/app',
    );
    expect(config).toMatchObject({
      host: '0.0.0.0',
      port: 8080,
      runtimeDir: '/var/lib/backup/runtime',
      backupDir: '/srv/backups',
      allowedBackupDirs: ['/mnt/a', './b'],
      configFile: '/srv/app/etc/config.ini',
      secretKeyFile: '/run/secrets/key',
      backup: {
        format: 'custom',
        compression: 'zstd',
        retentionCount: 7,
        verification: 'stored',
        scheduledVerification: 'restored',
      },
      verify: {
        servers: {
          PostgreSQL: {
            ...{ dbType: 'PostgreSQL', host: '::1', port: 5432, database: 'maintenance' },
            ...{ username: 'verifier', password: 'p@ss', sslMode: 'require' },
          },
          MySQL: {
            ...{ dbType: 'MySQL', host: 'db', port: 3306, database: '' },
            ...{ username: 'root', password: '', sslMode: 'prefer' },
          },
        },
      },
      schedule: { expression: '30 2 * * *', catchUpMs: 0 },
      catalog: { url: 'postgres://backup:hunter2@db:5432/catalog' },
      jobConcurrency: 8,
      adminPassword: ' keeps its spaces ',
      corsOrigins: ['https://a.example', 'http://localhost:3000'],
      allowedHosts: ['backup.example.com'],
      trustProxy: 1,
      logLevel: 'debug',
      shutdownGraceMs: 0,
    });
  });

  it('treats an empty value as unset, and ignores variables of other programs', () => {
    expect(readEnvironment({ PORT: '', HOST: ' ', ADMIN_PASSWORD: '', PATH: '/bin', PORTS: 'x' })).toMatchObject({
      host: '127.0.0.1',
      port: 5002,
      adminPassword: undefined,
    });
  });

  it('uses the zone of TZ for the schedule, unless that has its own', () => {
    const zone = (environment: Record<string, string>): string => readEnvironment(environment).schedule.timezone;
    expect(zone({ TZ: 'Asia/Gaza' })).toBe('Asia/Gaza');
    expect(zone({ TZ: 'Asia/Gaza', BACKUP_TIMEZONE: 'Europe/Berlin' })).toBe('Europe/Berlin');
    expect(zone({ TZ: ':/etc/localtime' })).toBe(new Intl.DateTimeFormat().resolvedOptions().timeZone);
  });

  it('documents every variable in .env.example, with its default', () => {
    const lines = readFileSync('.env.example', 'utf8')
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line));
    const documented = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2) as [string, string]));
    expect(Object.keys(documented).toSorted()).toEqual(Object.keys(new EnvironmentVariables()).toSorted());
    expect(readEnvironment(documented)).toEqual(readEnvironment({}));
  });

  it('documents every variable in the configuration table of the README, with its default', () => {
    const [, section = ''] = /^## Configuration\n(.*?)^## /ms.exec(readFileSync('README.md', 'utf8')) ?? [];
    const rows = section.split('\n').flatMap((line) => {
      const [, names, defaults, text] = /^\|\s*(`[A-Z].*?)\s*\|\s*(.*?)\s*\|\s*(.*?)\s*\|$/.exec(line) ?? [];
      if (names === undefined || defaults === undefined || text === undefined) return [];
      return [
        { names: names.split(', ').map((name) => name.replaceAll('`', '')), defaults: defaults.split(', '), text },
      ];
    });
    const variables = Object.entries(new EnvironmentVariables());
    // `_FILE` stands for the variable of each name in the row with that suffix.
    const named = rows.flatMap(({ names, text }) => [
      ...names,
      ...(text.includes('`…_FILE`') ? names.map((name) => `${name}_FILE`) : []),
    ]);
    expect(named.toSorted()).toEqual(variables.map(([name]) => name).toSorted());
    for (const [name, value] of variables) {
      const row = rows.find(({ names }) => names.includes(name));
      if (row === undefined) continue;
      const shown = row.defaults[row.names.indexOf(name)] ?? row.defaults[0];
      // The table says in words what holds where a variable has no value of its own.
      const words = value === undefined || Array.isArray(value) ? /^[^`]|^`[^`]*`./ : undefined;
      if (words === undefined) expect(`${name}: ${shown}`).toBe(`${name}: \`${String(value)}\``);
      else expect(shown).toMatch(words);
    }
  });

  it('names every error at once: the variable, the value, and what would be right', () => {
    const environment = { PORT: 'http', BACKUP_FORMAT: 'tar', BACKUP_SCHEDULE: '0 0 30 2 *', LOG_LEVEL: 'loud' };
    expect(() => readEnvironment(environment)).toThrow(/^4 settings are wrong:\n {2}- PORT is "http"/);
    expect(faultsOf(environment)).toEqual({
      PORT: 'PORT is "http": must be a whole number from 0 to 65535. Default: 5002.',
      BACKUP_FORMAT: 'BACKUP_FORMAT is "tar": must be one of plain, custom. Default: plain.',
      BACKUP_SCHEDULE:
        'BACKUP_SCHEDULE is "0 0 30 2 *": "0 0 30 2 *" is not a cron expression that ever comes due. ' +
        'Default: 0 0 * * 6, which is each Saturday at midnight.',
      LOG_LEVEL: 'LOG_LEVEL is "loud": must be one of fatal, error, warn, info, debug, trace, silent. Default: info.',
    });
  });

  it.each([
    ['PORT', ['65536', '-1', '1.5', '5002x', '1e3']],
    ['HOST', ['http://x', 'a b', '-x']],
    ['BACKUP_RETENTION_COUNT', ['0', '-3', 'all']],
    ['BACKUP_SCHEDULE', ['daily at noon', '99 * * * *', '* * *']],
    ['BACKUP_TIMEZONE', ['Mars/Olympus', 'CEST+1']],
    ['AUTH_DISABLED', ['maybe']],
    ['CORS_ORIGINS', ['*', 'example.com', 'https://a.example/path', 'https://a.example,ftp://b']],
    ['ALLOWED_HOSTS', ['https://a.example', 'a.example:80', '*']],
    ['TRUST_PROXY', ['true', 'proxy', '10.0.0.0/33']],
    ['SHUTDOWN_GRACE_SECONDS', ['soon']],
    ['SCHEDULE_CATCH_UP_HOURS', ['-1', 'a day', '8761']],
    ['OVERDUE_AFTER_DAYS', ['0', 'a week', '3651']],
    ['JOB_CONCURRENCY', ['0', '65', 'many']],
    ['BACKUP_VERIFICATION', ['tested', 'none']],
    ['SCHEDULE_VERIFICATION', ['always']],
    ['VERIFY_COMPARE', ['nothing']],
    [
      'VERIFY_POSTGRES_URL',
      ['db', 'mysql://u:p@h', 'postgres://h', 'postgres://u:%zz@h', 'postgres://u:p@h?sslmode=no'],
    ],
    ['VERIFY_MYSQL_URL', ['mysql:', 'postgres://u:p@h/db', 'mysql://u:p@h/?x=1']],
    ['CATALOG_URL', ['catalog.sqlite', 'mysql://u:p@h/db', 'postgres://h', 'postgres:///db']],
  ])('refuses a wrong %s', (name, values) => {
    for (const value of values) expect(Object.keys(faultsOf({ [name]: value }))).toEqual([name]);
  });

  it('refuses to be reachable from other machines without a password, unless a setting permits it', () => {
    for (const HOST of ['0.0.0.0', '::', '192.168.1.5', 'db.example.com']) {
      expect(faultsOf({ HOST })['HOST']).toMatch(/Set ADMIN_PASSWORD or ADMIN_PASSWORD_FILE, or HOST=127\.0\.0\.1/);
      expect(faultsOf({ HOST, ADMIN_PASSWORD: 'x' })).toEqual({});
      expect(faultsOf({ HOST, AUTH_DISABLED: 'true' })).toEqual({});
    }
    for (const HOST of ['127.0.0.1', '127.8.8.8', '::1', 'localhost']) expect(faultsOf({ HOST })).toEqual({});
  });

  it('refuses a password together with AUTH_DISABLED', () => {
    expect(Object.keys(faultsOf({ ADMIN_PASSWORD: 'x', AUTH_DISABLED: 'true' }))).toEqual(['AUTH_DISABLED']);
  });

  it('never shows a password in an error', () => {
    const faults = faultsOf({
      ADMIN_PASSWORD: 'hunter2',
      ADMIN_PASSWORD_FILE: '/x',
      PORT: 'x',
      CATALOG_URL: 'mysql://backup:hunter2@db/catalog',
    });
    expect(Object.keys(faults)).toContain('CATALOG_URL');
    expect(JSON.stringify(faults)).not.toContain('hunter2');
  });

  describe('ADMIN_PASSWORD_FILE', () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'environment-'));
    });
    afterEach(() => rmSync(folder, { recursive: true }));

    it('gives the password, without the newline at its end', () => {
      writeFileSync(join(folder, 'password'), 'two words \n');
      expect(readEnvironment({ ADMIN_PASSWORD_FILE: 'password' }, folder).adminPassword).toBe('two words ');
    });

    it('has a counterpart for the catalog’s URL, whose content is checked and not shown', () => {
      const file = join(folder, 'url');
      writeFileSync(file, 'postgresql://backup:hunter2@db/catalog\n');
      expect(readEnvironment({ CATALOG_URL_FILE: 'url' }, folder).catalog).toEqual({
        url: 'postgresql://backup:hunter2@db/catalog',
      });
      writeFileSync(file, 'backup:hunter2@db');
      expect(faultsOf({ CATALOG_URL_FILE: file })).toEqual({
        CATALOG_URL_FILE: 'CATALOG_URL_FILE: its content is not a postgres:// URL.',
      });
    });

    it('is refused when it is empty or cannot be read, as the only error', () => {
      const file = join(folder, 'password');
      expect(faultsOf({ HOST: '0.0.0.0', ADMIN_PASSWORD_FILE: file })).toEqual({
        ADMIN_PASSWORD_FILE: `ADMIN_PASSWORD_FILE is "${file}": the file cannot be read (ENOENT). Name a file that the service may read.`,
      });
      writeFileSync(file, '\n');
      expect(faultsOf({ ADMIN_PASSWORD_FILE: file })['ADMIN_PASSWORD_FILE']).toMatch(/the file is empty/);
    });
  });
});

describe('isLoopback', () => {
  it('knows the names and addresses of this machine only', () => {
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1']) expect(isLoopback(host)).toBe(true);
    for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.example.com', 'localhost.example.com']) {
      expect(isLoopback(host)).toBe(false);
    }
  });
});
