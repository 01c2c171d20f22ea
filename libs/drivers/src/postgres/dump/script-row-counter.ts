import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import { isWordAt } from '../script/lexer.js';
import { ScriptNames } from '../script/script-names.js';
import { ScriptReader } from '../script/script-reader.js';
import type { ScriptPart, ScriptStatement } from '../script/script-reader.js';
import { skeleton } from '../script/skeleton.js';
import { InsertTuples } from './insert-tuples.js';

const NEWLINE = 10;
const INSERT = Buffer.from('insert');

/** Counts the rows of each table in a script of pg_dump: lines of its COPY blocks, or tuples of its INSERT commands. */
export class ScriptRowCounter {
  private readonly tuples = new InsertTuples();
  private readonly reader = new ScriptReader({ insertHeads: true, listener: this.tuples });
  private readonly rows = new Map<string, number>();
  private readonly names = new ScriptNames();
  /** The table whose COPY block is being read. */
  private table = '';
  private lines = 0;

  update(chunk: Buffer): void {
    for (const part of this.reader.push(chunk)) this.take(part);
  }

  /** Fails with BACKUP_DAMAGED when the script stopped in the middle of something. */
  finish(): RowCounts {
    for (const part of this.reader.end()) this.take(part);
    return Object.fromEntries(this.rows);
  }

  private take(part: ScriptPart): void {
    if (part.kind === 'copy-data') {
      this.lines += linesOf(part.data);
    } else if (part.kind === 'copy-end') {
      this.add(this.table, this.lines);
    } else if (part.kind === 'statement') {
      this.statement(part);
    }
  }

  private statement({ text, standardStrings, setting, copiesRows }: ScriptStatement): void {
    if (setting !== undefined) this.names.setting(setting);
    if (copiesRows) {
      this.table = this.names.target(text);
      if (/ FROM STDIN\b.*\b(CSV|BINARY|FORMAT|HEADER|DELIMITER)\b/.test(skeleton(text, { standardStrings }))) {
        throw uncountable(this.table, 'COPY with options of its own');
      }
      this.lines = 0;
      this.reader.beginCopyData();
    } else if (this.tuples.isInsert && isWordAt(text, 0, INSERT.length, INSERT)) {
      const table = this.names.target(text);
      const { count } = this.tuples;
      if (count === undefined) throw uncountable(table, 'an INSERT without VALUES');
      this.add(table, count);
    }
  }

  private add(table: string, rows: number): void {
    this.rows.set(table, (this.rows.get(table) ?? 0) + rows);
  }
}

/** A line break within a value is written as `\n`. */
function linesOf(data: Buffer): number {
  let lines = 0;
  for (let at = 0; at < data.length; at += 1) if (data[at] === NEWLINE) lines += 1;
  return lines;
}

function uncountable(table: string, what: string): DomainError {
  return new DomainError('UNSUPPORTED', `The rows of ${table} cannot be counted in the dump, which has ${what}.`, {
    hint: 'Make the dump with pg_dump, without options for the shape of its rows.',
  });
}
