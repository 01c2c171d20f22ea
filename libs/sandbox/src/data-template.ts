import { createHash, randomBytes } from 'node:crypto';
import { addAbortListener } from 'node:events';
import { chown, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Account } from './installed-server.js';
import { SupervisedProcess } from './supervised-process.js';
import { SECRET_FILE } from './supervisor-script.js';
import type { SupervisedStep } from './supervisor-script.js';
import { noteTime } from './time-note.js';

/** A data directory that was initialised once, and that no server has used. */
export interface DataTemplate {
  data: string;
  /** The password with which it was initialised. */
  password: string;
}

export interface TemplateRecipe {
  engine: string;
  account: Account;
  /** Initialises `<directory>/data`. The file SECRET_FILE of the directory holds the password. */
  command(directory: string): readonly string[];
}

/**
 * Returns the template of a data directory, and makes it if it is missing. It is undefined unless SANDBOX_TEMPLATES names a folder
 * for templates, which only the tests do: whoever names it removes it. It is undefined, too, if the command fails: the server that
 * is then initialised the usual way reports why.
 */
export async function dataTemplate(recipe: TemplateRecipe, signal?: AbortSignal): Promise<DataTemplate | undefined> {
  const folder = process.env['SANDBOX_TEMPLATES'];
  if (folder === undefined || folder === '') return undefined;
  const own = await folderOf(recipe.account, folder);
  const place = join(own, `${recipe.engine}-${digestOf(recipe.command('/'))}`);
  if (!(await exists(place))) await make(place, own, recipe, signal);
  if (!(await exists(place))) return undefined;
  return { data: join(place, 'data'), password: (await readFile(join(place, SECRET_FILE), 'utf8')).trimEnd() };
}

/** Fills the data directory of a new server from a template. */
export function copyStep(template: DataTemplate, directory: string): SupervisedStep {
  return { command: ['cp', '-a', template.data, `${directory}/data`], stopSignal: 'TERM' };
}

/** Several processes may make the same template at once. It appears under its name when it is complete, and the first one stays. */
async function make(place: string, own: string, recipe: TemplateRecipe, signal?: AbortSignal): Promise<void> {
  const since = performance.now();
  const keep = 'mkdir whole && mv data "$0" whole && { [ -e "$1" ] || mv whole "$1"; }';
  await using maker = new SupervisedProcess({
    name: `${recipe.engine}-template`,
    folder: own,
    account: recipe.account,
    secret: randomBytes(18).toString('base64url'),
    steps: (directory) => [
      { command: recipe.command(directory), stopSignal: 'TERM' },
      { command: ['sh', '-c', keep, SECRET_FILE, place], stopSignal: 'TERM' },
    ],
  });
  using _listening = signal && addAbortListener(signal, () => void maker.stop());
  await maker.ended;
  signal?.throwIfAborted();
  noteTime(`template of ${recipe.engine}`, since);
}

/** Each account has a folder of its own, as it must be able to write there and nobody else may. */
async function folderOf({ uid, gid }: Account, folder: string): Promise<string> {
  const own = join(folder, String(uid ?? 'own'));
  await mkdir(own, { recursive: true, mode: 0o700 });
  if (uid !== undefined && gid !== undefined) await chown(own, uid, gid);
  return own;
}

function digestOf(command: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(command)).digest('hex').slice(0, 16);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
