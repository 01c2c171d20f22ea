import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runSql } from '../support/run-sql.js';
import { ask } from './api.js';
import type { ListedBackup } from './api.js';
import { Broken } from './attempt.js';
import type { Attempt } from './attempt.js';
import type { Operation } from './operation.js';
import { VISITOR } from './states.js';
import type { Target } from './target.js';

/** Makes true what an operation needs to have something to do. Resolves with the operation to perform. */
export async function madeReady(operation: Operation, target: Target, url: string, home: string): Promise<Operation> {
  if (operation.kind === 'globals') await runSql(target.admin, [`drop role if exists ${VISITOR}`]);
  if (operation.kind !== 'adopt') return operation;
  const { artifact = '' } = operation;
  const file = join(home, 'backups', `${artifact}.manifest.json`);
  const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
  // As by an editor: the folder itself is changed, by which the service notices it.
  const draft = join(home, 'tmp', `${artifact}.altered`);
  await writeFile(draft, JSON.stringify({ ...manifest, verification: null, warnings: ['Somebody has altered this.'] }));
  await rename(draft, file);
  const id = await foreignIdOf(url, artifact);
  if (id === undefined) throw new Broken(`${artifact} is not foreign although its manifest was altered`);
  return { ...operation, path: `/api/backups/${id}/adopt` };
}

/** What must be true of it in the end, and makes that true which a death may have left undone. */
export async function finishReady({ operation, answer, subject }: Attempt, url: string): Promise<void> {
  const { kind, artifact = '' } = operation;
  if (kind === 'globals') {
    const { target } = subject;
    const [found] = await runSql(target.admin, [`select count(*) as total from pg_roles where rolname = '${VISITOR}'`]);
    const isThere = Number(found?.['total']) === 1;
    if (answer?.status === 200 && !isThere)
      throw new Broken(`${operation.words} was answered, and the role is missing`);
    if (!isThere) await runSql(target.admin, [`create role ${VISITOR}`]);
  }
  if (kind !== 'adopt') return;
  const isForeign = await foreignIdOf(url, artifact);
  if (answer?.status === 200 && isForeign !== undefined)
    throw new Broken(`${operation.words} was answered, and ${artifact} is foreign`);
  if (isForeign !== undefined) await ask(url, 'POST', `/api/backups/${isForeign}/adopt`);
}

async function foreignIdOf(url: string, artifact: string): Promise<string | undefined> {
  const { backups } = await ask<{ backups: ListedBackup[] }>(url, 'GET', '/api/backups');
  const found = backups.find(({ path }) => path.endsWith(`/${artifact}`));
  if (found === undefined) throw new Broken(`${artifact} is not listed any more`);
  return found.status === 'foreign' ? found.id : undefined;
}
