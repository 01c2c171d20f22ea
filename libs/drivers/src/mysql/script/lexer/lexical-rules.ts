/**
 * The rules by which the clients and servers of both families read a script. Nothing else has rules of its own: {@link ScriptLexer} reads
 * scripts by them, and `sqlTokens` single statements. Bytes are read as Latin-1, which leaves the ASCII that matters in place in UTF-8.
 */
export const NEWLINE = 0x0a;
export const SPACE = 0x20;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const DOLLAR = 0x24;
export const QUOTE = 0x27;
export const OPEN = 0x28;
export const CLOSE = 0x29;
export const STAR = 0x2a;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const SLASH = 0x2f;
export const SEMICOLON = 0x3b;
export const BACKSLASH = 0x5c;
export const BACKTICK = 0x60;

/** No other white space is one to the server in every character set: in UTF-8, the byte of a no-break space is a part of letters. */
export const BLANK = '[\\t-\\r ]';
const BLANK_BYTES = bytesOf('\t\n\v\f\r ');
export function isBlank(byte: number | undefined): boolean {
  return BLANK_BYTES[byte ?? 0] === 1;
}

/** Bytes of names without quotes, and of keywords and numbers. */
export const WORD = '[\\w$\\x80-\\uffff]+';
const WORD_BYTES = bytesOf('0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_$').fill(1, 0x80);
export function isOfWord(byte: number | undefined): boolean {
  return WORD_BYTES[byte ?? 0] === 1;
}

/** A name in backticks. */
export const QUOTED_NAME = '`(?:[^`]|``)+`';

/** The bytes that may end or change something within quotes. A doubled quote ends one text and begins the next, which comes to the same. */
export const IN_QUOTES: Uint8Array = bytesOf('\'"`\\\n');
/** The same for text. */
export const IN_QUOTED_TEXT: Readonly<Record<string, RegExp>> = { "'": /['\\]/g, '"': /["\\]/g, '`': /`/g };
export function isQuote(byte: number): boolean {
  return byte === QUOTE || byte === DOUBLE_QUOTE || byte === BACKTICK;
}

/**
 * To the servers two dashes are a comment with white space or a control character behind them; to the clients, which take comments out,
 * with white space alone. Before a statement some clients take any for one, and servers none.
 */
export const LINE_COMMENT = '#[^\\n]*|--(?=[\\0- \\x7f]|$)[^\\n]*';
export function makesDashesComment(byte: number | undefined): boolean {
  return byte === undefined || byte <= SPACE || byte === 0x7f;
}

/** The opening of a comment whose content is code to some servers at least. */
export const EXECUTABLE = '/\\*M?!\\d*';
/** The first line of newer MariaDB dumps: a command of the client, but one that only takes rights away. It ends without a delimiter. */
export const SANDBOX = /^\/\*M?!999999\\- enable the sandbox mode \*\//;
const SANDBOX_REST = '999999\\- enable the sandbox mode */';

/** Whether a text may go on as {@link SANDBOX}. */
export function beginsSandbox(text: string): boolean {
  return SANDBOX_REST.startsWith(text.replace(/^\/\*M?!/, ''));
}

/** The beginning of a text of MySQL 9 and newer that ends where the same comes again; it follows the word AS, before the body of a routine or a library. */
export const DOLLAR_QUOTE = /\$\w*\$/y;

const DELIMITER_COMMAND = new RegExp(
  `^${BLANK}*delimiter[ \\t]+(?:(['"\`])([^\\n]*?)(?:\\1|\\r?$)|([^\\t-\\r ]+))`,
  'i',
);
/** The longest beginning of a line in which a DELIMITER command is looked for. */
export const DELIMITER_LINE = 256;

/** The delimiter that a line sets which begins where no statement is open; undefined for any other line. */
export function delimiterSetBy(line: string): string | undefined {
  const [, , quoted, bare] = DELIMITER_COMMAND.exec(line) ?? [];
  const delimiter = quoted ?? bare;
  return delimiter === '' ? undefined : delimiter;
}

export function bytesOf(characters: string): Uint8Array<ArrayBuffer> {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from(characters, 'latin1')) table[byte] = 1;
  return table;
}
