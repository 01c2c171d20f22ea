import { runSql } from '../support/run-sql.js';
import { Broken } from './attempt.js';
import type { Attempt } from './attempt.js';
import type { Operation } from './operation.js';
import { VISITOR } from './states.js';
import type { Target } from './target.js';

/** Prepares the server so that the operation has something to do. */
export async function makeReady({ kind }: Operation, target: Target): Promise<void> {
  if (kind === 'globals') await runSql(target.admin, [`drop role if exists ${VISITOR}`]);
}

/** Checks what the operation has promised, and then does itself what a killed service may have left undone. */
export async function finishReady({ operation, answer, subject }: Attempt): Promise<void> {
  if (operation.kind !== 'globals') return;
  const { target } = subject;
  const [found] = await runSql(target.admin, [`select count(*) as total from pg_roles where rolname = '${VISITOR}'`]);
  const isThere = Number(found?.['total']) === 1;
  if (answer?.status === 200 && !isThere) throw new Broken(`${operation.words} was answered, and the role is missing`);
  if (!isThere) await runSql(target.admin, [`create role ${VISITOR}`]);
}
