import { messageOf } from '@app/domain';
import { triggerHead } from '../../script/stored-object-text.js';
import type { ClientScript } from './client-script.js';
import { KeyRegistry, deferForeignKeys, deferKeys } from './deferred-keys.js';
import { SessionState, kindOf, opensTail } from './dump-layout.js';
import { HeldTable, ODD_ROWS } from './held-table.js';
import { PATIENT } from './worker-session.js';
import type { OpenedWorkers } from './worker-session.js';
import { WorkerSessions } from './worker-sessions.js';
import { endOfStatement, lineEndsOf, replaced, rowHeadOf, statementText } from './row-statement.js';
import { canBeDivided, isInnodb, parseTable } from './table-definition.js';

export interface ParallelLoadParts {
  client: ClientScript;
  openWorkers(preamble: readonly string[]): Promise<OpenedWorkers>;
  /** A statement that was not for the client, and is read by nobody any more. */
  done(statement: Buffer): void;
  /** Rejects when a worker session fails, whatever is going on. */
  onFailure(error: Error): void;
  /** Text of rows from which on a table is large. */
  largeTableBytes: number;
}

const DROP = 'DROP TABLE IF EXISTS ';
const UNKNOWN = 'it has a statement that mysqldump and mariadb-dump do not write there';

/**
 * Decides where each statement of a dump goes. The client gets everything but the rows of large tables, in its
 * order; those go to the worker sessions as soon as the client has made their table, without its plain and foreign keys. The keys
 * follow when the rows are in, the foreign keys when all tables are there. Before anything but tables comes, all of that
 * is done: then the client goes on alone, and so it does from wherever something is met that is not known here.
 */
export class ParallelLoad {
  /** The rest is for the client, unread. */
  plain = false;
  /** Why it came to that before the end of the tables; a sentence part. */
  objection: string | undefined;
  workers: WorkerSessions | undefined;

  private readonly session = new SessionState();
  private readonly registry = new KeyRegistry();
  /** Foreign keys to be added. */
  private readonly later: { sql: string; line: number }[] = [];
  /** A table that may turn out to be large. */
  private held: HeldTable | undefined;
  /** The table whose rows go to the worker sessions, and how their statements begin. */
  private current: { name: string; head: string | undefined } | undefined;
  /** The client may not have made it yet, or has rows of it to load. */
  private clientIsBehind = false;

  constructor(private readonly parts: ParallelLoadParts) {}

  /** A comment, an empty line, a DELIMITER. `text`: its beginning. */
  async line(bytes: Buffer, text: string, line: number): Promise<void> {
    if (opensTail(text)) await this.goOnAlone(line);
    await this.pass(bytes, line);
  }

  /** A whole statement, to the end of its line. `semicolon`: as its delimiter. */
  async statement(bytes: Buffer, line: number, semicolon: boolean): Promise<void> {
    if (semicolon && bytes.toString('latin1', 0, 13) === 'INSERT INTO `') return this.insert(bytes, line);
    const text = statementText(bytes);
    const set = semicolon ? this.session.kindOf(text) : undefined;
    if (set === undefined) this.session.endPreamble();
    const kind = set ?? kindOf(text);
    if (kind === 'tail' || (!semicolon && kind !== 'trigger')) {
      await this.goOnAlone(line);
      return this.parts.client.give(bytes);
    }
    switch (kind) {
      case 'create table':
        return this.createTable(bytes, text, line);
      case 'before rows':
        if (this.held !== undefined) return this.held.add(bytes, 'around rows');
        // A lock of the client's would keep the worker sessions out.
        return this.parts.client.give(this.current === undefined ? bytes : lineEndsOf(bytes));
      case 'after rows': {
        const large = this.current !== undefined;
        await this.endTable(line);
        return this.parts.client.give(large ? lineEndsOf(bytes) : bytes);
      }
      case 'pass':
        return this.pass(bytes, line);
      case 'drop':
        await this.endTable(line);
        if (this.workers?.has(text.slice(DROP.length)) === true) await this.giveUp('it has a table twice', line);
        return this.parts.client.give(bytes);
      case 'trigger':
        await this.endTable(line);
        await this.beforeTrigger(text);
        return this.parts.client.give(bytes);
      default:
        await this.giveUp(kind === 'other rows' ? 'it has rows in other statements than INSERT INTO' : UNKNOWN, line);
        return this.parts.client.give(bytes);
    }
  }

  /** A statement too long to be held, by its beginning. It then goes to the client, piece by piece. */
  async overlong(head: string, line: number): Promise<void> {
    const { held } = this;
    const table = held?.table.name ?? this.current?.name;
    if (!head.startsWith(table === undefined ? 'INSERT INTO `' : `INSERT INTO ${table} `))
      return this.giveUp(UNKNOWN, line);
    if (held !== undefined) await this.enlarge(held, line);
    if (this.current === undefined) return;
    await this.workers?.emptied(this.current.name);
    this.clientIsBehind = true;
  }

  /** From here on everything is for the client. `why` completes "one client loaded the dump, because …". */
  async giveUp(why: string, line: number): Promise<void> {
    if (this.plain) return;
    this.objection = `${why} (line ${line})`;
    await this.goOnAlone(line);
  }

  /** The dump is over. */
  async finish(): Promise<void> {
    await this.goOnAlone(Infinity);
  }

  private async pass(bytes: Buffer, line: number): Promise<void> {
    if (this.held?.isFull === true) await this.endTable(line);
    if (this.held === undefined) this.parts.client.give(bytes);
    else this.held.add(bytes);
  }

  private async createTable(bytes: Buffer, text: string, line: number): Promise<void> {
    await this.endTable(line);
    const table = parseTable(text);
    if (table === undefined) return this.parts.client.give(bytes);
    const foreignKeys = isInnodb(table) ? deferForeignKeys(table, this.registry) : undefined;
    this.registry.note(table);
    this.held = new HeldTable(table, bytes, line, foreignKeys);
    if (!canBeDivided(table)) await this.endTable(line);
  }

  private async insert(bytes: Buffer, line: number): Promise<void> {
    const { held, current } = this;
    if (held !== undefined) {
      held.addRows(bytes, line);
      if (held.rowBytes >= this.parts.largeTableBytes) await this.enlarge(held, line);
    } else if (current === undefined) {
      this.parts.client.give(bytes);
    } else {
      const head = rowHeadOf(bytes);
      current.head ??= head;
      if (head === undefined || head !== current.head || !head.startsWith(`INSERT INTO ${current.name} `)) {
        await this.giveUp(ODD_ROWS, line);
        return this.parts.client.give(bytes);
      }
      await this.toWorkers(current.name, bytes, line);
    }
  }

  /** A table has turned out to be large. When it has to stay with the client, so has all that follows. */
  private async enlarge(held: HeldTable, line: number): Promise<void> {
    const objection = this.session.objection() ?? held.objection() ?? (await this.requireWorkers(held.line));
    if (objection !== undefined || this.workers === undefined) return this.giveUp(objection ?? UNKNOWN, line);
    this.held = undefined;
    const { table } = held;
    const { create, keys, foreignKeys } = deferKeys(table, this.registry);
    if (foreignKeys !== undefined) this.later.push({ sql: foreignKeys, line: held.line });
    const ordered = !table.definitions.some(({ kind }) => kind === 'primary');
    this.workers.open({ name: table.name, line: held.line, keys, ordered });
    this.current = { name: table.name, head: held.rowHead };
    this.clientIsBehind = true;
    this.parts.client.give(replaced(held.create, create));
    for (const piece of held.pieces) {
      if (piece.kind === 'rows') await this.toWorkers(table.name, piece.bytes, piece.line);
      else this.parts.client.give(piece.kind === 'text' ? piece.bytes : lineEndsOf(piece.bytes));
    }
  }

  private async requireWorkers(line: number): Promise<string | undefined> {
    if (this.workers !== undefined) return undefined;
    // The client waits while the worker sessions work, and must have its session before they take any.
    this.parts.client.insert(PATIENT, line);
    await this.parts.client.done(line);
    const { workers, objection } = await this.parts.openWorkers(this.session.preamble);
    if (objection !== undefined) return objection;
    this.workers = new WorkerSessions(workers, (sql) => this.parts.done(sql));
    this.workers.failed.catch((error: unknown) =>
      this.parts.onFailure(error instanceof Error ? error : new Error(messageOf(error))),
    );
    return undefined;
  }

  private async toWorkers(name: string, bytes: Buffer, line: number): Promise<void> {
    await this.awaitClient(line);
    this.parts.client.give(lineEndsOf(bytes));
    await this.workers?.insert(name, bytes.subarray(0, endOfStatement(bytes)), line);
  }

  /** Until it has made the table, and has done what rows it was given. */
  private async awaitClient(line: number): Promise<void> {
    if (!this.clientIsBehind) return;
    this.clientIsBehind = false;
    await this.parts.client.done(line);
  }

  /** No more rows of it will come: what was held goes to the client, what went to the worker sessions gets its keys. */
  private async endTable(line: number): Promise<void> {
    const { held, current } = this;
    this.held = undefined;
    this.current = undefined;
    if (held !== undefined) {
      if (held.foreignKeys !== undefined) this.later.push({ sql: held.foreignKeys.foreignKeys, line: held.line });
      for (const bytes of held.asItIs()) this.parts.client.give(bytes);
    }
    if (current === undefined) return;
    await this.awaitClient(line);
    this.workers?.close(current.name);
  }

  /** It must not act on rows of the dump. */
  private async beforeTrigger(text: string): Promise<void> {
    if (this.workers === undefined) return;
    const table = triggerHead(text)?.table.name;
    if (table === undefined) await this.workers.allDone();
    else await this.workers.done(table);
  }

  private async goOnAlone(line: number): Promise<void> {
    if (this.plain) return;
    await this.endTable(line);
    if (this.workers !== undefined) {
      await this.workers.allDone();
      if (this.later.length > 0) await this.parts.client.done(line);
      for (const foreignKeys of this.later) await this.workers.run(foreignKeys.sql, foreignKeys.line);
    }
    this.plain = true;
  }
}
