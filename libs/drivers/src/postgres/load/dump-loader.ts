import type { Readable } from 'node:stream';
import { DomainError } from '@app/domain';
import type { Administrator } from '../confinement/administrator.js';
import { CopyIn } from './wire/copy-in.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { isRefresh, refresh } from './matview-refresh.js';
import type { Refreshed } from './matview-refresh.js';
import { withSearchPath } from './search-path-retry.js';
import { ScriptReader } from '../script/script-reader.js';
import type { Command, ScriptPart, ScriptStatement } from '../script/script-reader.js';
import { BatchFailure, StatementBatch } from './wire/statement-batch.js';
import { textOf, tokensOf } from '../script/statement-tokens.js';
import { withoutTablespace } from '../script/tablespaces.js';
import { commandForPsql, judge, unsafe } from '../foreign/statement-policy.js';
import type { PolicyOptions } from '../foreign/statement-policy.js';

/** Many small commands travel together; a batch is sent when either limit is reached. */
const BATCH_COMMANDS = 200;
const BATCH_BYTES = 256 * 1024;
/** Rows are sent in pieces of this size at the most, so that a huge chunk is not one huge message. */
const COPY_MESSAGE_BYTES = 1024 * 1024;

/** A command of the dump that the server refused, or that we did. `offset` counts bytes of the script. */
export class CommandFailure extends Error {
  constructor(
    readonly offset: number,
    readonly command: Buffer,
    override readonly cause: unknown,
  ) {
    super('A command of the dump failed.');
  }
}

/** The share of one of several loaders of the same script. All of them read it from the beginning. */
export interface LoadShare {
  /**
   * Whether this loader runs the command; resolves when its turn has come. `flush` makes the server do what it was given
   * before. `over`: neither this nor anything behind it.
   */
  takesCommand(command: Command, flush: () => Promise<void>): Promise<boolean | 'over'>;
  /** Whether this loader sends the rows of a COPY; resolves when the table is there. */
  takesRows(copy: Command): Promise<boolean>;
  /** The server has taken them all. */
  rowsLoaded(copy: Command, rows: number): void;
}

/** The things that a loader needs in addition to its session, and the work that it leaves to others. */
export interface LoaderHelp {
  /** Does what the account that loads may not. */
  administrator?: Administrator | undefined;
  /** Kinds of things that were left out. */
  notes: Set<string>;
  /** Owners and grants, with the settings that they stand behind: for somebody with more rights, when all is loaded. */
  deferred: Buffer[];
  /** Warnings about what the load went on without. */
  warnings?: string[];
}

const ALL: LoadShare = {
  takesCommand: () => Promise.resolve(true),
  takesRows: () => Promise.resolve(true),
  rowsLoaded: () => undefined,
};

/**
 * Runs a dump script, command by command, in the transaction that is open on `session`, if one is. It is the only client that ever reads a dump:
 * nothing in it is obeyed but SQL, and of SQL only what a dump of one database is made of (FAILURES 31, 37, 47).
 */
export class DumpLoader {
  private readonly reader = new ScriptReader();
  private batch: Command[] = [];
  private batchBytes = 0;
  private copy: { command: Command; stream: CopyIn } | 'of another' | undefined;
  private over = false;
  /** The settings of the script so far. */
  private readonly settings: Buffer[] = [];
  /** The number of materialized views that have been refreshed. */
  private refreshed = 0;
  /** Views that could not be refreshed. `after`: how many had been refreshed by then. */
  private readonly unrefreshed: { command: Command; warning: string; after: number }[] = [];

  constructor(
    private readonly session: PostgresSession,
    private readonly policy: PolicyOptions,
    private readonly share: LoadShare = ALL,
    private readonly extra: LoaderHelp = { notes: new Set(), deferred: [] },
  ) {}

  /** Whether its share ended before the script did. */
  get isOver(): boolean {
    return this.over;
  }

  /** Rejects with {@link CommandFailure}, a `DomainError` for a damaged or unsafe script, or the error of the stream. */
  async load(script: Readable, onChunk: (chunk: Buffer) => void = () => undefined): Promise<void> {
    try {
      for await (const chunk of script as AsyncIterable<Buffer>) {
        onChunk(chunk);
        for (const part of this.reader.push(chunk)) {
          await this.handle(part);
          if (this.over) return await this.flush();
        }
      }
      for (const part of this.reader.end()) await this.handle(part);
      await this.flush();
      await this.refreshAgain();
    } catch (error) {
      // The server waits for rows: without this it would not even hear the ROLLBACK.
      if (typeof this.copy === 'object') await this.abandonCopy(this.copy.stream);
      throw error;
    }
  }

  private async handle(part: ScriptPart): Promise<void> {
    switch (part.kind) {
      case 'statement':
        return this.statement(part);
      case 'copy-data':
        return this.rows(part.data);
      case 'copy-end':
        return this.endCopy();
      case 'meta':
        // psql's guard against what we never do in the first place.
        if (!part.insideStatement && /^\\(un)?restrict( \w+)?$/.test(part.command)) return undefined;
        throw new CommandFailure(part.offset, Buffer.from(part.command), commandForPsql(part.command));
    }
  }

  private async statement({ text: given, offset, standardStrings, setting }: ScriptStatement): Promise<void> {
    const text = withSearchPath(given, this.policy.searchPath);
    const kept = this.policy.skipTablespaces === true ? withoutTablespace(text, standardStrings) : text;
    const command = { text: kept, offset, standardStrings, setting };
    const verdict = judge(command.text, this.policy, standardStrings);
    if (verdict.do === 'note') this.extra.notes.add(verdict.what);
    if (verdict.do === 'defer') this.extra.deferred.push(Buffer.from(command.text));
    if (verdict.do === 'refuse')
      throw new CommandFailure(command.offset, command.text, unsafe(verdict.why, verdict.instead));
    if (verdict.do !== 'run' && verdict.do !== 'copy') return;
    if (verdict.do === 'copy') {
      await this.flush();
      if (await this.share.takesRows(command)) await this.beginCopy(command);
      else this.skipCopy();
      return;
    }
    const takes = await this.share.takesCommand(command, () => this.flush());
    this.over = takes === 'over';
    if (takes !== true) return;
    if (isReadingSetting(command.text, standardStrings)) {
      this.settings.push(Buffer.from(command.text));
      this.extra.deferred.push(Buffer.from(command.text));
    }
    if (isRefresh(command)) return this.refresh(command);
    if (this.extra.administrator?.mayHelp(command) === true) return this.runAlone(command, this.extra.administrator);
    this.batch.push(command);
    this.batchBytes += command.text.length;
    if (this.batch.length >= BATCH_COMMANDS || this.batchBytes >= BATCH_BYTES) await this.flush();
  }

  private async refresh(command: Command): Promise<void> {
    await this.flush();
    const done = await this.tryRefresh(command);
    if (done.isEmpty) {
      const again = { ...command, text: Buffer.from(command.text) };
      this.unrefreshed.push({ command: again, warning: done.warning, after: this.refreshed });
      return;
    }
    this.refreshed += 1;
    if (done.warning !== undefined) this.extra.warnings?.push(done.warning);
  }

  /** pg_dump does not know what functions read, and may refresh a materialized view before another one that it needs. */
  private async refreshAgain(): Promise<void> {
    while (this.unrefreshed.some(({ after }) => after < this.refreshed)) {
      for (const { command } of this.unrefreshed.splice(0)) await this.refresh(command);
    }
    this.extra.warnings?.push(...this.unrefreshed.map(({ warning }) => warning));
  }

  private async tryRefresh({ text, offset }: Command): Promise<Refreshed> {
    return await refresh(this.session, text, this.policy.searchPaths ?? []).catch((error: unknown) => {
      throw new CommandFailure(offset, text, error instanceof BatchFailure ? error.cause : error);
    });
  }

  private async flush(): Promise<void> {
    const commands = this.batch;
    if (commands.length === 0) return;
    this.batch = [];
    this.batchBytes = 0;
    const batch = this.session.client.query(new StatementBatch(commands.map((command) => command.text)));
    try {
      await batch.done;
    } catch (error) {
      const failed = commands[error instanceof BatchFailure ? error.index : 0] ?? commands[0];
      if (failed === undefined) throw error;
      throw new CommandFailure(failed.offset, failed.text, error instanceof BatchFailure ? error.cause : error);
    }
  }

  /** So that nothing else fails with it when the account may not do it. */
  private async runAlone(command: Command, administrator: Administrator): Promise<void> {
    await this.flush();
    this.batch.push(command);
    try {
      await this.flush();
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      if (await this.helped(command, administrator, error.cause)) return;
      throw error;
    }
  }

  private async helped(command: Command, administrator: Administrator, refusal: unknown): Promise<boolean> {
    try {
      return await administrator.help(command, refusal, this.settings);
    } catch (error) {
      throw new CommandFailure(command.offset, command.text, error);
    }
  }

  private async beginCopy(command: Command): Promise<void> {
    const stream = this.session.client.query(new CopyIn(command.text));
    const wanted = await stream.started.catch((error: unknown) => {
      throw new CommandFailure(command.offset, command.text, error);
    });
    if (!wanted) {
      await stream.done;
      return;
    }
    this.copy = { command, stream };
    this.reader.beginCopyData();
  }

  private skipCopy(): void {
    this.copy = 'of another';
    this.reader.beginCopyData();
  }

  private async rows(data: Buffer): Promise<void> {
    const { copy } = this;
    if (copy === 'of another') return;
    if (copy === undefined) throw new DomainError('INTERNAL', 'Rows came without a COPY.');
    for (let from = 0; from < data.length; from += COPY_MESSAGE_BYTES) {
      await copy.stream.write(data.subarray(from, from + COPY_MESSAGE_BYTES)).catch(this.copyFailure(copy.command));
    }
  }

  private async endCopy(): Promise<void> {
    const { copy } = this;
    this.copy = undefined;
    if (typeof copy !== 'object') return;
    const rows = await copy.stream.finish().catch(this.copyFailure(copy.command));
    this.share.rowsLoaded(copy.command, rows);
  }

  private copyFailure(command: Command): (error: unknown) => never {
    return (error) => {
      this.copy = undefined;
      throw new CommandFailure(command.offset, command.text, error);
    };
  }

  private async abandonCopy(stream: CopyIn): Promise<void> {
    this.copy = undefined;
    stream.fail('the load was given up');
    await stream.done.catch(() => undefined);
  }
}

const READING_SETTINGS =
  /^SET (SESSION )?(SEARCH_PATH|CLIENT_ENCODING|STANDARD_CONFORMING_STRINGS) (=|TO) [^\s()]+( , [^\s()]+)*$|^SELECT PG_CATALOG \. SET_CONFIG \( '' , '' , (FALSE|TRUE) \)$/;

/**
 * Whether the command sets something on which the meaning of later commands depends, which another session may run. Only
 * constants count: that session may have more rights than the one that runs the dump, and must evaluate nothing of it.
 */
function isReadingSetting(command: Buffer, standardStrings: boolean): boolean {
  if (command.length > 2_000 || !/^(SET|SELECT)\b/i.test(command.toString('latin1', 0, 7))) return false;
  return READING_SETTINGS.test(textOf(tokensOf(command, standardStrings)));
}
