import { ApiProperty, IntersectionType, OmitType } from '@nestjs/swagger';
import type { ConnectionRecord } from '@app/catalog';
import { DB_TYPES, SSL_MODES } from '@app/domain';
import type { DbType, RetentionPolicy, SslMode } from '@app/domain';
import { WarningsProperty } from '../scheduler/warnings.dto.js';
import { PageResponse } from '../http/requests/page-query.js';
import { FlagField, PortField, TextField } from '../http/requests/request-fields.js';
import { RetentionPolicyBody, RetentionPolicyField, retentionPolicyOf } from '../http/requests/retention-policy.dto.js';
import { ConnectRequest, hostFault, MAX_NAME_LENGTH, MAX_PASSWORD_LENGTH, MessageResponse } from './connection.dto.js';
import type { ConnectionEdit, NewConnection } from './connections.service.js';
import { editedTls } from './tls-edit.js';
import { SslModeField, TlsFields, tlsEditOf } from './tls-fields.dto.js';

const MAX_LABEL_LENGTH = 100;
const UUID = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';

/** It stands in one line of a list. */
function labelFault(label: string): string | undefined {
  return /\p{Cc}/u.test(label) ? 'contains a control character' : undefined;
}

function LabelField(): PropertyDecorator {
  return TextField({
    maxLength: MAX_LABEL_LENGTH,
    optional: true,
    nullable: true,
    faultOf: labelFault,
    example: 'Shop, production',
    description: 'A name for people. Without one the connection is called by its database and host.',
  });
}

function TestField(): PropertyDecorator {
  return FlagField({
    optional: true,
    example: true,
    description: 'Default: true, a login that the server does not accept is not saved.',
  });
}

const RETENTION = 'What is kept of its backups; null: BACKUP_RETENTION_COUNT. Schedules can have their own.';

export class ConnectionCreateRequest extends IntersectionType(
  OmitType(ConnectRequest, ['ssl_mode', 'replace']),
  TlsFields,
) {
  @SslModeField()
  ssl_mode?: SslMode | undefined;

  @LabelField()
  label?: string | null | undefined;

  @RetentionPolicyField({ description: RETENTION })
  retention?: RetentionPolicyBody | null | undefined;

  @TestField()
  test?: boolean | undefined;

  @FlagField({
    optional: true,
    example: true,
    description:
      'For a database that another connection reaches by another host name or as another user. true: that ' +
      'connection gets this login in place of its own, and keeps its backups and schedules. false: another one is added. Default: it is refused with CONNECTION_EXISTS.',
  })
  replace?: boolean | undefined;
}

export function newConnectionOf(request: ConnectionCreateRequest): NewConnection {
  const { db_type: dbType, host, port, database, username, password, ssl_mode: sslMode = 'prefer' } = request;
  const { label = null, retention, test = true, replace } = request;
  const tls = editedTls(tlsEditOf(request));
  return {
    params: { dbType, host, port, database, username, password, sslMode, ...(tls === undefined ? {} : { tls }) },
    label,
    retention: policyOf(retention) ?? null,
    test,
    replace: replace ?? undefined,
  };
}

/** An absent field stays; null takes label, retention or TLS material away. */
export class ConnectionChangeRequest extends TlsFields {
  @TextField({ maxLength: MAX_NAME_LENGTH, optional: true, faultOf: hostFault, example: 'localhost' })
  host?: string | undefined;

  @PortField({ optional: true, example: '5432' })
  port?: number | undefined;

  @TextField({ maxLength: MAX_NAME_LENGTH, optional: true, example: 'mydb' })
  database?: string | undefined;

  @TextField({ maxLength: MAX_NAME_LENGTH, optional: true, example: 'user' })
  username?: string | undefined;

  @TextField({
    maxLength: MAX_PASSWORD_LENGTH,
    optional: true,
    mayBeEmpty: true,
    example: 'password',
    description: 'Needed with another host, port or username: the stored one is not sent elsewhere.',
  })
  password?: string | undefined;

  @SslModeField()
  ssl_mode?: SslMode | undefined;

  @LabelField()
  label?: string | null | undefined;

  @RetentionPolicyField({ description: RETENTION })
  retention?: RetentionPolicyBody | null | undefined;

  @TestField()
  test?: boolean | undefined;
}

export function editOf(request: ConnectionChangeRequest): ConnectionEdit {
  const { host, port, database, username, password, ssl_mode: sslMode, label, retention, test = true } = request;
  return {
    login: { host, port, database, username, password, sslMode },
    tls: tlsEditOf(request),
    label,
    retention: policyOf(retention),
    test,
  };
}

function policyOf(body: RetentionPolicyBody | null | undefined): RetentionPolicy | null | undefined {
  return body === null || body === undefined ? body : retentionPolicyOf(body);
}

export class ConnectionDeleteRequest {
  @FlagField({ optional: true, example: false, description: 'Default: false, its backups stay.' })
  delete_backups?: boolean | undefined;

  @TextField({
    maxLength: MAX_NAME_LENGTH,
    optional: true,
    example: 'mydb',
    description: 'The name of its database, required with delete_backups to confirm.',
  })
  confirm?: string | undefined;
}

export class ConnectionEntry {
  @ApiProperty({ example: UUID })
  id!: string;

  @ApiProperty({ type: String, nullable: true, example: 'Shop, production' })
  label!: string | null;

  @ApiProperty({ description: 'The label, or the database and host if there is none.', example: 'Shop, production' })
  name!: string;

  @ApiProperty({ enum: DB_TYPES, example: 'PostgreSQL' })
  db_type!: DbType;

  @ApiProperty({ example: 'localhost' })
  host!: string;

  @ApiProperty({ example: 5432 })
  port!: number;

  @ApiProperty({ example: 'mydb' })
  database!: string;

  @ApiProperty({ example: 'user' })
  username!: string;

  @ApiProperty({ enum: SSL_MODES, example: 'prefer' })
  ssl_mode!: SslMode;

  @ApiProperty({ type: String, nullable: true, description: 'PEM.', example: null })
  ssl_ca!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'PEM.', example: null })
  ssl_certificate!: string | null;

  @ApiProperty({ description: 'Whether there is a private key. It is never shown.', example: false })
  has_ssl_key!: boolean;

  @ApiProperty({ description: 'Whether the calls without a connection_id act on it.', example: true })
  active!: boolean;

  @ApiProperty({ type: () => RetentionPolicyBody, nullable: true, description: RETENTION })
  retention!: RetentionPolicyBody | null;

  @ApiProperty({ format: 'date-time', example: '2026-01-02T03:04:05.678Z' })
  created_at!: string;

  @ApiProperty({ format: 'date-time', example: '2026-01-02T03:04:05.678Z' })
  updated_at!: string;

  static of(record: ConnectionRecord, activeId: string | undefined): ConnectionEntry {
    return {
      id: record.id,
      label: record.label,
      name: record.label ?? `${record.database} on ${record.host}`,
      db_type: record.dbType,
      host: record.host,
      port: record.port,
      database: record.database,
      username: record.username,
      ssl_mode: record.sslMode,
      ssl_ca: record.tlsCa,
      ssl_certificate: record.tlsCertificate,
      has_ssl_key: record.sealedTlsKey !== null,
      active: record.id === activeId,
      retention: record.retention === null ? null : RetentionPolicyBody.of(record.retention),
      created_at: new Date(record.createdAt).toISOString(),
      updated_at: new Date(record.updatedAt).toISOString(),
    };
  }
}

export class ConnectionsResponse extends PageResponse {
  @ApiProperty({ type: () => [ConnectionEntry], description: 'In the order in which they were made.' })
  connections!: ConnectionEntry[];
}

export class ConnectionResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => ConnectionEntry })
  connection!: ConnectionEntry;
}

export class ConnectionSavedResponse extends MessageResponse {
  @ApiProperty({ example: 'Connection created.' })
  override message!: string;

  @WarningsProperty()
  warnings?: string[];

  @ApiProperty({ type: () => ConnectionEntry })
  connection!: ConnectionEntry;
}

export class ConnectionDeletedResponse extends MessageResponse {
  @ApiProperty({ example: 'Connection deleted. Its 12 backups stay in ./backups.' })
  override message!: string;

  @ApiProperty({ example: 0 })
  deleted_schedules!: number;

  @ApiProperty({ example: 0 })
  deleted_backups!: number;

  @ApiProperty({ example: 12 })
  remaining_backups!: number;
}

export class ConnectionTestResponse extends MessageResponse {
  @ApiProperty({ example: 'The login works.' })
  override message!: string;

  @ApiProperty({ enum: ['PostgreSQL', 'MariaDB', 'MySQL'], example: 'PostgreSQL' })
  flavour!: string;

  @ApiProperty({ example: '15.20' })
  server_version!: string;

  @ApiProperty({ description: 'How long the login took.', example: 14 })
  latency_ms!: number;
}
