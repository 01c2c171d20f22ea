import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { BACKUP_FORMATS, COMPRESSIONS, DB_TYPES, VERIFICATION_LEVELS } from '@app/domain';
import type {
  BackupFormat,
  BackupKind,
  Compression,
  ContentChecksums,
  DatabaseGrant,
  DbType,
  Manifest,
  ManifestDemands,
  ManifestProperties,
  ManifestSignature,
  ReferencedRole,
  ServerInfo,
  VerificationLevel,
} from '@app/domain';
import { FailedVerificationEntry, RestoredVerificationEntry, UntriedVerificationEntry } from './verification.dto.js';

const FLAVOURS = ['PostgreSQL', 'MariaDB', 'MySQL'];

class ManifestServerEntry {
  @ApiProperty({ enum: FLAVOURS })
  flavour!: ServerInfo['flavour'];

  @ApiProperty({ example: '17.6' })
  version!: string;
}

class ManifestToolEntry extends ManifestServerEntry {
  @ApiProperty({ example: 'pg_dump' })
  name!: string;
}

class DatabaseGrantEntry implements DatabaseGrant {
  @ApiProperty({ type: String, nullable: true, description: 'null: everybody.', example: 'app' })
  grantee!: string | null;

  @ApiProperty({ example: 'owner' })
  grantor!: string;

  @ApiProperty({ type: [String], example: ['CONNECT'] })
  privileges!: readonly string[];

  @ApiProperty({ type: [String], description: 'The privileges among them that may be granted to others.', example: [] })
  grantable!: readonly string[];
}

class RoleSettingsEntry {
  @ApiProperty({ example: 'app' })
  role!: string;

  @ApiProperty({ type: [String], example: ['statement_timeout=30s'] })
  settings!: readonly string[];
}

class ManifestPropertiesEntry implements ManifestProperties {
  @ApiProperty({ example: 'owner' })
  owner!: string;

  @ApiProperty({ type: () => [DatabaseGrantEntry], nullable: true, description: 'null: the built-in ones.' })
  grants!: readonly DatabaseGrantEntry[] | null;

  @ApiProperty({
    type: [String],
    example: ['search_path=app, public'],
    description: 'Values of settings with a dot in their name may be secrets: the file has them, the answer does not.',
  })
  settings!: readonly string[];

  @ApiProperty({ type: () => [RoleSettingsEntry], description: 'Settings of roles in this database.' })
  role_settings!: readonly RoleSettingsEntry[];

  @ApiProperty({ type: String, nullable: true, example: 'The shop' })
  comment!: string | null;

  @ApiProperty({ description: '-1: none.', example: -1 })
  connection_limit!: number;

  @ApiPropertyOptional({ description: 'Absent where the database is no template.' })
  is_template?: boolean;
}

class ManifestGlobalsEntry {
  @ApiProperty({ example: 'mydb_20231220_120000.sql.globals.sql' })
  file!: string;

  @ApiProperty({ example: 2048 })
  size!: number;

  @ApiProperty({ example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9' })
  sha256!: string;

  @ApiProperty({ description: 'Whether it holds the hashes of passwords.', example: false })
  passwords!: boolean;
}

class ReferencedRoleEntry implements ReferencedRole {
  @ApiProperty({ example: 'app' })
  name!: string;

  @ApiProperty({ type: [String], description: 'Those that CREATE ROLE does not give by itself.', example: ['LOGIN'] })
  attributes!: readonly string[];

  @ApiProperty({ description: '-1: none.', example: -1 })
  connection_limit!: number;

  @ApiProperty({ type: String, nullable: true, example: null })
  valid_until!: string | null;

  @ApiProperty({ type: [String], example: ['readers'] })
  member_of!: readonly string[];
}

class ManifestDemandsEntry implements ManifestDemands {
  @ApiPropertyOptional({
    type: [String],
    example: ['app@%'],
    description: 'Accounts in whose names views, routines, triggers and events are made.',
  })
  definers?: readonly string[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { files: 12_582_912 },
    description:
      'The bytes of the longest value per table, for tables with values of 1 MiB and more. max_allowed_packet must not be less.',
  })
  long_values?: Readonly<Record<string, number>>;
}

class ManifestChecksumsEntry implements ContentChecksums {
  @ApiProperty({ example: 'postgresql-row-text-1', description: 'Name and version.' })
  algorithm!: string;

  @ApiProperty({ description: 'Encoding and text form of the server; checksums of another one cannot be compared.' })
  basis!: string;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { 'public.orders': '-812763549812' },
    description: 'By table, with the keys of `rows`.',
  })
  tables!: Readonly<Record<string, string>>;

  @ApiPropertyOptional({ description: 'The checksum of all large objects (PostgreSQL).' })
  large_objects?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Tables whose content could not be computed, and why.',
  })
  uncovered?: Readonly<Record<string, string>>;
}

/** The verification as the file has it: levels that were not reached are absent. */
class ManifestVerificationEntry {
  @ApiProperty({ enum: VERIFICATION_LEVELS })
  level!: VerificationLevel;

  @ApiProperty({ example: '2023-12-20T12:00:05.000Z' })
  at!: string;

  @ApiProperty({ type: () => FailedVerificationEntry, required: false })
  failed?: FailedVerificationEntry;

  @ApiProperty({ type: () => RestoredVerificationEntry, required: false })
  details?: RestoredVerificationEntry;

  @ApiProperty({ type: () => UntriedVerificationEntry, required: false })
  untried?: UntriedVerificationEntry;
}

class ManifestSignatureEntry implements ManifestSignature {
  @ApiProperty({ example: '9f86d081884c7d65', description: 'Which key of which installation signed.' })
  key_id!: string;

  @ApiProperty({ example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9' })
  mac!: string;
}

/** The file `<artifact>.manifest.json`, as it is. Later versions of the service may write more into it. */
export class ManifestEntry implements Manifest {
  @ApiProperty({ enum: [1, 2] })
  manifest_version!: 1 | 2;

  @ApiProperty({ example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;

  @ApiProperty({ example: 'mydb_20231220_120000.sql' })
  artifact!: string;

  @ApiProperty({ enum: ['manual', 'scheduled', 'safety'] })
  kind!: BackupKind;

  @ApiProperty({ enum: DB_TYPES })
  db_type!: DbType;

  @ApiProperty({ example: 'mydb' })
  database!: string;

  @ApiProperty({ example: 'localhost' })
  host!: string;

  @ApiProperty({ example: 5432 })
  port!: number;

  @ApiProperty()
  server!: ManifestServerEntry;

  @ApiProperty()
  tool!: ManifestToolEntry;

  @ApiProperty({ enum: BACKUP_FORMATS })
  format!: BackupFormat;

  @ApiProperty({ enum: COMPRESSIONS })
  compression!: Compression;

  @ApiPropertyOptional({
    type: [String],
    example: ['zstd'],
    description: 'What the dump was encoded with before it was stored, the last one applied last.',
  })
  codecs?: readonly string[];

  @ApiProperty({ description: 'Bytes of the file as stored.', example: 1024000 })
  size!: number;

  @ApiProperty({ example: 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9' })
  sha256!: string;

  @ApiProperty({ description: 'Bytes that the dump tool wrote, before compression.', example: 1024000 })
  dump_size!: number;

  @ApiProperty({ example: '2023-12-20T12:00:00.000Z', description: 'The moment of the data.' })
  started_at!: string;

  @ApiProperty({ example: '2023-12-20T12:00:01.250Z' })
  completed_at!: string;

  @ApiProperty({ example: 1250 })
  duration_ms!: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'string' },
    example: { encoding: 'UTF8' },
    description: 'Settings that a new database must be made with to hold the same data.',
  })
  database_settings!: Readonly<Record<string, string>>;

  @ApiProperty({
    type: () => ManifestPropertiesEntry,
    required: false,
    description:
      'Properties of the database itself, which a dump does not hold. A restore applies them to a database that it creates.',
  })
  properties?: ManifestPropertiesEntry;

  @ApiProperty({
    type: () => [ReferencedRoleEntry],
    required: false,
    description: 'Roles of the server that the dump refers to, without passwords.',
  })
  roles?: readonly ReferencedRoleEntry[];

  @ApiProperty({
    type: () => ManifestGlobalsEntry,
    required: false,
    description: 'The script with the roles of the server, stored next to the artifact.',
  })
  globals?: ManifestGlobalsEntry;

  @ApiProperty({
    type: [String],
    required: false,
    description:
      'PostgreSQL: search paths of the database, tried where a restore fails with the empty one of the dump.',
    example: ['app, public'],
  })
  search_paths?: readonly string[];

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description:
      'Settings of the source’s sessions on which generated columns and functions may depend. A restore computes these with them.',
    example: { time_zone: 'Europe/Berlin' },
  })
  session_settings?: Readonly<Record<string, string>>;

  @ApiPropertyOptional({
    type: () => ManifestDemandsEntry,
    description: 'MySQL and MariaDB: what the dump asks of the server that it is restored on.',
  })
  demands?: ManifestDemandsEntry;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { tables: 42, views: 3 },
    description: 'The number of objects of each kind, in the words of the database engine.',
  })
  objects!: Readonly<Record<string, number>>;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { 'public.orders': 12 },
    description: 'Rows by table, where they were counted in the dump’s own snapshot.',
  })
  rows?: Readonly<Record<string, number>>;

  @ApiPropertyOptional({
    type: () => ManifestChecksumsEntry,
    description: 'Checksums of the rows, where they were computed in the dump’s own snapshot.',
  })
  checksums?: ManifestChecksumsEntry;

  @ApiPropertyOptional({
    type: [String],
    example: ['schema public'],
    description: 'What every new database has and the source did not have.',
  })
  absent?: readonly string[];

  @ApiProperty({ type: [String], example: [] })
  warnings!: readonly string[];

  @ApiProperty()
  verification!: ManifestVerificationEntry;

  @ApiProperty({ type: String, required: false })
  connection_id?: string;

  @ApiProperty({ type: String, required: false })
  schedule_id?: string;

  @ApiProperty({
    type: () => ManifestSignatureEntry,
    required: false,
    description: 'HMAC-SHA-256 of all other fields, as canonical JSON, with a key of the installation.',
  })
  signature?: ManifestSignatureEntry;
}
