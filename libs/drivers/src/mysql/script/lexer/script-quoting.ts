import { BACKTICK, DOUBLE_QUOTE } from './lexical-rules.js';

const SET = /^\s*(?:\/\*M?!\d*\s*)?SET\s/i;
const ASSIGNMENT =
  /(@(?!@)[\w$]+|(?:@@)?(?:(?:SESSION|LOCAL)\s*\.\s*|(?:SESSION|LOCAL)\s+)?\w+)\s*:?=\s*('(?:[^'\\]|'')*'|"(?:[^"\\]|"")*"|@?@?[\w.$]+)/gi;

/** The modes that matter, and their bits in the number that a sql_mode is, on all servers. */
interface Mode {
  noBackslashEscapes: boolean;
  ansiQuotes: boolean;
}
const PLAIN: Mode = { noBackslashEscapes: false, ansiQuotes: false };
const NO_BACKSLASH_ESCAPES = 1n << 20n;
const ANSI_QUOTES = 1n << 2n;
/** The other modes hold it, where a server has them. */
const WITH_ANSI_QUOTES = /\b(?:ANSI_QUOTES|ANSI|DB2|MAXDB|MSSQL|ORACLE|POSTGRESQL)\b/i;

/**
 * Whether a backslash escapes within the quotes of a script, as its SET statements leave it: routines and triggers come
 * each with the sql_mode in which they were made.
 */
export class ScriptQuoting {
  private mode = PLAIN;
  /** The modes that the script noted in variables, to put them back later. */
  private readonly noted = new Map<string, Mode>();

  get backslashEscapes(): boolean {
    return !this.mode.noBackslashEscapes;
  }

  /** Within names nothing escapes. */
  escapesWithin(quote: number): boolean {
    if (quote === BACKTICK || (quote === DOUBLE_QUOTE && this.mode.ansiQuotes)) return false;
    return !this.mode.noBackslashEscapes;
  }

  /** Every statement of the script, in its order, or those that are SET. */
  see(statement: string): void {
    if (!SET.test(statement) || !/sql_mode/i.test(statement)) return;
    for (const [, target = '', value = ''] of statement.matchAll(ASSIGNMENT)) {
      const name = target.toLowerCase();
      if (/^@[^@]/.test(name)) {
        if (/^@@(session\.|local\.)?sql_mode$/i.test(value)) this.noted.set(name, this.mode);
      } else if (/(^|[.@\s])sql_mode$/.test(name)) {
        this.mode = this.modeOf(value);
      }
    }
  }

  private modeOf(value: string): Mode {
    if (value.startsWith('@')) return this.noted.get(value.toLowerCase()) ?? PLAIN;
    if (/^\d+$/.test(value)) {
      const bits = BigInt(value);
      return { noBackslashEscapes: (bits & NO_BACKSLASH_ESCAPES) !== 0n, ansiQuotes: (bits & ANSI_QUOTES) !== 0n };
    }
    return {
      noBackslashEscapes: /\bNO_BACKSLASH_ESCAPES\b/i.test(value),
      ansiQuotes: WITH_ANSI_QUOTES.test(value),
    };
  }
}

/** Whether a SET gives sql_mode a text, in which its effect on quotes can be read. */
export function setsModeByText(statement: string): boolean {
  if (!SET.test(statement)) return false;
  const rest = statement.replace(ASSIGNMENT, '').replace(SET, '');
  return /^[\s,]*(?:\*\/)?\s*$/.test(rest);
}
