import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { DomainError, errorCodeOf } from '@app/domain';
import type {
  BackupFormat,
  CompareDepth,
  Compression,
  ConnectionParams,
  DbType,
  FieldFault,
  GlobalsLevel,
  VerificationLevel,
} from '@app/domain';
import { EnvironmentVariables } from './environment-variables.js';
import {
  catalogUrlFault,
  mysqlServerUrlFault,
  postgresServerUrlFault,
  serverOf,
  timezoneFault,
} from './environment-values.js';
import type { LogLevel } from './environment-variables.js';

/** The checked settings of the service. Paths are absolute unless the comment says otherwise. */
export interface AppConfig {
  readonly host: string;
  readonly port: number;
  /** The folder to which relative paths are relative. */
  readonly workingDirectory: string;
  readonly dataDir: string;
  /** The folder for secret files of running tools, which is emptied at start. */
  readonly runtimeDir: string;
  /** The path as given, which is the form in which answers show paths, such as `./backups`. */
  readonly backupDir: string;
  /** The paths as given. */
  readonly allowedBackupDirs: readonly string[];
  readonly configFile: string;
  readonly secretKeyFile: string;
  readonly backup: {
    readonly format: BackupFormat;
    readonly compression: Compression;
    /** How much of the server's roles is stored with each backup. */
    readonly globals: GlobalsLevel;
    readonly retentionCount: number;
    /** The verification of each backup whose request names none. */
    readonly verification: VerificationLevel;
    /** The same for backups of schedules. */
    readonly scheduledVerification: VerificationLevel;
  };
  readonly verify: {
    /** The folder for throwaway servers. */
    readonly folder: string;
    /** The folder with unpacked server programs of other versions; undefined for the usual cache folder. */
    readonly enginesFolder: string | undefined;
    /** How a restored database is compared when the request does not say it. */
    readonly compare: CompareDepth;
    /** Configured verification servers, which are used instead of throwaway ones. They hold a password. */
    readonly servers: Readonly<Partial<Record<DbType, ConnectionParams>>>;
  };
  readonly schedule: {
    readonly expression: string;
    readonly timezone: string;
    /** The age up to which missed runs are made up at start. */
    readonly catchUpMs: number;
    /** How old the newest backup of a database without a schedule may be. */
    readonly overdueAfterDays: number;
  };
  readonly restore: {
    /** How long the previous database of a restore is kept. */
    readonly undoHours: number;
    /** The largest permitted ratio of the content of a packed foreign file to its size. */
    readonly maxRatio: number;
  };
  /** A file, or the URL of a PostgreSQL database, which holds a password. */
  readonly catalog: { readonly file: string } | { readonly url: string };
  /** How many jobs run at the same time. */
  readonly jobConcurrency: number;
  /** Undefined: the service asks for no password. */
  readonly adminPassword: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly allowedHosts: readonly string[];
  /** The value for Express: a number of proxies, or their addresses. */
  readonly trustProxy: false | number | readonly string[];
  readonly logLevel: LogLevel;
  readonly shutdownGraceMs: number;
}

const SECRET_VARIABLES = ['ADMIN_PASSWORD', 'CATALOG_URL', 'VERIFY_POSTGRES_URL', 'VERIFY_MYSQL_URL'] as const;
type SecretVariable = (typeof SECRET_VARIABLES)[number];

/**
 * Checks the environment. An empty value counts as unset, and unknown variables are ignored. Throws INVALID_INPUT, which names
 * every error at once: the variable, what is wrong, and what to do.
 */
export function readEnvironment(
  environment: Readonly<Record<string, unknown>>,
  workingDirectory = process.cwd(),
): AppConfig {
  const given: Record<string, unknown> = {};
  for (const name of Object.keys(new EnvironmentVariables())) {
    const value = environment[name];
    if (value !== undefined && !(typeof value === 'string' && value.trim() === '')) given[name] = value;
  }
  const variables = plainToInstance(EnvironmentVariables, given, { exposeDefaultValues: true });
  const faults: FieldFault[] = validateSync(variables).map((error) => ({
    field: error.property,
    message: describe(error.property, given[error.property], Object.values(error.constraints ?? {})),
  }));
  const adminPassword = readSecret(variables, 'ADMIN_PASSWORD', 'the password', workingDirectory, faults);
  const url = (name: SecretVariable, faultOf: (text: string) => string | undefined): string | undefined =>
    readUrl(variables, name, faultOf, workingDirectory, faults);
  const catalogUrl = url('CATALOG_URL', catalogUrlFault);
  const verifyPostgres = url('VERIFY_POSTGRES_URL', postgresServerUrlFault);
  const verifyMysql = url('VERIFY_MYSQL_URL', mysqlServerUrlFault);
  checkExposure(variables, adminPassword, faults);
  if (faults.length > 0) throw environmentError(faults);

  const absolute = (path: string): string => resolve(workingDirectory, path);
  const dataDir = absolute(variables.DATA_DIR);
  return {
    host: variables.HOST,
    port: variables.PORT,
    workingDirectory,
    dataDir,
    runtimeDir: join(dataDir, 'runtime'),
    backupDir: variables.BACKUP_DIR,
    allowedBackupDirs: variables.BACKUP_ALLOWED_DIRS,
    configFile: absolute(variables.CONFIG_FILE),
    secretKeyFile:
      variables.SECRET_KEY_FILE === undefined ? join(dataDir, 'secret.key') : absolute(variables.SECRET_KEY_FILE),
    backup: {
      format: variables.BACKUP_FORMAT,
      compression: variables.BACKUP_COMPRESSION,
      globals: variables.BACKUP_GLOBALS,
      retentionCount: variables.BACKUP_RETENTION_COUNT,
      verification: variables.BACKUP_VERIFICATION,
      scheduledVerification: variables.SCHEDULE_VERIFICATION ?? variables.BACKUP_VERIFICATION,
    },
    verify: {
      folder: join(dataDir, 'scratch'),
      enginesFolder: variables.ENGINES_DIR === undefined ? undefined : absolute(variables.ENGINES_DIR),
      compare: variables.VERIFY_COMPARE,
      servers: {
        ...(verifyPostgres === undefined ? {} : { PostgreSQL: serverOf('PostgreSQL', verifyPostgres) }),
        ...(verifyMysql === undefined ? {} : { MySQL: serverOf('MySQL', verifyMysql) }),
      },
    },
    schedule: {
      expression: variables.BACKUP_SCHEDULE,
      timezone: variables.BACKUP_TIMEZONE ?? systemTimezone(environment['TZ']),
      catchUpMs: variables.SCHEDULE_CATCH_UP_HOURS * 3_600_000,
      overdueAfterDays: variables.OVERDUE_AFTER_DAYS,
    },
    restore: { undoHours: variables.RESTORE_UNDO_HOURS, maxRatio: variables.RESTORE_MAX_RATIO },
    catalog: catalogUrl === undefined ? { file: join(dataDir, 'catalog.sqlite') } : { url: catalogUrl },
    jobConcurrency: variables.JOB_CONCURRENCY,
    adminPassword,
    corsOrigins: variables.CORS_ORIGINS.map((origin) => origin.toLowerCase()),
    allowedHosts: variables.ALLOWED_HOSTS.map((host) => host.toLowerCase()),
    trustProxy: trustProxyOf(variables.TRUST_PROXY),
    logLevel: variables.LOG_LEVEL,
    shutdownGraceMs: variables.SHUTDOWN_GRACE_SECONDS * 1000,
  };
}

/** Whether only programs of this machine can reach the address. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  if (isIP(name) === 4) return name.startsWith('127.');
  return name === 'localhost' || name.endsWith('.localhost') || name === '::1';
}

function describe(name: string, value: unknown, faults: readonly string[]): string {
  const shown = (SECRET_VARIABLES as readonly string[]).includes(name) ? '' : ` is ${JSON.stringify(value)}:`;
  return `${name}${shown} ${[...new Set(faults)].join('; ')}.`;
}

/** Reads a secret from its variable, or from the file that `<name>_FILE` names. */
function readSecret(
  variables: EnvironmentVariables,
  name: SecretVariable,
  what: string,
  workingDirectory: string,
  faults: FieldFault[],
): string | undefined {
  const { [name]: given, [`${name}_FILE` as const]: file } = variables;
  if (file === undefined) return given;
  const fault = (text: string): undefined => {
    faults.push({ field: `${name}_FILE`, message: `${name}_FILE is ${JSON.stringify(file)}: ${text}` });
    return undefined;
  };
  if (given !== undefined) return fault(`${name} is set as well. Keep one of the two.`);
  let text: string;
  try {
    text = readFileSync(resolve(workingDirectory, file), 'utf8');
  } catch (error) {
    return fault(
      `the file cannot be read (${errorCodeOf(error) ?? 'unknown fault'}). Name a file that the service may read.`,
    );
  }
  // Editors and `echo` end a file with a newline, which does not belong to the secret.
  const fromFile = text.replace(/\r?\n$/, '');
  return fromFile === '' ? fault(`the file is empty. Write ${what} into it.`) : fromFile;
}

/** Checks a secret from a file. One in the environment itself is checked with the other variables. */
function readUrl(
  variables: EnvironmentVariables,
  name: SecretVariable,
  faultOf: (url: string) => string | undefined,
  workingDirectory: string,
  faults: FieldFault[],
): string | undefined {
  const url = readSecret(variables, name, 'the URL', workingDirectory, faults);
  if (url === undefined || variables[`${name}_FILE`] === undefined) return url;
  const fault = faultOf(url);
  if (fault !== undefined) {
    faults.push({ field: `${name}_FILE`, message: `${name}_FILE: its content ${fault}.` });
  }
  return url;
}

function checkExposure(variables: EnvironmentVariables, password: string | undefined, faults: FieldFault[]): void {
  if (password !== undefined && variables.AUTH_DISABLED === true) {
    faults.push({
      field: 'AUTH_DISABLED',
      message: 'AUTH_DISABLED is true, but an admin password is set too. Keep one of the two.',
    });
  }
  const passwordWanted = variables.ADMIN_PASSWORD_FILE !== undefined || password !== undefined;
  if (passwordWanted || variables.AUTH_DISABLED === true || isLoopback(variables.HOST)) return;
  faults.push({
    field: 'HOST',
    message:
      `HOST is ${JSON.stringify(variables.HOST)}: other machines could reach the service, and no password is set. ` +
      'Set ADMIN_PASSWORD or ADMIN_PASSWORD_FILE, or HOST=127.0.0.1, ' +
      'or AUTH_DISABLED=true where something else keeps strangers out.',
  });
}

function trustProxyOf(values: readonly string[]): AppConfig['trustProxy'] {
  const [first] = values;
  if (first === undefined || first === 'false') return false;
  return /^\d+$/.test(first) ? Number(first) : values;
}

/** Reads `TZ` from the given values, as it may be in `.env`, which the process has not loaded yet. */
function systemTimezone(tz: unknown): string {
  if (typeof tz === 'string' && timezoneFault(tz) === undefined) return tz;
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function environmentError(faults: readonly FieldFault[]): DomainError {
  const lines = faults.map(({ message }) => `  - ${message}`).join('\n');
  const what = faults.length === 1 ? 'A setting is wrong' : `${faults.length} settings are wrong`;
  return new DomainError('INVALID_INPUT', `${what}:\n${lines}`, {
    hint: 'Change them in the environment or in the file .env; .env.example explains each.',
    fields: faults,
  });
}
