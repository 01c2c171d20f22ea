import { ApiProperty } from '@nestjs/swagger';
import { DB_TYPES, DomainError } from '@app/domain';
import type { ConnectionParams, DbType, SslMode } from '@app/domain';
import { FlagOrTextListField, PortField, TextField, WordField } from '../http/requests/request-fields.js';
import { DB_TYPE_ALIASES, hostFault, MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH } from './connection.dto.js';
import type { FoundDatabase } from './discovery.service.js';
import { editedTls } from './tls-edit.js';
import { SslModeField, TlsFields, tlsEditOf } from './tls-fields.dto.js';

const MAX_ADDED = 10_000;
const LOGIN = ['db_type', 'host', 'port', 'username', 'password'] as const;
const LOGIN_OPTIONS = ['database', 'ssl_mode', 'ssl_ca', 'ssl_certificate', 'ssl_key'] as const;
/** The database to log in to for listing the others; MySQL needs none. */
const FIRST_DATABASE: Readonly<Record<DbType, string>> = { PostgreSQL: 'postgres', MySQL: '' };

/** A discovery request: either connection_id, or a login. */
export class DiscoverRequest extends TlsFields {
  @TextField({ maxLength: 100, optional: true, description: 'Use its login. Otherwise give one here.' })
  connection_id?: string | undefined;

  @WordField(DB_TYPES, { optional: true, aliases: DB_TYPE_ALIASES, example: 'PostgreSQL' })
  db_type?: DbType | undefined;

  @TextField({ maxLength: MAX_NAME_LENGTH, optional: true, faultOf: hostFault, example: 'localhost' })
  host?: string | undefined;

  @PortField({ optional: true, example: '5432' })
  port?: number | undefined;

  @TextField({ maxLength: MAX_NAME_LENGTH, optional: true, example: 'user' })
  username?: string | undefined;

  @TextField({ maxLength: MAX_PASSWORD_LENGTH, optional: true, mayBeEmpty: true, example: 'password' })
  password?: string | undefined;

  @TextField({
    maxLength: MAX_NAME_LENGTH,
    optional: true,
    description: 'Where to log in; default: `postgres`, or none at all (MySQL).',
  })
  database?: string | undefined;

  @SslModeField()
  ssl_mode?: SslMode | undefined;

  @FlagOrTextListField({
    maxLength: MAX_NAME_LENGTH,
    maxItems: MAX_ADDED,
    optional: true,
    description:
      'Makes connections with the same login: `true` for every database that has none yet and that the login may ' +
      'open, or for those named.',
    example: ['shop', 'crm'],
  })
  add?: boolean | string[] | undefined;
}

/** The login that a request gives; undefined when it names a connection. Throws INVALID_INPUT when it does both or neither. */
export function givenLogin(request: DiscoverRequest): ConnectionParams | undefined {
  const faults =
    request.connection_id === undefined
      ? LOGIN.filter((field) => request[field] === undefined).map((field) => ({ field, message: 'is required' }))
      : [...LOGIN, ...LOGIN_OPTIONS]
          .filter((field) => request[field] !== undefined && request[field] !== null)
          .map((field) => ({ field, message: 'cannot be given with connection_id' }));
  if (faults.length > 0) {
    throw new DomainError('INVALID_INPUT', `${faults.map((f) => `${f.field} ${f.message}`).join('; ')}.`, {
      hint: 'Give either connection_id, or a whole login.',
      fields: faults,
    });
  }
  const { db_type: dbType, host, port, username, password } = request;
  if (dbType === undefined || host === undefined || port === undefined || username === undefined) return undefined;
  const tls = editedTls(tlsEditOf(request));
  return {
    dbType,
    host,
    port,
    username,
    password: password ?? '',
    database: request.database ?? FIRST_DATABASE[dbType],
    sslMode: request.ssl_mode ?? 'prefer',
    ...(tls === undefined ? {} : { tls }),
  };
}

export class FoundDatabaseEntry {
  @ApiProperty({ example: 'shop' })
  name!: string;

  @ApiProperty({ type: Number, nullable: true, description: 'Bytes.', example: 1024000 })
  size!: number | null;

  @ApiProperty({ description: 'Whether the login may open it.', example: true })
  accessible!: boolean;

  @ApiProperty({ description: 'Whether there is a complete backup of it.', example: false })
  backed_up!: boolean;

  @ApiProperty({ type: String, nullable: true, example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  connection_id!: string | null;

  @ApiProperty({ description: 'Whether this call has made the connection.', example: true })
  added!: boolean;

  static of(found: FoundDatabase): FoundDatabaseEntry {
    return {
      name: found.name,
      size: found.size ?? null,
      accessible: found.accessible,
      backed_up: found.backedUp,
      connection_id: found.connectionId ?? null,
      added: found.added,
    };
  }
}

export class DiscoverResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => [FoundDatabaseEntry], description: 'Those without a backup first.' })
  databases!: FoundDatabaseEntry[];
}
