import type { BackupKind, BackupStatus, DbType, DumpFormat, FileCompression, Manifest } from '@app/domain';
import type { BackupLocation, StoredFile } from '@app/storage';

/** One backup as a caller sees it. What a foreign file does not tell is absent. */
export interface BackupRecord {
  id: string;
  filename: string;
  /** As shown to people, see `BackupLocation.display`. */
  path: string;
  /** Bytes as stored. */
  size: number;
  /** Epoch seconds: when the backup began, or when a foreign file was last changed. */
  created: number;
  status: BackupStatus;
  kind?: BackupKind;
  database?: string;
  dbType?: DbType;
  format?: DumpFormat;
  compression?: FileCompression;
  sha256?: string;
  durationMs?: number;
  warnings: readonly string[];
  verification?: Manifest['verification'];
}

export function recordOfManifest(manifest: Manifest, file: StoredFile, location: BackupLocation): BackupRecord {
  return {
    id: manifest.id,
    filename: file.filename,
    path: location.display(file.filename),
    size: file.size,
    created: Math.floor(Date.parse(manifest.started_at) / 1000),
    status: manifest.size === file.size ? 'complete' : 'damaged',
    kind: manifest.kind,
    database: manifest.database,
    dbType: manifest.db_type,
    format: manifest.format,
    compression: manifest.compression,
    sha256: manifest.sha256,
    durationMs: manifest.duration_ms,
    warnings: manifest.warnings,
    verification: manifest.verification,
  };
}
