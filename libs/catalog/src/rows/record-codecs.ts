import { recordCodec } from './record-codec.js';
import type {
  AuditRecord,
  BackupRow,
  ConnectionRecord,
  JobRecord,
  RestoreRecord,
  ScheduleRecord,
  StorageRecord,
  StoredEvent,
} from '../records.js';

export const connectionCodec = recordCodec<ConnectionRecord>()({ json: ['retention'] });
export const scheduleCodec = recordCodec<ScheduleRecord>()({ json: ['options', 'retention'], flags: ['enabled'] });
export const storageCodec = recordCodec<StorageRecord>()({ json: ['settings'] });
export const backupCodec = recordCodec<BackupRow>()({
  json: ['manifest'],
  flags: ['verificationFailed'],
  rowOnly: ['searchText', 'folder'],
});
export const jobCodec = recordCodec<JobRecord>()({
  json: ['payload', 'result', 'failure', 'progress', 'log'],
  flags: ['abandonedByRestart'],
});
export const restoreCodec = recordCodec<RestoreRecord>()({ json: ['failure', 'tables', 'journal'] });
export const auditCodec = recordCodec<AuditRecord>()({ json: ['details'] });
export const eventCodec = recordCodec<StoredEvent>()({ json: ['payload'] });
