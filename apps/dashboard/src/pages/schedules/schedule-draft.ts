import type { Schemas } from '../../api/client.js';
import { COUNT_RULES, draftFaults, draftOf as retentionDraftOf, policyOf } from '../../retention/retention-draft.js';
import type { RetentionDraft } from '../../retention/retention-draft.js';
import type { Schedule } from './schedule-words.js';

type Options = Schemas['ScheduleOptionsBody'];

/** A schedule as somebody fills it in. An empty text is an option that is as the settings say. */
export interface ScheduleDraft {
  name: string;
  action: 'backup' | 'restore';
  connectionId: string;
  sourceConnectionId: string;
  /** An option of restores. */
  noOwner: boolean;
  cron: string;
  timezone: string;
  /** Whether a new schedule runs at once when it is due. */
  enabled: boolean;
  format: '' | NonNullable<Options['format']>;
  compression: '' | NonNullable<Options['compression']>;
  verification: '' | NonNullable<Options['verification']>;
  compare: '' | NonNullable<Options['compare']>;
  location: string;
  fileName: string;
  /** Whose policy holds for its backups. */
  whose: 'connection' | 'own';
  retention: RetentionDraft;
  jitter: string;
}

export function newDraft(connectionId: string, timezone: string): ScheduleDraft {
  return {
    name: '',
    action: 'backup',
    connectionId,
    sourceConnectionId: '',
    noOwner: false,
    cron: '30 2 * * *',
    timezone,
    enabled: true,
    format: '',
    compression: '',
    verification: '',
    compare: '',
    location: '',
    fileName: '',
    whose: 'connection',
    retention: retentionDraftOf(null),
    jitter: '',
  };
}

export function draftOf(schedule: Schedule): ScheduleDraft {
  const { options, retention, jitter_seconds: jitter } = schedule;
  return {
    name: schedule.name,
    action: schedule.action,
    connectionId: schedule.connection_id ?? '',
    sourceConnectionId: schedule.source_connection_id ?? '',
    noOwner: options.no_owner ?? false,
    cron: schedule.cron,
    timezone: schedule.timezone,
    enabled: schedule.enabled,
    format: options.format ?? '',
    compression: options.compression ?? '',
    verification: options.verification ?? '',
    compare: options.compare ?? '',
    location: options.location ?? '',
    fileName: options.name ?? '',
    whose: retention === null ? 'connection' : 'own',
    retention: retentionDraftOf(retention),
    jitter: jitter === 0 ? '' : String(jitter),
  };
}

/** Whether anything stands where it is seen only when somebody opens it. */
export const hasRareOptions = (draft: ScheduleDraft): boolean =>
  [
    draft.format,
    draft.compression,
    draft.verification,
    draft.compare,
    draft.location,
    draft.fileName,
    draft.jitter,
  ].some((text) => text !== '') || draft.whose === 'own';

const MAX_JITTER = 3600;

/** Returns the faults that can be told without the API, by field. */
export function faultsOf(draft: ScheduleDraft): Record<string, string> {
  const faults: Record<string, string> = {};
  if (draft.action === 'backup' && draft.whose === 'own') {
    for (const [rule, words] of Object.entries(draftFaults(draft.retention))) faults[`retention.${rule}`] = words;
  }
  const jitter = draft.jitter.trim();
  if (jitter !== '' && !(/^\d+$/.test(jitter) && Number(jitter) <= MAX_JITTER)) {
    faults['jitter_seconds'] = `A whole number up to ${MAX_JITTER}, or nothing`;
  }
  return faults;
}

function optionsOf({ format, compression, verification, compare, location, fileName }: ScheduleDraft): Options {
  return {
    ...(format === '' ? {} : { format }),
    ...(compression === '' ? {} : { compression }),
    ...(verification === '' ? {} : { verification }),
    ...(compare === '' ? {} : { compare }),
    ...(location.trim() === '' ? {} : { location: location.trim() }),
    ...(fileName.trim() === '' ? {} : { name: fileName.trim() }),
  };
}

/** Returns what can be changed of every schedule, the default one too. A restore has one option, and no retention. */
function looseParts(draft: ScheduleDraft) {
  const isBackup = draft.action === 'backup';
  return {
    ...(draft.name.trim() === '' ? {} : { name: draft.name.trim() }),
    options: isBackup ? optionsOf(draft) : { no_owner: draft.noOwner },
    retention: isBackup && draft.whose === 'own' ? policyOf(draft.retention) : null,
    jitter_seconds: Number(draft.jitter),
  };
}

function plan(draft: ScheduleDraft) {
  return {
    connection_id: draft.connectionId,
    action: draft.action,
    ...(draft.action === 'restore' && draft.sourceConnectionId !== ''
      ? { source_connection_id: draft.sourceConnectionId }
      : {}),
    cron: draft.cron.trim(),
    timezone: draft.timezone,
  };
}

/** Returns the request for a draft without faults. */
export function createRequestOf(draft: ScheduleDraft): Schemas['ScheduleCreateRequest'] {
  return { ...plan(draft), ...looseParts(draft), enabled: draft.enabled };
}

/** Returns the request for a draft without faults. It does not say whether the schedule is paused: somebody may have changed that meanwhile. */
export function changeRequestOf(draft: ScheduleDraft, isDefault: boolean): Schemas['ScheduleChangeRequest'] {
  return isDefault ? looseParts(draft) : { ...plan(draft), ...looseParts(draft) };
}

/** Fields of the API that the form shows. */
export const FIELDS = [
  ...['name', 'action', 'connection_id', 'source_connection_id', 'cron', 'timezone', 'jitter_seconds', 'retention'],
  ...['format', 'compression', 'verification', 'compare', 'location', 'name'].map((option) => `options.${option}`),
  ...[...COUNT_RULES, 'max_bytes'].map((rule) => `retention.${rule}`),
];
/** The field of each refusal that names none. */
export const FIELD_OF = {
  WRONG_ENGINE: 'source_connection_id',
  CONNECTION_NOT_FOUND: 'connection_id',
  INVALID_PATH: 'options.location',
  LOCATION_NOT_FOUND: 'options.location',
};
