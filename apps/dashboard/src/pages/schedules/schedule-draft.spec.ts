import { changeRequestOf, createRequestOf, draftOf, faultsOf, hasRareOptions, newDraft } from './schedule-draft.js';
import type { Schedule } from './schedule-words.js';

const nightly: Schedule = {
  id: 's',
  name: 'Nightly',
  connection_id: 'a',
  connection_ids: ['a'],
  action: 'backup',
  source_connection_id: null,
  cron: '30 2 * * *',
  timezone: 'Europe/Berlin',
  description: 'At 02:30 (Europe/Berlin)',
  enabled: true,
  options: { compression: 'zstd', location: './backups/n' },
  retention: { daily: 7, weekly: null, max_bytes: 5e9 },
  jitter_seconds: 60,
  next_runs: [],
  last_run: null,
  is_default: false,
  created_at: '2026-11-23T00:00:00.000Z',
  updated_at: '2026-11-23T00:00:00.000Z',
};

describe('the draft of a schedule', () => {
  it('is sent without what is as the settings say', () => {
    expect(createRequestOf(newDraft('a', 'UTC'))).toEqual({
      connection_id: 'a',
      action: 'backup',
      cron: '30 2 * * *',
      timezone: 'UTC',
      enabled: true,
      options: {},
      retention: null,
      jitter_seconds: 0,
    });
  });

  it('says again what the schedule was', () => {
    const draft = draftOf(nightly);
    expect(hasRareOptions(draft)).toBe(true);
    expect(changeRequestOf(draft, false)).toEqual({
      name: 'Nightly',
      connection_id: 'a',
      action: 'backup',
      cron: '30 2 * * *',
      timezone: 'Europe/Berlin',
      options: { compression: 'zstd', location: './backups/n' },
      retention: { daily: 7, max_bytes: 5e9 },
      jitter_seconds: 60,
    });
  });

  it('leaves alone what the settings say of the default schedule', () => {
    expect(Object.keys(changeRequestOf(draftOf({ ...nightly, is_default: true }), true))).toEqual([
      'name',
      'options',
      'retention',
      'jitter_seconds',
    ]);
  });

  it('of a restore has a source, and nothing that is for backups', () => {
    const draft = { ...draftOf(nightly), action: 'restore' as const, sourceConnectionId: 'b' };
    expect(changeRequestOf(draft, false)).toMatchObject({
      action: 'restore',
      source_connection_id: 'b',
      options: {},
      retention: null,
    });
    // And what nobody sees cannot be at fault.
    expect(faultsOf({ ...draft, retention: { ...draft.retention, size: 'much' } })).toEqual({});
  });

  it('knows what cannot be, by the fields of the API', () => {
    const draft = draftOf(nightly);
    expect(faultsOf(draft)).toEqual({});
    const wrong = { ...draft, jitter: '3601', retention: { ...draft.retention, size: 'much' } };
    expect(Object.keys(faultsOf(wrong))).toEqual(['retention.max_bytes', 'jitter_seconds']);
  });
});
