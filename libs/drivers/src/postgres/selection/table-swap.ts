import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DomainError } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import type { SwapRequest, SwapResult } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { tableKey } from '../dump/table-key.js';
import { lockHolders } from '../login/lock-holders.js';
import { databaseError, isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { LoadTransaction } from '../load/load-transaction.js';
import { contentOf, copySchema, schemasOf, sqlName, writeContent } from './copy-schemas.js';
import type { CopyContent, ForeignKey } from './copy-schemas.js';
import { attach, detach } from './attachments.js';
import { addForeignKeys, dropForeignKeys } from './foreign-keys.js';
import {
  identifyAs,
  identitiesOf,
  isAmong,
  joinFormerPublications,
  joinPublications,
  leavePublications,
  membershipsOf,
  replicationWarnings,
} from './publications.js';
import { foreignKeysAcross, relationsOf, statisticsOf } from './table-catalog.js';
import type { Relation } from './table-catalog.js';
import { requireReplaceable } from './table-blockers.js';

/** While we wait for a table, everybody who wants it waits behind us: so not for long at a time. */
const LOCK_WAIT_MS = 2_000;
const PAUSE_MS = 500;
/** In all. */
export const PATIENCE_MS = 30_000;

/**
 * Puts the staging tables in their places, and what is there among the previous tables, in one transaction: everybody sees the
 * tables of before or those of after. Foreign keys of other tables are made anew, and checked, as they would follow the
 * old ones.
 */
export async function swapTables(request: SwapRequest, patienceMs = PATIENCE_MS): Promise<SwapResult> {
  const { connection, incoming, signal } = request;
  await using session = await PostgresSession.open(connection, signal);
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await new TableSwap(session, request).run();
    } catch (error) {
      if (signal.aborted) throw cancelled(`The swap of tables of "${connection.database}"`);
      if (!isLockTrouble(error)) throw databaseError(error, `"${incoming}" could not take its place`);
      if (performance.now() >= deadline) throw await busy(session, error);
    }
    await sleep(PAUSE_MS);
  }
}

class TableSwap {
  private readonly transaction: LoadTransaction;

  constructor(
    private readonly session: PostgresSession,
    private readonly request: SwapRequest,
  ) {
    this.transaction = new LoadTransaction(session, LOCK_WAIT_MS);
  }

  async run(): Promise<SwapResult> {
    const { incoming, outgoing, journal, signal } = this.request;
    try {
      await this.transaction.begin();
      await holdTableSwapLock(this.session, outgoing, 'transaction');
      const content = await this.contentOf(incoming);
      const lockedAt = await this.lock(content);
      const warnings = await this.swap(content);
      signal.throwIfAborted();
      await journal({ incoming, outgoing });
      await this.transaction.commit();
      return { lockoutMs: Math.round(performance.now() - lockedAt), sessionsEnded: 0, warnings };
    } catch (error) {
      await this.transaction.rollBack();
      throw error;
    }
  }

  private async contentOf(copy: string): Promise<CopyContent> {
    const content = await contentOf(this.session, copy);
    if (content !== undefined) return content;
    throw new DomainError(
      'UNSUPPORTED',
      `"${this.session.connection.database}" does not hold the tables of "${copy}" any more.`,
      {
        hint: 'The database itself was replaced since, or somebody dropped them. Restore a backup instead.',
      },
    );
  }

  /** Everything at once, and in one order, so that no step has to wait or to deadlock. */
  private async lock({ selected, foreignKeys }: CopyContent): Promise<number> {
    const { session } = this;
    const oids = (await relationsOf(session, selected)).map(({ oid }) => oid);
    const others = [
      ...(await foreignKeysAcross(session, oids, 'to them')).map(({ home, table }) => sqlName(home, table)),
      ...(await foreignKeysAcross(session, oids, 'from them')).map(({ target }) => sqlName(target.schema, target.name)),
    ];
    for (const { target } of foreignKeys) {
      const known = await relationsOf(session, [target]);
      if (known.some(({ kind }) => kind === 'r' || kind === 'p')) others.push(sqlName(target.schema, target.name));
    }
    const old = (await relationsOf(session, selected)).filter(({ kind }) => kind === 'r' || kind === 'p');
    const names = [...new Set([...old.map(({ schema, name }) => sqlName(schema, name)), ...others])].toSorted();
    if (names.length > 0)
      await session.query(`LOCK TABLE ${names.join(', ')} IN ACCESS EXCLUSIVE MODE`, [], AS_LONG_AS_IT_TAKES);
    return performance.now();
  }

  private async swap(content: CopyContent): Promise<string[]> {
    const { session } = this;
    const { incoming, outgoing } = this.request;
    const old = await relationsOf(session, content.selected);
    await requireReplaceable(session, old);
    const oids = old.map(({ oid }) => oid);
    const toOld = await foreignKeysAcross(session, oids, 'to them');
    const fromOld = await foreignKeysAcross(session, oids, 'from them');
    await dropForeignKeys(session, [...toOld, ...fromOld]);
    // Parts of them that refer to other tables would follow those to wherever another restore moves them.
    const attachments = await detach(session, oids, (schema) => schema, false);
    const publications = await membershipsOf(session, oids);
    const identities = await identitiesOf(session, oids);
    await leavePublications(session, publications);
    const homes = await this.moveOut(old, oids, outgoing);
    const made = await this.moveIn(content, incoming);
    const own = content.foreignKeys.map((key) => firingAs(key, fromOld));
    const warnings = await addForeignKeys(session, [...toOld, ...own]);
    await attach(session, content.attachments ?? []);
    const { selected } = content;
    const present = await relationsOf(session, selected);
    warnings.push(
      ...(await joinPublications(session, publications, present)),
      ...(await joinFormerPublications(
        session,
        (content.publications ?? []).filter(({ home, table }) => !isAmong(old, home, table)),
      )),
      ...(await identifyAs(session, identities, present)),
      ...(await replicationWarnings(
        session,
        present.map(({ oid }) => oid),
        await schemasOf(session, outgoing),
      )),
    );
    await writeContent(session, outgoing, {
      ...{ version: 1, selected, homes, foreignKeys: fromOld, attachments, publications },
    });
    return [...made.map((schema) => `Schema ${schema} was not there and was made.`), ...warnings];
  }

  private async moveOut(old: readonly Relation[], oids: readonly string[], outgoing: string): Promise<string[]> {
    const { session } = this;
    const statistics = await statisticsOf(session, oids);
    const homes = [...new Set([...old, ...statistics].map(({ schema }) => schema))];
    const place = (home: string): string => copySchema(outgoing, homes.indexOf(home));
    // The first is there in any case: it says that the swap is done.
    const schemas = homes.length === 0 ? [copySchema(outgoing, 0)] : homes.map(place);
    for (const schema of schemas) await session.query(`CREATE SCHEMA ${schema}`);
    for (const { schema, name } of old) await this.move('TABLE', sqlName(schema, name), place(schema));
    for (const { schema, name } of statistics) await this.move('STATISTICS', sqlName(schema, name), place(schema));
    return homes;
  }

  private async moveIn({ homes }: CopyContent, incoming: string): Promise<string[]> {
    const { session } = this;
    const made: string[] = [];
    for (const [number, home] of homes.entries()) {
      const from = copySchema(incoming, number);
      if (await this.createIfAbsent(home)) made.push(tableKey('', home).slice(3));
      const tables = await session.query<{ oid: string; name: string }>(
        `SELECT c.oid::text AS oid, c.relname::text AS name FROM pg_catalog.pg_class c
           WHERE c.relnamespace = $1::regnamespace AND c.relkind IN ('r', 'p', 'f') ORDER BY c.oid`,
        [from],
      );
      const statistics = await session.query<{ name: string }>(
        `SELECT stxname::text AS name FROM pg_catalog.pg_statistic_ext WHERE stxnamespace = $1::regnamespace`,
        [from],
      );
      for (const { name } of tables) await this.move('TABLE', sqlName(from, name), home);
      for (const { name } of statistics) await this.move('STATISTICS', sqlName(from, name), home);
    }
    for (const schema of await schemasOf(session, incoming)) await session.query(`DROP SCHEMA ${schema}`);
    return made;
  }

  private async createIfAbsent(schema: string): Promise<boolean> {
    const there = await this.session.query('SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1', [schema]);
    if (there.length > 0) return false;
    await this.session.query(`CREATE SCHEMA ${pg.escapeIdentifier(schema)}`);
    return true;
  }

  private async move(kind: 'TABLE' | 'STATISTICS', name: string, schema: string): Promise<void> {
    try {
      await this.session.query(`ALTER ${kind} ${name} SET SCHEMA ${pg.escapeIdentifier(schema)}`);
    } catch (error) {
      if (!isServerError(error) || !['42P07', '42710'].includes(error.code)) throw error;
      throw new DomainError('UNSUPPORTED', `${name} or something of it cannot take its place: ${error.message}.`, {
        hint: 'Another object of the database has that name. Rename it, or restore into another database.',
        cause: error,
      });
    }
  }
}

/** No dump says which triggers of a foreign key fire: one that has just been there fires as it did. */
function firingAs(key: ForeignKey, old: readonly ForeignKey[]): ForeignKey {
  const before = old.find(({ home, table, name }) => home === key.home && table === key.table && name === key.name);
  const triggers = (key.triggers ?? []).length > 0 ? key.triggers : before?.triggers;
  return triggers === undefined ? key : { ...key, triggers };
}

/**
 * One swap under this name at a time: a process that died may have left the server at work on its last command, and
 * nobody may judge by what is there before that has ended.
 */
export async function holdTableSwapLock(
  session: PostgresSession,
  outgoing: string,
  until: 'transaction' | 'session',
): Promise<void> {
  const lock = until === 'transaction' ? 'pg_advisory_xact_lock' : 'pg_advisory_lock';
  await session.query(
    `SELECT pg_catalog.${lock}(pg_catalog.hashtext('database-backup-service'), pg_catalog.hashtext($1))`,
    [outgoing],
  );
}

function isLockTrouble(error: unknown): boolean {
  return isServerError(error) && (error.code === '55P03' || error.code === '40P01');
}

async function busy(session: PostgresSession, cause: unknown): Promise<DomainError> {
  const holders = await lockHolders(session, false).catch(() => 'they could not be listed');
  return new DomainError('BUSY', `Tables of "${session.connection.database}" are in use: a lock was not to be had.`, {
    hint: `Nothing was changed. Let these sessions finish, or end them: ${holders}.`,
    cause,
  });
}
