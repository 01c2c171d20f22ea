import { randomUUID } from 'node:crypto';
import { keyIn } from '@app/domain';
import type { AuditRecord, BackupRow, ConnectionRecord, JobRecord, RestoreRecord, ScheduleRecord } from '../records.js';

/** Makes whole records with plain values for fields that a test is not about. Each record is a different one. */

export function aConnection(some: Partial<ConnectionRecord> = {}): ConnectionRecord {
  const id = some.id ?? randomUUID();
  return {
    id,
    label: null,
    dbType: 'PostgreSQL',
    host: 'db.example',
    port: 5432,
    database: `shop-${id}`,
    username: 'backup',
    sealedPassword: 'sealed',
    sslMode: 'prefer',
    tlsCa: null,
    tlsCertificate: null,
    sealedTlsKey: null,
    identity: null,
    retention: null,
    createdAt: 1_000,
    updatedAt: 1_000,
    ...some,
  };
}

export function aSchedule(some: Partial<ScheduleRecord> = {}): ScheduleRecord {
  return {
    id: randomUUID(),
    name: 'Weekly',
    connectionId: null,
    action: 'backup',
    sourceConnectionId: null,
    cron: '0 0 * * 6',
    timezone: 'UTC',
    enabled: true,
    options: {},
    retention: null,
    jitterSeconds: 0,
    nextDueAt: 5_000,
    servedDueAt: null,
    createdAt: 1_000,
    updatedAt: 1_000,
    ...some,
  };
}

export function aBackup({ folder = 'backups', ...some }: Partial<BackupRow> & { folder?: string } = {}): BackupRow {
  const id = some.id ?? randomUUID();
  const filename = some.filename ?? `${id}.sql`;
  return {
    storageId: 'local',
    key: keyIn(folder, filename),
    filename,
    id,
    status: 'complete',
    kind: 'manual',
    dbType: 'PostgreSQL',
    database: 'shop',
    databaseKey: 'shop@db.example',
    connectionId: null,
    scheduleId: null,
    format: 'plain',
    compression: 'none',
    size: 100,
    createdAt: 1_000,
    verification: 'complete',
    verificationFailed: false,
    manifest: null,
    foreignBecause: null,
    fileModifiedAt: 1_000,
    manifestModifiedAt: 1_000,
    ...some,
  };
}

export function aJob(some: Partial<JobRecord> = {}): JobRecord {
  return {
    id: randomUUID(),
    type: 'backup',
    state: 'queued',
    lockKey: null,
    connectionId: null,
    scheduleId: null,
    dueAt: null,
    uniqueKey: null,
    retryOf: null,
    priority: 0,
    abandonedByRestart: false,
    payload: {},
    result: null,
    failure: null,
    progress: null,
    log: [],
    attempt: 0,
    maxAttempts: 1,
    runAfter: 0,
    cancelRequestedAt: null,
    owner: 'here',
    createdAt: 1_000,
    startedAt: null,
    finishedAt: null,
    ...some,
  };
}

export function aRestore(some: Partial<RestoreRecord> = {}): RestoreRecord {
  return {
    id: randomUUID(),
    kind: 'restore',
    undoes: null,
    jobId: null,
    connectionId: null,
    dbType: 'PostgreSQL',
    database: 'shop',
    databaseKey: 'shop@db.example',
    backupPath: './backups/shop.sql',
    backupId: null,
    strategy: null,
    tables: null,
    incoming: null,
    journal: null,
    copy: null,
    copyState: 'none',
    copyUntil: null,
    copyBytes: null,
    lockoutMs: null,
    safetyBackupPath: null,
    safetyBackupId: null,
    state: 'running',
    failure: null,
    startedAt: 1_000,
    finishedAt: null,
    ...some,
  };
}

export function anAuditEntry(some: Partial<AuditRecord> = {}): AuditRecord {
  return {
    id: randomUUID(),
    at: 1_000,
    actor: 'admin',
    address: null,
    action: 'POST /api/backup',
    subject: null,
    status: 200,
    details: {},
    ...some,
  };
}
