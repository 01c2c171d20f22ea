import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import { SqlScriptScanner } from '../script/sql-script-scanner.js';
import type { ScriptPart } from '../script/sql-script-scanner.js';
import { skeleton } from '../script/skeleton.js';
import { standardStringsSetting } from '../foreign/statement-policy.js';
import { countTuples } from './insert-tuples.js';
import { ScriptTables } from '../script/script-tables.js';

const NEWLINE = 10;
/** Counts the rows of each table in a script of pg_dump: lines of its COPY blocks, or tuples of its INSERT commands. */
export class ScriptRowCounter {
  private readonly scanner = new SqlScriptScanner();
  private readonly rows = new Map<string, number>();
  private readonly tables = new ScriptTables();
  /** The table whose COPY block is being read. */
  private table = '';
  private lines = 0;

  update(chunk: Buffer): void {
    for (const part of this.scanner.push(chunk)) this.take(part);
  }

  /** Fails with BACKUP_DAMAGED when the script stopped in the middle of something. */
  finish(): RowCounts {
    for (const part of this.scanner.end()) this.take(part);
    return Object.fromEntries(this.rows);
  }

  private take(part: ScriptPart): void {
    if (part.kind === 'copy-data') {
      this.lines += linesOf(part.data);
    } else if (part.kind === 'copy-end') {
      this.add(this.table, this.lines);
    } else if (part.kind === 'statement') {
      this.statement(part.text);
    }
  }

  private statement(text: Buffer): void {
    const word = text.toString('latin1', 0, 7).toUpperCase();
    if (word.startsWith('COPY')) {
      this.beginCopy(text);
    } else if (word.startsWith('INSERT')) {
      const table = this.tables.target(text);
      const tuples = countTuples(text, this.scanner.standardStrings);
      if (tuples === undefined) throw uncountable(table, 'an INSERT without VALUES');
      this.add(table, tuples);
    } else if (word.startsWith('SET')) {
      this.setting(text);
    }
  }

  private beginCopy(text: Buffer): void {
    const words = skeleton(text);
    if (!/ FROM STDIN\b/.test(words)) return;
    this.table = this.tables.target(text);
    if (/ FROM STDIN\b.*\b(CSV|BINARY|FORMAT|HEADER|DELIMITER)\b/.test(words)) {
      throw uncountable(this.table, 'COPY with options of its own');
    }
    this.lines = 0;
    this.scanner.beginCopyData();
  }

  private setting(text: Buffer): void {
    this.scanner.standardStrings = standardStringsSetting(text) ?? this.scanner.standardStrings;
    this.tables.setting(text);
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
