import { TextDecoder } from 'node:util';

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

const NAME = String.raw`("(?:[^"]|"")*"|[A-Za-z_\x80-\xff][\w$\x80-\xff]*)`;
const QUALIFIED = String.raw`${NAME}(?:\s*\.\s*${NAME})?`;
const CREATE_TABLE = new RegExp(String.raw`^CREATE\s+(?:UNLOGGED\s+)?TABLE\s+${QUALIFIED}`, 'i');
const COPY = new RegExp(String.raw`^COPY\s+${QUALIFIED}`, 'i');
const SETVAL = /^SELECT\s+(?:pg_catalog\.)?setval\s*\(\s*'((?:[^']|'')*)',\s*(-?\d+),\s*(true|false)\s*\)$/i;
const WHOLE_NAME = new RegExp(`^${QUALIFIED}$`);
const SEARCH_PATH = new RegExp(String.raw`^SET\s+search_path\s*(?:=|TO)\s*${NAME}`, 'i');
const ENCODING = /^SET\s+client_encoding\s*(?:=|TO)\s*'?([\w-]+)/i;
/** Longer than any name with its quotes; what follows may be long. */
const HEAD_BYTES = 2_000;

/** Reads which object a command of a dump is about, in the encoding and with the search path of the dump. */
export class ScriptNames {
  private decoder = new TextDecoder('utf-8');
  private schema = 'public';

  /** To be shown every SET of the dump. */
  setting(command: Buffer): void {
    const text = command.toString('latin1', 0, HEAD_BYTES);
    const encoding = ENCODING.exec(text)?.[1];
    if (encoding !== undefined) this.decoder = decoderOf(encoding);
    // How pg_dump of before 2018 said which schema it meant.
    const schema = SEARCH_PATH.exec(text)?.[1];
    if (schema !== undefined) this.schema = this.decoded(schema);
  }

  createdTable(command: Buffer): QualifiedName | undefined {
    return this.name(CREATE_TABLE.exec(command.toString('latin1', 0, HEAD_BYTES)));
  }

  copiedTable(command: Buffer): CopiedTable | undefined {
    const text = command.toString('latin1');
    const match = COPY.exec(text);
    const name = this.name(match);
    if (match === null || name === undefined) return undefined;
    const [before, first = '', second] = match;
    return { ...name, as: second ?? first, qualified: second !== undefined, before, rest: text.slice(before.length) };
  }

  sequenceValue(command: Buffer): (QualifiedName & { value: string; called: boolean }) | undefined {
    const match = SETVAL.exec(command.toString('latin1', 0, HEAD_BYTES));
    const name = this.name(WHOLE_NAME.exec((match?.[1] ?? '').replaceAll("''", "'")));
    if (match === null || name === undefined) return undefined;
    return { ...name, value: match[2] ?? '1', called: match[3]?.toLowerCase() === 'true' };
  }

  private name(match: RegExpExecArray | null): QualifiedName | undefined {
    const [, first, second] = match ?? [];
    if (first === undefined) return undefined;
    if (second === undefined) return { schema: this.schema, name: this.decoded(first) };
    return { schema: this.decoded(first), name: this.decoded(second) };
  }

  private decoded(token: string): string {
    const bytes = token.startsWith('"')
      ? token.slice(1, -1).replaceAll('""', '"')
      : token.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
    return this.decoder.decode(Buffer.from(bytes, 'latin1'));
  }
}

/** Returns the decoder for PostgreSQL's name of an encoding; UTF-8 where it is not known here, as ASCII is the same in all of them. */
function decoderOf(encoding: string): InstanceType<typeof TextDecoder> {
  const name = encoding.toLowerCase();
  const aliases: Readonly<Record<string, string>> = { koi8r: 'koi8-r', koi8u: 'koi8-u', latin9: 'iso-8859-15' };
  const label = aliases[name] ?? name.replace(/^latin(\d)$/, 'iso-8859-$1').replace(/^win(\d+)$/, 'windows-$1');
  try {
    return new TextDecoder(label.replaceAll('_', '-'));
  } catch {
    return new TextDecoder('utf-8');
  }
}
