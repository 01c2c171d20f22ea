/** What the service says, as far as the run asks for it. */
export interface ListedBackup {
  id: string;
  path: string;
  status: string;
  kind: string | null;
  connection_id: string | null;
  database: string | null;
  pinned: boolean;
}
export interface ListedRestore {
  id: string;
  database: string;
  state: string;
  connection_id: string | null;
  safety_backup_path: string | null;
  /** Null: of the whole database. */
  tables: string[] | null;
  /** `copy`: on the server, also while it is being dropped. */
  undo: { available: boolean; copy: string | null };
}
export interface ListedJob {
  id: string;
  type: string;
  state: string;
  connection_id: string | null;
  error: { code: string; message: string } | null;
}

export interface Answer {
  status: number;
  body: Record<string, unknown>;
}

/** Rejects when there is no answer: the service is gone. */
export async function call(url: string, method: string, path: string, body?: object): Promise<Answer> {
  const response = await fetch(url + path, {
    method,
    // Nothing is kept of a service that is about to die.
    headers: { connection: 'close', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Rejects also when it answers with an error. */
export async function ask<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await call(url, method, path, body);
  if (answer.status !== 200)
    throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body as T;
}

export async function backupsOf(url: string): Promise<ListedBackup[]> {
  return (await ask<{ backups: ListedBackup[] }>(url, 'GET', '/api/catalog/backups?limit=500')).backups;
}
export async function restoresOf(url: string): Promise<ListedRestore[]> {
  return (await ask<{ restores: ListedRestore[] }>(url, 'GET', '/api/restores?limit=500')).restores;
}
export async function unfinishedJobs(url: string): Promise<ListedJob[]> {
  return (await ask<{ jobs: ListedJob[] }>(url, 'GET', '/api/jobs?state=queued,running&limit=500')).jobs;
}
