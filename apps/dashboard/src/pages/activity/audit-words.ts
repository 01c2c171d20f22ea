import type { paths } from '../../api/schema.js';

type Method = 'post' | 'put' | 'patch' | 'delete';
type Colons<Path extends string> = Path extends `${infer Before}{${infer Name}}${infer After}`
  ? `${Before}:${Name}${Colons<After>}`
  : Path;
type MethodsOf<Path extends keyof paths> = {
  [M in Method]: undefined extends paths[Path][M] ? never : M;
}[Method];
/** Every call of the API that changes something, as the trail writes it: `POST /api/jobs/:id/cancel`. */
export type AuditAction = { [Path in keyof paths]: `${Uppercase<MethodsOf<Path>>} ${Colons<Path>}` }[keyof paths];

/** The words for each call, which say what somebody did. The type makes sure that a new call gets its words. */
const WORDS: Readonly<Record<AuditAction, string>> = {
  'POST /api/connect': 'Connect to a database',
  'POST /api/disconnect': 'Disconnect',
  'POST /api/connections': 'Add a connection',
  'POST /api/connections/discover': 'Look for databases on a server',
  'PATCH /api/connections/:id': 'Change a connection',
  'DELETE /api/connections/:id': 'Delete a connection',
  'POST /api/connections/:id/test': 'Test a connection',
  'POST /api/connections/:id/activate': 'Make a connection active',
  'POST /api/connections/:id/retention/apply': 'Apply the retention of a connection',
  'POST /api/storages': 'Add a storage',
  'PATCH /api/storages/:id': 'Change a storage',
  'DELETE /api/storages/:id': 'Take a storage from the list',
  'POST /api/storages/:id/test': 'Test a storage',
  'POST /api/backup': 'Create a backup',
  'POST /api/backup/force': 'Run the scheduled backup now',
  'DELETE /api/backups/:id': 'Delete a backup',
  'POST /api/backups/:id/pin': 'Pin or unpin a backup',
  'POST /api/backups/:id/verify': 'Verify a backup',
  'POST /api/backups/:id/adopt': 'Adopt a backup',
  'POST /api/backups/:id/globals/restore': 'Roles made from a backup',
  'POST /api/catalog/rebuild': 'Rebuild the catalog',
  'POST /api/settings/storage/accept': 'Accept a folder as the storage',
  'POST /api/restore': 'Restore a backup',
  'POST /api/restores/:id/undo': 'Undo a restore',
  'DELETE /api/restores/:id/undo': 'Drop what a restore had replaced',
  'POST /api/scheduler/start': 'Start the scheduler',
  'POST /api/scheduler/stop': 'Stop the scheduler',
  'POST /api/schedules': 'Add a schedule',
  'POST /api/schedules/preview': 'Preview a schedule',
  'PATCH /api/schedules/:id': 'Change a schedule',
  'DELETE /api/schedules/:id': 'Delete a schedule',
  'POST /api/schedules/:id/run': 'Run a schedule now',
  'POST /api/schedules/:id/retention/apply': 'Apply the retention of a schedule',
  'POST /api/users': 'Change database users',
  'POST /api/config': 'Change settings',
  'POST /api/tools/detect': 'Look for the database tools',
  'POST /api/jobs/:id/cancel': 'Cancel a job',
};
const USER_OPERATIONS: Readonly<Record<string, string>> = {
  'Create User': 'Create a database user',
  'Modify Users': 'Change a database user',
  'Delete Users': 'Delete a database user',
};

interface Entry {
  action: string;
  subject: string | null;
  status: number | null;
  details: object;
}

/** Says what somebody wanted to do; requests of strangers for addresses that do not exist stay as they wrote them. */
export function actionWords({ action, details }: Pick<Entry, 'action' | 'details'>): string {
  const told = details as { operation?: unknown; dry_run?: unknown; pinned?: unknown };
  if (action === 'POST /api/users' && typeof told.operation === 'string') {
    return USER_OPERATIONS[told.operation] ?? WORDS[action];
  }
  if (action === 'POST /api/restore' && told.dry_run === true) return 'Plan a restore';
  if (action === 'POST /api/backups/:id/pin' && typeof told.pinned === 'boolean') {
    return told.pinned ? 'Pin a backup' : 'Unpin a backup';
  }
  return (WORDS as Readonly<Record<string, string>>)[action] ?? action;
}

/** `tone`: as StateBadge takes it. */
export function answerWords({ status }: Pick<Entry, 'status'>): {
  tone: 'good' | 'warn' | 'bad' | 'plain';
  words: string;
} {
  if (status === null) return { tone: 'plain', words: 'Hung up' };
  if (status === 202) return { tone: 'good', words: 'Begun' };
  if (status < 400) return { tone: 'good', words: 'Done' };
  if (status === 401 || status === 403) return { tone: 'warn', words: 'Not allowed' };
  if (status < 500) return { tone: 'warn', words: 'Refused' };
  return { tone: 'bad', words: 'Failed' };
}

/** Returns the details of a request, one `field: value` a line; empty where there are none. */
export function detailLines({ details }: Pick<Entry, 'details'>): string[] {
  return Object.entries(details).map(([field, value]) => `${field}: ${shown(value)}`);
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const UUID = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;

/** Names the subject of a call: a name as it is, an id with the kind of its thing. */
export function subjectWords({ action, subject, status }: Pick<Entry, 'action' | 'subject' | 'status'>): string {
  if (subject === null) return '–';
  return UUID.test(subject) ? `${kindOf({ action, status })} ${subject.slice(0, 8)}` : subject;
}

/** Where that can be looked at; undefined where it has no page, or is not known to be there. */
export function subjectLink({ action, subject, status }: Omit<Entry, 'details'>): string | undefined {
  if (subject === null || status === null || status >= 400 || action.startsWith('DELETE ')) return undefined;
  switch (kindOf({ action, status })) {
    case 'Job':
      return `/activity/${encodeURIComponent(subject)}`;
    case 'Backup':
      return `/backups/${encodeURIComponent(subject)}`;
    case 'Restore':
      return '/restores';
    default:
      return undefined;
  }
}

const KINDS = [
  ['/api/jobs', 'Job'],
  ['/api/backup', 'Backup'],
  ['/api/restores', 'Restore'],
  ['/api/connections', 'Connection'],
  ['/api/schedules', 'Schedule'],
] as const;

/** A call that begins a backup and does not wait for it tells its job. */
function kindOf({ action, status }: Pick<Entry, 'action' | 'status'>): string {
  const path = action.slice(action.indexOf(' ') + 1);
  if (status === 202 && (path === '/api/backup' || path === '/api/backup/force')) return 'Job';
  return KINDS.find(([start]) => path.startsWith(start))?.[1] ?? 'Id';
}
