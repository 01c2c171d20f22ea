import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource } from '../../../db-driver.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { ForeignClient, StatementFailure } from '../../foreign/foreign-client.js';
import type { ForeignClientParts } from '../../foreign/foreign-client.js';
import { ForeignRights } from '../../foreign/foreign-rights.js';
import { tidyForeignScript } from '../../foreign/foreign-script.js';
import { DumpRewriter } from '../../script/mysql-dump-rewriter.js';
import { inspectDump } from '../../script/mysql-script-guard.js';
import { StatementCutter } from '../../script/statement-cutter.js';
import { judgeStrictly } from '../../foreign/strict-judge.js';

export interface Taken {
  /** Why nothing of it was sent. */
  refused?: string;
  /** The answer of the server to the first statement that it has refused. */
  failed?: string;
  /** The statements of it, and whether the last of them ends. */
  statements: number;
  ends: boolean;
  /** Whether the guard, which reads a dump before any other does, lets it pass. */
  passesGuard: boolean;
}

/** For a text that a server works on for ever. */
const TEXT_WITHIN_MS = 120_000;

/** A session is set back after each text, and now and then there is a new one. */
const TEXTS_OF_A_SESSION = 25;

/**
 * Loads many scripts one after the other with the rights of a foreign dump, and goes on after failures. The guard is asked and not obeyed: what stands behind it has to hold alone.
 */
export class LongLoad {
  private readonly definers = new Map<string, string>();
  /** The text that was sent so far: to the judge all of it is one dump. */
  private sent = '';
  private parts: ForeignClientParts | undefined;
  private left = 0;
  private readonly end = new AbortController();
  /** The sql_mode with which a load begins. */
  private mode = '';

  private constructor(
    private readonly database: string,
    private readonly staged: boolean,
    private readonly rights: ForeignRights,
  ) {}

  static async begin(connection: ConnectionParams, staged: boolean): Promise<LongLoad> {
    return new LongLoad(connection.database, staged, await ForeignRights.of(connection, limit()));
  }

  /** Whether nothing but the text says what it may do. */
  get isJudged(): boolean {
    return this.rights.strict;
  }

  async take(text: string): Promise<Taken> {
    const { database, staged } = this;
    const { statements, ends } = await cut(text);
    const passesGuard = await guarded(text, database);
    const taken = { statements, ends, passesGuard };
    if (this.isJudged) {
      try {
        await judgeStrictly(sourceOf(this.sent + text), { database, staged, folds: false }, limit());
      } catch (error) {
        return { ...taken, refused: (error as Error).message };
      }
    }
    const client = await this.client();
    const timer = setTimeout(() => this.end.abort(), TEXT_WITHIN_MS);
    try {
      const fed = pipeline(sourceOf(text).open(), new DumpRewriter(database, { holdEvents: staged }), client.stdin);
      fed.catch(() => undefined);
      await client.completed;
      if (ends) this.sent += `${text}\nDELIMITER ;\n`;
      return taken;
    } catch (error) {
      if (this.end.signal.aborted) throw new Error('A statement has no end.', { cause: error });
      if (!(error instanceof StatementFailure)) this.left = 0;
      return { ...taken, failed: error instanceof StatementFailure ? `${error.errno}` : (error as Error).message };
    } finally {
      clearTimeout(timer);
      for (const [object, definer] of client.definers) this.definers.set(object, definer);
    }
  }

  private async client(): Promise<ForeignClient> {
    this.left -= 1;
    const kept = this.left > 0 ? this.parts : undefined;
    if (kept !== undefined && (await setBack(kept.session, this.mode))) return new ForeignClient(kept);
    await this.rights.closeClient();
    const client = await this.rights.openClient(this.end.signal, false);
    this.left = TEXTS_OF_A_SESSION;
    this.parts = (client as unknown as { parts: ForeignClientParts }).parts;
    ({ mode: this.mode } = await this.parts.session.row<{ mode: string }>('SELECT @@sql_mode AS mode'));
    return client;
  }

  /** Ends the load when all is there: without the session that loaded, for whose locks the end would wait. */
  async finish(): Promise<void> {
    await this.rights.closeClient();
    this.left = 0;
    await this.rights.finish({ definers: this.definers }, this.staged, limit());
  }

  async close(): Promise<void> {
    await this.rights.end();
  }
}

/** To what it was when it was opened, as far as dumps set things. */
async function setBack(session: MysqlSession, mode: string): Promise<boolean> {
  try {
    for (const sql of ['ROLLBACK', 'UNLOCK TABLES', 'SET NAMES utf8mb4']) await session.run(sql);
    await session.run('SET SESSION sql_mode = ?, autocommit = 1, foreign_key_checks = 1, unique_checks = 1', [mode]);
    return true;
  } catch {
    return false;
  }
}

function limit(): AbortSignal {
  return AbortSignal.timeout(TEXT_WITHIN_MS);
}

function sourceOf(text: string): DumpSource {
  return { format: 'plain', own: false, open: () => Readable.from([Buffer.from(text, 'latin1')]) };
}

/** Judges a text by the reader that sees a dump before any statement of it is sent. Refusals are answers; anything else is a fault of the reader. */
async function guarded(text: string, database: string): Promise<boolean> {
  try {
    await inspectDump(sourceOf(text).open(), database, { signal: limit() });
    await tidyForeignScript(sourceOf(text), { acceptIncomplete: true }).open().resume().toArray();
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}

async function cut(text: string): Promise<{ statements: number; ends: boolean }> {
  const mark = 'SELECT "the end"';
  let last = '';
  let statements = -1;
  const cutter = new StatementCutter((bytes) => {
    statements += 1;
    last = bytes.toString('latin1').trim();
    return Promise.resolve();
  });
  await pipeline(sourceOf(`${text}\nDELIMITER ;\n${mark};`).open(), cutter);
  return { statements, ends: last === mark };
}
