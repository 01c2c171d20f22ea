const SET = /^\s*(?:\/\*M?!\d*\s*)?SET\s/i;
const ASSIGNMENT =
  /(@(?!@)[\w$]+|(?:@@)?(?:(?:SESSION|LOCAL)\s*\.\s*|(?:SESSION|LOCAL)\s+)?\w+)\s*:?=\s*('(?:[^'\\]|'')*'|"(?:[^"\\]|"")*"|@?@?[\w.$]+)/gi;

/** The bit of this mode in the number that a sql_mode is, on all servers. */
const NO_BACKSLASH_ESCAPES = 1n << 20n;

/**
 * Whether a backslash escapes within the quotes of a script, as its SET statements leave it: routines and triggers come
 * each with the sql_mode in which they were made.
 */
export class ScriptQuoting {
  backslashEscapes = true;
  /** The modes that the script noted in variables, to put them back later. */
  private readonly noted = new Map<string, boolean>();

  /** Every statement of the script, in its order, or those that are SET. */
  see(statement: string): void {
    if (!SET.test(statement) || !/sql_mode/i.test(statement)) return;
    for (const [, target = '', value = ''] of statement.matchAll(ASSIGNMENT)) {
      const name = target.toLowerCase();
      if (/^@[^@]/.test(name)) {
        if (/^@@(session\.|local\.)?sql_mode$/i.test(value)) this.noted.set(name, this.backslashEscapes);
      } else if (/(^|[.@\s])sql_mode$/.test(name)) {
        this.backslashEscapes = value.startsWith('@')
          ? (this.noted.get(value.toLowerCase()) ?? true)
          : /^\d+$/.test(value)
            ? (BigInt(value) & NO_BACKSLASH_ESCAPES) === 0n
            : !/\bNO_BACKSLASH_ESCAPES\b/i.test(value);
      }
    }
  }
}

/** Whether a SET gives sql_mode a text, in which its effect on quotes can be read. */
export function setsModeByText(statement: string): boolean {
  if (!SET.test(statement)) return false;
  const rest = statement.replace(ASSIGNMENT, '').replace(SET, '');
  return /^[\s,]*(?:\*\/)?\s*$/.test(rest);
}

/** The beginning of a text of MySQL 9 and newer that ends where the same comes again; it follows the word AS, before the body of a routine or a library. */
export const DOLLAR_QUOTE = /\$\w*\$/y;
