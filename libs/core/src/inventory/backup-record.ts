import { adoptionHint, foreignSentence } from '@app/artifact';
import type { BackupRow } from '@app/catalog';
import type {
  BackupKind,
  BackupStatus,
  DbType,
  DumpFormat,
  FileCompression,
  ForeignReason,
  Manifest,
} from '@app/domain';
import type { BackupLocation, StoredFile } from '@app/storage';
import { rowOfManifest } from './backup-row.js';

/** One backup as a caller sees it. Fields that a foreign file does not tell are absent. */
export interface BackupRecord {
  id: string;
  filename: string;
  /** The path as it is shown to people, see `BackupLocation.display`. */
  path: string;
  /** The folder as it is shown to people, and as a caller gives it as a location. */
  location: string;
  /** Bytes as stored. */
  size: number;
  /** Epoch seconds: when the backup began, or when a foreign file was last changed. */
  created: number;
  status: BackupStatus;
  /** Why it is foreign though it has a manifest. Only such a backup can be adopted. */
  foreignBecause?: ForeignReason;
  kind?: BackupKind;
  database?: string;
  dbType?: DbType;
  format?: DumpFormat;
  compression?: FileCompression;
  sha256?: string;
  durationMs?: number;
  /** ISO 8601, for backups of ours. */
  startedAt?: string;
  completedAt?: string;
  warnings: readonly string[];
  verification?: Manifest['verification'];
  /** Ids of the catalog; the schedule or connection may be gone. */
  connectionId?: string;
  scheduleId?: string;
  /** Retention never removes it. */
  pinned: boolean;
}

/** Describes a backup that was just made, and cannot be pinned yet. */
export function recordOfManifest(manifest: Manifest, file: StoredFile, location: BackupLocation): BackupRecord {
  return recordOfRow(rowOfManifest(manifest, file, location.storageId), location, false);
}

export function recordOfRow(row: BackupRow, location: BackupLocation, pinned: boolean): BackupRecord {
  return {
    id: row.id,
    filename: row.filename,
    path: location.display(row.filename),
    location: location.display('.'),
    size: row.size,
    created: Math.floor(row.createdAt / 1000),
    status: row.status,
    ...(row.foreignBecause === null ? {} : { foreignBecause: row.foreignBecause }),
    ...(row.kind === null ? {} : { kind: row.kind }),
    ...(row.database === null ? {} : { database: row.database }),
    ...(row.dbType === null ? {} : { dbType: row.dbType }),
    ...(row.format === null ? {} : { format: row.format }),
    ...(row.compression === null ? {} : { compression: row.compression }),
    ...(row.connectionId === null ? {} : { connectionId: row.connectionId }),
    ...(row.scheduleId === null ? {} : { scheduleId: row.scheduleId }),
    ...(row.manifest === null ? {} : figuresOf(row.manifest)),
    warnings: warningsOf(row),
    pinned,
  };
}

function figuresOf(manifest: Manifest): Partial<BackupRecord> {
  return {
    sha256: manifest.sha256,
    durationMs: manifest.duration_ms,
    startedAt: manifest.started_at,
    completedAt: manifest.completed_at,
    verification: manifest.verification,
  };
}

function warningsOf({ status, manifest, foreignBecause }: BackupRow): readonly string[] {
  if (manifest === null) {
    if (foreignBecause !== null) return [`${foreignSentence(foreignBecause)} ${adoptionHint(foreignBecause)}`];
    if (status !== 'damaged') return [];
    return ['The manifest beside this file cannot be read or belongs to another file.'];
  }
  const { level, failed, untried } = manifest.verification;
  const more = [failed?.message, level === 'restored' ? undefined : untried?.message];
  return [...manifest.warnings, ...more.filter((message) => message !== undefined)];
}
