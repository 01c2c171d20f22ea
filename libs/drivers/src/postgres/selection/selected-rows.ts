import pg from 'pg';
import { DomainError } from '@app/domain';
import { CommandFailure } from '../load/dump-loader.js';
import { CopyIn } from '../load/wire/copy-in.js';
import { hasCondition, ROWS_BY_EXPRESSION } from '../foreign/foreign-policy.js';
import { ScriptNames } from '../script/script-names.js';
import type { QualifiedName } from '../script/script-names.js';
import { ScriptReader } from '../script/script-reader.js';
import type { ScriptPart, ScriptStatement } from '../script/script-reader.js';
import { skeleton } from '../script/skeleton.js';
import { BatchFailure, StatementBatch } from '../load/wire/statement-batch.js';
import { unsafe } from '../foreign/statement-policy.js';
import { tokensOf } from '../script/statement-tokens.js';
import type { PostgresSession } from '../login/postgres-session.js';
import { requireCopies } from './schema-script.js';
import type { Placed } from './extraction-database.js';

const NEWLINE = 10;
const COPY_MESSAGE_BYTES = 1024 * 1024;
/** The settings that change how rows are read. */
const ROW_SETTINGS =
  /^SET (SESSION |LOCAL )?(CLIENT_ENCODING|STANDARD_CONFORMING_STRINGS|XMLOPTION|DATESTYLE|INTERVALSTYLE)\b/;

export interface SelectedRows {
  /** The rows that the dump holds of each table, by its place in `tables`; undefined when the dump has no rows of its own for it. */
  rows: readonly (number | undefined)[];
  values: readonly (Placed & { value: string; called: boolean })[];
}

/**
 * Puts the rows of some tables where they belong, in the transaction that is open on `session`, and passes over those of
 * all others. Of the dump's commands none is run but settings that its rows need.
 */
export class RowLoader {
  private readonly reader = new ScriptReader({ insertHeads: true });
  private readonly names = new ScriptNames();
  private readonly tables: ReadonlyMap<string, number>;
  private readonly sequences: ReadonlyMap<string, Placed>;
  private readonly rows: (number | undefined)[];
  private readonly values: (Placed & { value: string; called: boolean })[] = [];
  private copy: { stream: CopyIn; command: Buffer; table: number } | undefined;

  constructor(
    private readonly session: PostgresSession,
    private readonly placed: readonly Placed[],
    sequences: readonly Placed[],
  ) {
    this.tables = new Map(placed.map((table, index) => [keyOf(table), index]));
    this.sequences = new Map(sequences.map((sequence) => [keyOf(sequence), sequence]));
    this.rows = placed.map(() => undefined);
  }

  /** Rejects with {@link CommandFailure} or the error of the script. */
  async load(script: AsyncIterable<Buffer>): Promise<SelectedRows> {
    try {
      for await (const chunk of script) for (const part of this.reader.push(chunk)) await this.handle(part);
      for (const part of this.reader.end()) await this.handle(part);
      return { rows: this.rows, values: this.values };
    } catch (error) {
      // The server waits for rows: without this it would not even hear the ROLLBACK.
      if (this.copy !== undefined) {
        this.copy.stream.fail('the load was given up');
        await this.copy.stream.done.catch(() => undefined);
      }
      throw error;
    }
  }

  private async handle(part: ScriptPart): Promise<void> {
    if (part.kind === 'statement') return this.statement(part);
    if (this.copy === undefined) return;
    const { stream, command, table } = this.copy;
    const failed = (cause: unknown): never => {
      this.copy = undefined;
      throw new CommandFailure(0, command, cause);
    };
    if (part.kind === 'copy-data') {
      this.rows[table] = (this.rows[table] ?? 0) + linesOf(part.data);
      for (let from = 0; from < part.data.length; from += COPY_MESSAGE_BYTES) {
        await stream.write(part.data.subarray(from, from + COPY_MESSAGE_BYTES)).catch(failed);
      }
    } else if (part.kind === 'copy-end') {
      this.copy = undefined;
      await stream.finish().catch(failed);
    }
  }

  private async statement(statement: ScriptStatement): Promise<void> {
    const { text, offset, standardStrings, setting } = statement;
    const words = skeleton(text, { standardStrings });
    requireCopies(words);
    if (setting !== undefined) this.names.setting(setting);
    if (words.startsWith('SET ')) {
      if (ROW_SETTINGS.test(words)) await this.run(text, offset);
    } else if (words.startsWith('COPY ')) {
      if (hasCondition(tokensOf(text, standardStrings))) {
        throw new CommandFailure(offset, text, unsafe(ROWS_BY_EXPRESSION));
      }
      if (statement.copiesRows) await this.beginCopy(statement);
    } else if (words.startsWith('SELECT ')) {
      const found = this.names.sequenceValue(text);
      if (found === undefined && /\bSETVAL ?\(/.test(words)) throw new CommandFailure(offset, text, notPgDumps());
      const sequence = found === undefined ? undefined : this.sequences.get(keyOf(found));
      if (found !== undefined && sequence !== undefined) {
        this.values.push({ ...sequence, value: found.value, called: found.called });
      }
    } else if (/^ALTER SEQUENCE .* RESTART\b/.test(words)) {
      throw new CommandFailure(offset, text, notPgDumps());
    }
  }

  private async beginCopy({ text, offset }: ScriptStatement): Promise<void> {
    const source = this.names.copiedTable(text);
    if (source === undefined) throw new CommandFailure(offset, text, notPgDumps());
    const table = this.tables.get(keyOf(source));
    if (table === undefined) {
      this.reader.beginCopyData();
      return;
    }
    const { to } = this.placed[table] as Placed;
    // The table's name stays as the dump has it, in the dump's own encoding.
    const head =
      to === source.schema && source.qualified ? source.before : `COPY ${pg.escapeIdentifier(to)}.${source.as}`;
    const command = Buffer.from(`${head}${source.rest}`, 'latin1');
    const stream = this.session.client.query(new CopyIn(command));
    const wanted = await stream.started.catch((cause: unknown) => {
      throw new CommandFailure(offset, text, cause);
    });
    if (!wanted) throw new DomainError('BACKUP_DAMAGED', 'The dump holds a COPY that takes no rows.');
    this.rows[table] ??= 0;
    this.copy = { stream, command, table };
    this.reader.beginCopyData();
  }

  private async run(text: Buffer, offset: number): Promise<void> {
    const batch = this.session.client.query(new StatementBatch([text]));
    await batch.done.catch((error: unknown) => {
      throw new CommandFailure(offset, text, error instanceof BatchFailure ? error.cause : error);
    });
  }
}

/** Passed over, its rows or its value would be missing. */
function notPgDumps(): DomainError {
  return new DomainError(
    'UNSUPPORTED',
    'The dump fills its tables or sequences by a command of another form than pg_dump writes, of which no tables can be picked.',
    { hint: 'Restore all of it into another database, and take the tables from there.' },
  );
}

/** A line break within a value is written as `\n`. */
function linesOf(data: Buffer): number {
  let lines = 0;
  for (let at = data.indexOf(NEWLINE); at !== -1; at = data.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}

function keyOf({ schema, name }: QualifiedName): string {
  return JSON.stringify([schema, name]);
}
