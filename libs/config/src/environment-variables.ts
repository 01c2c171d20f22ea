import { IsBoolean, IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { BACKUP_FORMATS, COMPARE_DEPTHS, COMPRESSIONS, GLOBALS_LEVELS, VERIFICATION_LEVELS } from '@app/domain';
import type { BackupFormat, CompareDepth, Compression, GlobalsLevel, VerificationLevel } from '@app/domain';
import {
  catalogUrlFault,
  HasNoFault,
  hostFault,
  mysqlServerUrlFault,
  originFault,
  postgresServerUrlFault,
  proxyFault,
  scheduleFault,
  timezoneFault,
  ToBoolean,
  ToList,
  ToLowerCase,
  ToWholeNumber,
} from './environment-values.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const oneOf = (values: readonly string[], normal: string): { message: string } => ({
  message: `must be one of ${values.join(', ')}. Default: ${normal}`,
});
const wholeNumber = (from: number, to: number, normal: number): { message: string } => ({
  message: `must be a whole number from ${from} to ${to}. Default: ${normal}`,
});

/** The variables of the environment. The initial value of each field is its default. `.env.example` explains them. */
export class EnvironmentVariables {
  @HasNoFault(hostFault, 'Give the address to listen on, for example 127.0.0.1 or 0.0.0.0')
  HOST = '127.0.0.1';

  /** 0: any free port. */
  @ToWholeNumber()
  @IsInt(wholeNumber(0, 65535, 5002))
  @Min(0, wholeNumber(0, 65535, 5002))
  @Max(65535, wholeNumber(0, 65535, 5002))
  PORT = 5002;

  DATA_DIR = './data';
  BACKUP_DIR = './backups';

  @ToList()
  BACKUP_ALLOWED_DIRS: string[] = [];

  CONFIG_FILE = './config.ini';
  SECRET_KEY_FILE: string | undefined = undefined;

  @IsOptional()
  @HasNoFault(catalogUrlFault, 'Give it as postgres://user:password@host:5432/database')
  CATALOG_URL: string | undefined = undefined;
  CATALOG_URL_FILE: string | undefined = undefined;

  @ToLowerCase()
  @IsIn(BACKUP_FORMATS, oneOf(BACKUP_FORMATS, 'plain'))
  BACKUP_FORMAT: BackupFormat = 'plain';

  @ToLowerCase()
  @IsIn(COMPRESSIONS, oneOf(COMPRESSIONS, 'none'))
  BACKUP_COMPRESSION: Compression = 'none';

  @ToLowerCase()
  @IsIn(GLOBALS_LEVELS, oneOf(GLOBALS_LEVELS, 'roles'))
  BACKUP_GLOBALS: GlobalsLevel = 'roles';

  @ToWholeNumber()
  @IsInt(wholeNumber(1, 10_000, 3))
  @Min(1, wholeNumber(1, 10_000, 3))
  @Max(10_000, wholeNumber(1, 10_000, 3))
  BACKUP_RETENTION_COUNT = 3;

  @ToLowerCase()
  @IsIn(VERIFICATION_LEVELS, oneOf(VERIFICATION_LEVELS, 'stored'))
  BACKUP_VERIFICATION: VerificationLevel = 'stored';

  @IsOptional()
  @ToLowerCase()
  @IsIn(VERIFICATION_LEVELS, oneOf(VERIFICATION_LEVELS, 'that of BACKUP_VERIFICATION'))
  SCHEDULE_VERIFICATION: VerificationLevel | undefined = undefined;

  @ToLowerCase()
  @IsIn(COMPARE_DEPTHS, oneOf(COMPARE_DEPTHS, 'content'))
  VERIFY_COMPARE: CompareDepth = 'content';

  @IsOptional()
  @HasNoFault(postgresServerUrlFault, 'Give it as postgres://user:password@host:5432')
  VERIFY_POSTGRES_URL: string | undefined = undefined;
  VERIFY_POSTGRES_URL_FILE: string | undefined = undefined;

  @IsOptional()
  @HasNoFault(mysqlServerUrlFault, 'Give it as mysql://user:password@host:3306')
  VERIFY_MYSQL_URL: string | undefined = undefined;
  VERIFY_MYSQL_URL_FILE: string | undefined = undefined;

  ENGINES_DIR: string | undefined = undefined;

  @HasNoFault(scheduleFault, 'Default: 0 0 * * 6, which is each Saturday at midnight')
  BACKUP_SCHEDULE = '0 0 * * 6';

  @IsOptional()
  @HasNoFault(
    timezoneFault,
    'Give a name of the IANA list, for example Europe/Berlin; unset, the zone of TZ or of the system holds',
  )
  BACKUP_TIMEZONE: string | undefined = undefined;

  @ToWholeNumber()
  @IsInt(wholeNumber(0, 8_760, 24))
  @Min(0, wholeNumber(0, 8_760, 24))
  @Max(8_760, wholeNumber(0, 8_760, 24))
  SCHEDULE_CATCH_UP_HOURS = 24;

  @ToWholeNumber()
  @IsInt(wholeNumber(1, 3_650, 7))
  @Min(1, wholeNumber(1, 3_650, 7))
  @Max(3_650, wholeNumber(1, 3_650, 7))
  OVERDUE_AFTER_DAYS = 7;

  @ToWholeNumber()
  @IsInt(wholeNumber(0, 8_760, 24))
  @Min(0, wholeNumber(0, 8_760, 24))
  @Max(8_760, wholeNumber(0, 8_760, 24))
  RESTORE_UNDO_HOURS = 24;

  @ToWholeNumber()
  @IsInt(wholeNumber(1, 1_000_000, 1_000))
  @Min(1, wholeNumber(1, 1_000_000, 1_000))
  @Max(1_000_000, wholeNumber(1, 1_000_000, 1_000))
  RESTORE_MAX_RATIO = 1_000;

  @ToWholeNumber()
  @IsInt(wholeNumber(1, 64, 2))
  @Min(1, wholeNumber(1, 64, 2))
  @Max(64, wholeNumber(1, 64, 2))
  JOB_CONCURRENCY = 2;

  ADMIN_PASSWORD: string | undefined = undefined;
  ADMIN_PASSWORD_FILE: string | undefined = undefined;

  @ToBoolean()
  @IsBoolean({ message: 'must be true or false. Default: false' })
  AUTH_DISABLED = false;

  @ToList()
  @HasNoFault(
    originFault,
    'List origins as browsers send them, for example https://backup.example.com, separated by commas',
  )
  CORS_ORIGINS: string[] = [];

  @ToList()
  @HasNoFault(hostFault, 'List the host names that people reach the service by, without port, separated by commas')
  ALLOWED_HOSTS: string[] = [];

  @ToList()
  @HasNoFault(proxyFault, 'Give the number of proxies in front of the service, or their addresses. Default: false')
  TRUST_PROXY: string[] = [];

  @ToLowerCase()
  @IsIn(LOG_LEVELS, oneOf(LOG_LEVELS, 'info'))
  LOG_LEVEL: LogLevel = 'info';

  @ToWholeNumber()
  @IsInt(wholeNumber(0, 86_400, 30))
  @Min(0, wholeNumber(0, 86_400, 30))
  @Max(86_400, wholeNumber(0, 86_400, 30))
  SHUTDOWN_GRACE_SECONDS = 30;
}
