import { ApiProperty } from '@nestjs/swagger';
import { CHECK_STEPS } from '@app/core';
import type { CheckStep } from '@app/core';
import { STORAGE_NAME_RULE, storageNameFault } from '@app/storage';
import { FlagField, TextField, TextMapField } from '../http/requests/request-fields.js';

const MAX_NAME_LENGTH = 63;
const MAX_SETTINGS = 30;
/** A private key is the longest. */
const MAX_SETTING_LENGTH = 16_384;
const UUID = '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52';
const SETTINGS = { bucket: 'backups', region: 'eu-central-1', prefix: 'database-server-1' };

function NameField(optional: boolean): PropertyDecorator {
  return TextField({
    maxLength: MAX_NAME_LENGTH,
    optional,
    faultOf: storageNameFault,
    example: 'offsite',
    description: `${STORAGE_NAME_RULE} It stands before the colon of addresses: \`offsite:shop/shop_20261130_101500.sql\`.`,
  });
}

function TestField(): PropertyDecorator {
  return FlagField({
    optional: true,
    example: true,
    description: 'Default: true, a storage that does not pass the test of POST /api/storages/{id}/test is not saved.',
  });
}

export class StorageCreateRequest {
  @NameField(false)
  name!: string;

  @TextField({ maxLength: 20, example: 's3', description: 'The kind: see docs/operations/storages.md.' })
  kind!: string;

  @TextMapField({
    maxItems: MAX_SETTINGS,
    maxLength: MAX_SETTING_LENGTH,
    example: SETTINGS,
    description: 'The settings of this kind. Secrets among them are sealed, and never shown again.',
  })
  settings!: Record<string, string>;

  @TestField()
  test?: boolean | undefined;
}

/** An absent field stays. */
export class StorageChangeRequest {
  @NameField(true)
  name?: string | undefined;

  @TextMapField({
    maxItems: MAX_SETTINGS,
    maxLength: MAX_SETTING_LENGTH,
    optional: true,
    nullableItems: true,
    example: { prefix: 'database-server-2' },
    description: 'The settings that change; null takes one away. Stored secrets are not sent to another server.',
  })
  settings?: Record<string, string | null> | undefined;

  @TestField()
  test?: boolean | undefined;
}

export class StorageDeleteRequest {
  @TextField({
    maxLength: MAX_NAME_LENGTH,
    optional: true,
    example: 'offsite',
    description:
      'The name of the storage, where it holds backups. They stay there; this service does not list them any more.',
  })
  confirm?: string | undefined;
}

export class StorageDetails {
  @ApiProperty({ example: UUID })
  id!: string;

  @ApiProperty({ example: 'offsite' })
  name!: string;

  @ApiProperty({ example: 's3' })
  kind!: string;

  @ApiProperty({ type: Object, description: 'The settings without the secrets.', example: SETTINGS })
  settings!: Readonly<Record<string, string>>;

  @ApiProperty({
    type: [String],
    description: 'The names of the secrets that are kept.',
    example: ['secret_access_key'],
  })
  secrets!: readonly string[];

  @ApiProperty({
    description: 'Whether BACKUP_DIR or BACKUP_ALLOWED_DIRS names it, so that it cannot be changed here.',
    example: false,
  })
  from_environment!: boolean;

  @ApiProperty({
    enum: ['fine', 'low', 'unwritable', 'missing'],
    description:
      '`missing`: it does not answer, or is not the one that was used before. `low`: less than 10 % is free.',
    example: 'fine',
  })
  state!: 'fine' | 'low' | 'unwritable' | 'missing';

  @ApiProperty({ type: String, nullable: true, description: 'Why no backup can be written there now.', example: null })
  blocker!: string | null;

  @ApiProperty({ type: Number, nullable: true, description: 'Null where the storage does not tell.', example: null })
  free_bytes!: number | null;

  @ApiProperty({ type: Number, nullable: true, example: null })
  total_bytes!: number | null;

  @ApiProperty({ description: 'The number of listed files, including foreign ones.', example: 12 })
  backups!: number;

  @ApiProperty({ description: 'The bytes that they take.', example: 1073741824 })
  bytes!: number;
}

export class StoragesResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => [StorageDetails], description: 'The default one is the first.' })
  storages!: StorageDetails[];

  @ApiProperty({ type: [String], description: 'The kinds that can be added.', example: ['s3'] })
  kinds!: readonly string[];
}

export class StorageResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: () => StorageDetails })
  storage!: StorageDetails;
}

export class StorageSavedResponse extends StorageResponse {
  @ApiProperty({ example: 'Storage added.' })
  message!: string;
}

export class StorageTestResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ example: 'The storage works.' })
  message!: string;

  @ApiProperty({ enum: CHECK_STEPS, isArray: true, description: 'The steps that were done.', example: CHECK_STEPS })
  steps!: readonly CheckStep[];
}
