import { ask, backupsOf, restoresOf } from '../kill/api.js';
import type { Subject } from '../kill/subject.js';

/** A database of that name is made, and dropped again. */
const ANEW = 'soak_anew';
const READ = [
  'overview',
  'status',
  'jobs',
  'restores',
  'backups',
  'catalog/backups',
  'connections',
  'schedules',
  'scheduler/status',
  'events',
  'audit',
  'users',
  'config',
  'settings',
  'health/ready',
];

/** Each kind of operation once on each database; resolves with how many calls that were. */
export async function soakRound(url: string, subjects: readonly Subject[], stop: AbortSignal): Promise<number> {
  let calls = 0;
  for (const subject of subjects) {
    for (const work of operations(url, subject)) {
      if (stop.aborted) return calls;
      await work();
      calls += 1;
    }
    const { state } = await subject.target.stateOf();
    if (state !== 'A')
      throw new Error(`The database of ${subject.target.engine} does not hold what it should after a round.`);
  }
  for (const path of READ.filter((name) => name !== 'events')) {
    if (stop.aborted) return calls;
    await ask(url, 'GET', `/api/${path}`);
    calls += 1;
  }
  await readEventsShortly(url);
  return calls + 1;
}

function operations(url: string, { connectionId, target }: Subject): (() => Promise<unknown>)[] {
  const inPlace = target.engine === 'postgres' ? 'transaction' : 'safety_backup';
  const formats = target.engine === 'postgres' ? ['plain', 'custom'] : ['plain'];
  const post = <T>(path: string, body: object = {}): Promise<T> => ask<T>(url, 'POST', path, body);
  const newest = async () => {
    const [backup] = (await backupsOf(url)).filter(
      ({ connection_id: id, kind }) => id === connectionId && kind === 'manual',
    );
    if (backup === undefined) throw new Error('There is no backup.');
    return backup;
  };
  const restore = async (more: object): Promise<string> => {
    const { path } = await newest();
    const answer = await post<{ restore: { id: string } }>('/api/restore', {
      ...{ connection_id: connectionId, backup_file_path: path, ...more },
    });
    return answer.restore.id;
  };
  return [
    () => post(`/api/connections/${connectionId}/activate`),
    ...formats.flatMap((format) =>
      ['none', 'zstd'].map(
        (compression) => () => post('/api/backup', { connection_id: connectionId, format, compression }),
      ),
    ),
    async () => post(`/api/backups/${(await newest()).id}/verify`, { level: 'stored' }),
    async () => post(`/api/backups/${(await newest()).id}/verify`, { level: 'restored' }),
    async () => download(`${url}/api/backups/${(await newest()).id}/download`),
    async () =>
      post('/api/restore', { connection_id: connectionId, backup_file_path: (await newest()).path, dry_run: true }),
    async () => post(`/api/restores/${await restore({ strategy: 'swap' })}/undo`),
    () => restore({ strategy: inPlace }),
    async () => {
      await restore({ target_database: ANEW });
      await target.drop(ANEW);
    },
    () => post(`/api/connections/${connectionId}/test`),
    async () => {
      for (const { id, undo } of await restoresOf(url)) {
        if (undo.copy !== null) await ask(url, 'DELETE', `/api/restores/${id}/undo`);
      }
    },
  ];
}

async function download(url: string): Promise<void> {
  const answer = await fetch(url, { headers: { connection: 'close' } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  await answer.body?.pipeTo(new WritableStream());
}

/** Whoever listens and goes away must not be kept. */
async function readEventsShortly(url: string): Promise<void> {
  const leave = new AbortController();
  const answer = await fetch(`${url}/api/events`, { signal: leave.signal });
  leave.abort();
  await answer.body?.cancel().catch(() => undefined);
}
