import { TextDecoder } from 'node:util';
import { DomainError } from '@app/domain';
import { textOfBytes } from '../login/raw-bytes.js';
import { tableKey } from '../dump/table-key.js';

/** Names and columns of a COPY or INSERT, and every SET, are within this; rows of an INSERT may go on for long. */
const HEAD_BYTES = 300_000;

const NAME = String.raw`("(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*)`;
const TARGET = new RegExp(String.raw`^(?:COPY|INSERT\s+INTO)\s+(?:ONLY\s+)?${NAME}(?:\s*\.\s*${NAME})?`, 'i');
const SEARCH_PATH = new RegExp(String.raw`^SET\s+search_path\s*(?:=|TO)\s*${NAME}`, 'i');
const ENCODING = /^SET\s+client_encoding\s*(?:=|TO)\s*'?([\w-]+)/i;

/** The names that `TextDecoder` has for encodings of databases; absent ones have the same name, or are unknown there. */
const DECODERS: Readonly<Record<string, string>> = {
  UTF8: 'utf-8',
  UNICODE: 'utf-8',
  KOI8R: 'koi8-r',
  KOI8U: 'koi8-u',
  LATIN9: 'iso-8859-15',
  LATIN10: 'iso-8859-16',
  EUC_CN: 'gbk',
  EUC_JIS_2004: 'euc-jp',
};

/** Tells which table a command of a dump puts rows into, by the settings that the dump has made before. */
export class ScriptTables {
  private decode: (bytes: Buffer) => string = decoderOf('UTF8');
  private schema = 'public';

  /** To be shown every `SET` of the script, in order. */
  setting(text: Buffer): void {
    const head = text.toString('latin1', 0, HEAD_BYTES);
    const encoding = ENCODING.exec(head)?.[1];
    if (encoding !== undefined) this.decode = decoderOf(encoding);
    // How pg_dump of before 2018 said which schema it meant.
    const schema = SEARCH_PATH.exec(head)?.[1];
    if (schema !== undefined) this.schema = this.name(schema);
  }

  /** Returns the key of the table of a COPY or INSERT, as `Census.rows` has it. */
  target(text: Buffer): string {
    const [, first, second] = TARGET.exec(text.toString('latin1', 0, HEAD_BYTES)) ?? [];
    if (first === undefined) throw new DomainError('BACKUP_DAMAGED', 'The dump puts rows into a table without a name.');
    return second === undefined
      ? tableKey(this.schema, this.name(first))
      : tableKey(this.name(first), this.name(second));
  }

  /** From Latin-1, in which bytes are characters. */
  private name(token: string): string {
    const bytes = token.startsWith('"') ? token.slice(1, -1).replaceAll('""', '"') : token.replace(/[A-Z]/g, lower);
    return this.decode(Buffer.from(bytes, 'latin1'));
  }
}

function lower(letter: string): string {
  return letter.toLowerCase();
}

function decoderOf(encoding: string): (bytes: Buffer) => string {
  // The sessions that count in the database read it like this.
  if (encoding.toUpperCase() === 'SQL_ASCII') return textOfBytes;
  const decoder = decoderNamed(encoding);
  return (bytes) => decoder.decode(bytes);
}

function decoderNamed(encoding: string): TextDecoder {
  const name = DECODERS[encoding.toUpperCase()] ?? encoding.toLowerCase();
  const names = [name.replace(/^latin(\d)$/, 'iso-8859-$1'), name.replace(/^win(\d+)$/, 'windows-$1')];
  for (const label of [...names, name.replaceAll('_', '-')]) {
    try {
      return new TextDecoder(label);
    } catch {
      // The decoder does not know this name, so the next one is tried.
    }
  }
  return new TextDecoder('latin1');
}
