import { TextDecoder } from 'node:util';
import { DomainError } from '@app/domain';
import { tableKey } from '../dump/table-key.js';
import { textOfBytes } from '../login/raw-bytes.js';
import type { ScriptSetting } from './script-settings.js';
import { isSymbol, isWord, lower, placedTokensOf } from './statement-tokens.js';
import type { PlacedToken } from './statement-tokens.js';

export interface QualifiedName {
  schema: string;
  name: string;
}

/** Texts are Latin-1 for bytes. */
export interface CopiedTable extends QualifiedName {
  /** The table's name as the dump spells it, and whether with its schema. */
  as: string;
  qualified: boolean;
  /** The command up to the end of the table's name, and from there on. */
  before: string;
  rest: string;
}

/** More than any name with its quotes, and what stands before it; what follows may be long. */
const HEAD_BYTES = 300_000;
/** The tokens of `INSERT INTO ONLY a.b`, and of `CREATE UNLOGGED TABLE IF NOT EXISTS a.b`. */
const TARGET_TOKENS = 6;
const CREATED_TOKENS = 9;

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

interface PlacedName extends QualifiedName {
  from: number;
  to: number;
  /** Where the table's own name begins: at `from`, where it has no schema. */
  own: number;
}

/** Reads which object a command of a dump is about, in the encoding and with the search path of the dump. */
export class ScriptNames {
  private decode: (bytes: Buffer) => string = decoderOf('UTF8');
  private schema = 'public';

  /** To be shown every setting of the dump, in order. */
  setting({ name, values, isCall }: ScriptSetting): void {
    if (name === 'client_encoding') this.decode = decoderOf(values?.[0] ?? 'UTF8');
    // How pg_dump of before 2018 said which schema it meant.
    if (name === 'search_path') this.schema = this.firstOf(values ?? ['public'], !isCall);
  }

  /** A path that `set_config` is given is one text; an empty one changes nothing, as a dump names all things with their schemas then. */
  private firstOf(path: readonly string[], isList: boolean): string {
    const first = isList
      ? path.find((schema) => schema !== '$user' && schema !== '')
      : this.decoded(head(Buffer.from(path[0] ?? '', 'latin1'))[0]);
    return first === undefined ? this.schema : isList ? this.textOf(first) : first;
  }

  /** Returns the key of the table that a COPY or INSERT puts rows into, as `Census.rows` has it. */
  target(command: Buffer): string {
    const tokens = head(command, TARGET_TOKENS);
    const at = isWord(tokens[1]?.token, 'INTO') ? 2 : 1;
    const name = this.nameAt(tokens, isWord(tokens[at]?.token, 'ONLY') ? at + 1 : at);
    if (name === undefined) throw new DomainError('BACKUP_DAMAGED', 'The dump puts rows into a table without a name.');
    return tableKey(name.schema, name.name);
  }

  createdTable(command: Buffer): QualifiedName | undefined {
    const tokens = head(command);
    if (!isWord(tokens[0]?.token, 'CREATE')) return undefined;
    const at = isWord(tokens[1]?.token, 'UNLOGGED') ? 2 : 1;
    if (!isWord(tokens[at]?.token, 'TABLE')) return undefined;
    const found = this.nameAt(tokens, isWord(tokens[at + 1]?.token, 'IF') ? at + 4 : at + 1);
    return found === undefined ? undefined : { schema: found.schema, name: found.name };
  }

  copiedTable(command: Buffer): CopiedTable | undefined {
    const tokens = head(command);
    if (!isWord(tokens[0]?.token, 'COPY')) return undefined;
    const found = this.nameAt(tokens, 1);
    if (found === undefined) return undefined;
    const { schema, name, own, from, to } = found;
    const text = command.toString('latin1');
    // A comment between the words is not of pg_dump, and neither is the rest then.
    if (text.slice(tokens[0]?.to, from).trim() !== '') return undefined;
    return {
      ...{ schema, name, as: text.slice(own, to), qualified: own > from },
      ...{ before: text.slice(0, to), rest: text.slice(to) },
    };
  }

  /** What `SELECT pg_catalog.setval('sequence', value, called)` says, as pg_dump writes it. */
  sequenceValue(command: Buffer): (QualifiedName & { value: string; called: boolean }) | undefined {
    const match = SETVAL.exec(command.toString('latin1', 0, HEAD_BYTES));
    if (match === null) return undefined;
    const quoted = Buffer.from((match[1] ?? '').replaceAll("''", "'"), 'latin1');
    const tokens = head(quoted);
    const found = this.nameAt(tokens, 0);
    if (found === undefined || found.to !== quoted.length || found.from !== 0) return undefined;
    return {
      ...{ schema: found.schema, name: found.name, value: match[2] ?? '1' },
      called: match[3]?.toLowerCase() === 'true',
    };
  }

  /** The name, with or without schema, at the token of this index. */
  private nameAt(tokens: readonly PlacedToken[], index: number): PlacedName | undefined {
    const first = tokens[index];
    const one = this.decoded(first);
    if (first === undefined || one === undefined) return undefined;
    const second = isSymbol(tokens[index + 1]?.token, '.') ? tokens[index + 2] : undefined;
    const two = this.decoded(second);
    if (second === undefined || two === undefined) {
      return { schema: this.schema, name: one, from: first.from, to: first.to, own: first.from };
    }
    return { schema: one, name: two, from: first.from, to: second.to, own: second.from };
  }

  /** From Latin-1, in which bytes are characters. */
  private textOf(bytes: string): string {
    return /[\x80-\xff]/.test(bytes) ? this.decode(Buffer.from(bytes, 'latin1')) : bytes;
  }

  private decoded(placed: PlacedToken | undefined): string | undefined {
    const token = placed?.token;
    if (token?.kind === 'word') return this.textOf(lower(token.text));
    if (token?.kind !== 'name') return undefined;
    const name = this.textOf(token.text);
    return token.escaped === true ? withoutEscapes(name) : name;
  }
}

const SETVAL = /^SELECT\s+(?:pg_catalog\.)?setval\s*\(\s*'((?:[^']|'')*)',\s*(-?\d+),\s*(true|false)\s*\)$/i;

/** Names have no texts with backslashes before them, so that it does not matter how these are read. */
function head(command: Buffer, tokens = CREATED_TOKENS): PlacedToken[] {
  return placedTokensOf(command.subarray(0, HEAD_BYTES), true, tokens);
}

/** What U&"…" says, which pg_dump never writes. */
function withoutEscapes(name: string): string {
  return name.replaceAll(/\\(?:([\da-f]{4})|\+([\da-f]{6})|\\)/gi, (_all, short?: string, long?: string) => {
    const code = short ?? long;
    return code === undefined ? '\\' : String.fromCodePoint(Number.parseInt(code, 16) % 0x11_00_00);
  });
}

function decoderOf(encoding: string): (bytes: Buffer) => string {
  // The sessions that count in the database read it like this.
  if (encoding.toUpperCase() === 'SQL_ASCII') return textOfBytes;
  const decoder = decoderNamed(encoding);
  return (bytes) => decoder.decode(bytes);
}

function decoderNamed(encoding: string): InstanceType<typeof TextDecoder> {
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
