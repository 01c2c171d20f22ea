import { TextDecoder } from 'node:util';
import { DomainError } from '@app/domain';
import type { RowCounts } from '@app/domain';
import { SqlScriptScanner } from '../load/sql-script-scanner.js';
import type { ScriptPart } from '../load/sql-script-scanner.js';
import { skeleton, standardStringsSetting } from '../load/statement-policy.js';
import { countTuples } from './insert-tuples.js';
import { tableKey } from './table-key.js';

const NEWLINE = 10;
/** Names and columns of a COPY or INSERT, and every SET, are within this; rows of an INSERT may go on for long. */
const HEAD_BYTES = 300_000;

const NAME = String.raw`("(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*)`;
const TARGET = new RegExp(String.raw`^(?:COPY|INSERT\s+INTO)\s+(?:ONLY\s+)?${NAME}(?:\s*\.\s*${NAME})?`, 'i');
const SEARCH_PATH = new RegExp(String.raw`^SET\s+search_path\s*(?:=|TO)\s*${NAME}`, 'i');
const ENCODING = /^SET\s+client_encoding\s*(?:=|TO)\s*'?([\w-]+)/i;

/** As `TextDecoder` calls what a database can be encoded in; absent: the same name, or unknown there. */
const DECODERS: Readonly<Record<string, string>> = {
  SQL_ASCII: 'utf-8',
  UTF8: 'utf-8',
  UNICODE: 'utf-8',
  KOI8R: 'koi8-r',
  KOI8U: 'koi8-u',
  LATIN9: 'iso-8859-15',
  LATIN10: 'iso-8859-16',
  EUC_CN: 'gbk',
  EUC_JIS_2004: 'euc-jp',
};

/** Counts the rows of each table in a script of pg_dump: lines of its COPY blocks, or tuples of its INSERT commands. */
export class ScriptRowCounter {
  private readonly scanner = new SqlScriptScanner();
  private readonly rows = new Map<string, number>();
  private decoder = new TextDecoder('utf-8');
  private schema = 'public';
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
      const table = this.target(text);
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
    this.table = this.target(text);
    if (/ FROM STDIN\b.*\b(CSV|BINARY|FORMAT|HEADER|DELIMITER)\b/.test(words)) {
      throw uncountable(this.table, 'COPY with options of its own');
    }
    this.lines = 0;
    this.scanner.beginCopyData();
  }

  private setting(text: Buffer): void {
    this.scanner.standardStrings = standardStringsSetting(text) ?? this.scanner.standardStrings;
    const head = text.toString('latin1', 0, HEAD_BYTES);
    const encoding = ENCODING.exec(head)?.[1];
    if (encoding !== undefined) this.decoder = decoderOf(encoding);
    // How pg_dump of before 2018 said which schema it meant.
    const schema = SEARCH_PATH.exec(head)?.[1];
    if (schema !== undefined) this.schema = this.name(schema);
  }

  private target(text: Buffer): string {
    const [, first, second] = TARGET.exec(text.toString('latin1', 0, HEAD_BYTES)) ?? [];
    if (first === undefined) throw new DomainError('BACKUP_DAMAGED', 'The dump puts rows into a table without a name.');
    return second === undefined
      ? tableKey(this.schema, this.name(first))
      : tableKey(this.name(first), this.name(second));
  }

  /** From Latin-1, in which bytes are characters. */
  private name(token: string): string {
    const bytes = token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token.replace(/[A-Z]/g, lower);
    return this.decoder.decode(Buffer.from(bytes, 'latin1'));
  }

  private add(table: string, rows: number): void {
    this.rows.set(table, (this.rows.get(table) ?? 0) + rows);
  }
}

function lower(letter: string): string {
  return letter.toLowerCase();
}

function decoderOf(encoding: string): TextDecoder {
  const name = DECODERS[encoding.toUpperCase()] ?? encoding.toLowerCase();
  const names = [name.replace(/^latin(\d)$/, 'iso-8859-$1'), name.replace(/^win(\d+)$/, 'windows-$1')];
  for (const label of [...names, name.replaceAll('_', '-')]) {
    try {
      return new TextDecoder(label);
    } catch {
      // Not one of its names: the next.
    }
  }
  return new TextDecoder('latin1');
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
