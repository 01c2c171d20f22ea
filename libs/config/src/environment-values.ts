import { isIP } from 'node:net';
import { Transform } from 'class-transformer';
import { ValidateBy } from 'class-validator';
import { CronTime } from 'cron';
import { IANAZone } from 'luxon';
import { SSL_MODES } from '@app/domain';
import type { ConnectionParams, DbType, SslMode } from '@app/domain';

/** Turns the text of a whole number into a number; any other value stays as it is, and the check refuses it. */
export function ToWholeNumber(): PropertyDecorator {
  return Transform(({ value }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value.trim()) ? Number(value) : (value as unknown),
  );
}

export function ToBoolean(): PropertyDecorator {
  return Transform(({ value }) => {
    if (typeof value !== 'string') return value as unknown;
    if (/^(true|yes|on|1)$/i.test(value)) return true;
    if (/^(false|no|off|0)$/i.test(value)) return false;
    return value;
  });
}

/** Turns `a, b` into `['a', 'b']`. */
export function ToList(): PropertyDecorator {
  return Transform(({ value }) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== '')
      : (value as unknown),
  );
}

export function ToLowerCase(): PropertyDecorator {
  return Transform(({ value }) => (typeof value === 'string' ? value.toLowerCase() : (value as unknown)));
}

/** Checks a value, or each value of a list, with a function that returns what is wrong. */
export function HasNoFault(faultOf: (value: string) => string | undefined, remedy: string): PropertyDecorator {
  const fault = (value: unknown): string | undefined => {
    for (const item of Array.isArray(value) ? (value as unknown[]) : [value]) {
      const found = typeof item === 'string' ? faultOf(item) : 'must be text';
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return ValidateBy({
    name: 'hasNoFault',
    validator: {
      validate: (value) => fault(value) === undefined,
      defaultMessage: (args) => `${fault(args?.value) ?? 'is not usable'}. ${remedy}`,
    },
  });
}

export function hostFault(host: string): string | undefined {
  if (isIP(host) !== 0) return undefined;
  return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) ? undefined : `"${host}" is not a host name or IP address`;
}

export function originFault(origin: string): string | undefined {
  if (origin === '*') return '"*" would open the service to every web page';
  const parsed = URL.canParse(origin) ? new URL(origin) : undefined;
  if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.origin !== origin.toLowerCase()) {
    return `"${origin}" is not an origin`;
  }
  return undefined;
}

export function proxyFault(text: string): string | undefined {
  if (/^(false|\d{1,2}|loopback|linklocal|uniquelocal)$/.test(text)) return undefined;
  const [address = '', bits = ''] = text.split('/');
  const version = isIP(address);
  const most = version === 6 ? 128 : 32;
  const wholeOrNetwork = !text.includes('/') || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  return version !== 0 && wholeOrNetwork ? undefined : `"${text}" is not an address, a network or a number of proxies`;
}

/** Says what is wrong with the URL, but does not repeat it, as it may hold a password. */
export function catalogUrlFault(url: string): string | undefined {
  if (!URL.canParse(url)) return 'is not a URL';
  const { protocol, hostname, pathname } = new URL(url);
  if (!/^postgres(ql)?:$/.test(protocol)) return 'is not a postgres:// URL';
  return hostname === '' || !/^\/[^/]+$/.test(pathname) ? 'has no host or no database' : undefined;
}

const SERVER_PROTOCOLS = {
  PostgreSQL: { pattern: /^postgres(ql)?:$/, name: 'postgres', port: 5432, database: 'postgres' },
  MySQL: { pattern: /^(mysql|mariadb):$/, name: 'mysql', port: 3306, database: '' },
} as const;

/** Says what is wrong with the URL of a server, but does not repeat it. `?sslmode=` is the only parameter. */
function serverUrlFault(dbType: DbType, url: string): string | undefined {
  if (!URL.canParse(url)) return 'is not a URL';
  const { protocol, hostname, username, password, pathname, searchParams } = new URL(url);
  const { pattern, name } = SERVER_PROTOCOLS[dbType];
  if (!pattern.test(protocol)) return `is not a ${name}:// URL`;
  if (hostname === '' || username === '') return 'has no host or no user';
  if (![username, password, pathname].every(isDecodable)) return 'has a "%" that is not followed by two digits';
  const sslMode = searchParams.get('sslmode') ?? 'prefer';
  const other = [...searchParams.keys()].some((key) => key !== 'sslmode');
  if (other || !(SSL_MODES as readonly string[]).includes(sslMode)) {
    return `may have no other parameter than sslmode, one of ${SSL_MODES.join(', ')}`;
  }
  return undefined;
}

export function postgresServerUrlFault(url: string): string | undefined {
  return serverUrlFault('PostgreSQL', url);
}

export function mysqlServerUrlFault(url: string): string | undefined {
  return serverUrlFault('MySQL', url);
}

/** Returns the login of a valid URL. */
export function serverOf(dbType: DbType, url: string): ConnectionParams {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const usual = SERVER_PROTOCOLS[dbType];
  return {
    dbType,
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? usual.port : Number(port),
    database: decodeURIComponent(pathname.slice(1)) || usual.database,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    sslMode: (searchParams.get('sslmode') ?? 'prefer') as SslMode,
  };
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Checks for five fields, or six with seconds first, and for at least one due time in the coming years. */
export function scheduleFault(expression: string): string | undefined {
  try {
    new CronTime(expression, 'UTC').sendAt();
    return undefined;
  } catch {
    return `"${expression}" is not a cron expression that ever comes due`;
  }
}

export function timezoneFault(zone: string): string | undefined {
  return IANAZone.isValidZone(zone) ? undefined : `"${zone}" is not a time zone`;
}
