import type { DumpContents } from '../../db-driver.js';

const NAME = '(`(?:[^`]|``)+`|"(?:[^"]|"")+"|[^\\t-\\r `"(;,]+)';
/** With its database, or without. */
const OBJECT = `(?:${NAME} ?\\. ?)?${NAME}`;
const MAKES = new RegExp(`^CREATE (?:OR REPLACE )?TABLE (?:IF NOT EXISTS )?${OBJECT}`, 'i');
const FILLS = new RegExp(`^(?:INSERT|REPLACE) (?:(?:IGNORE|DELAYED|LOW_PRIORITY) )?(?:INTO )?${OBJECT}`, 'i');
const LOCKS = new RegExp(`^LOCK TABLES? ${OBJECT} WRITE`, 'i');
const VIEW = new RegExp(`^CREATE\\b[^(]*? VIEW (?:IF NOT EXISTS )?${OBJECT}`, 'i');
const TRIGGER = /^CREATE\b(?: (?!TABLE|VIEW|PROCEDURE|FUNCTION|EVENT|PACKAGE|SEQUENCE)\S+)* TRIGGER\b/i;
const SEQUENCE = new RegExp(`^CREATE (?:OR REPLACE )?SEQUENCE (?:IF NOT EXISTS )?${OBJECT}`, 'i');
/** mysqldump writes no rows of these. */
const HOLDS_NONE = /\bENGINE ?= ?(MRG_\w+|MERGE|FEDERATED|BLACKHOLE|CONNECT|SPIDER)\b/i;
const CONDITION = /^ ?WHERE: {2}(.{1,200})/;

/** Collects what a script makes and fills, statement by statement. */
export class ScriptContents {
  /** Tables that it makes, and whether they hold rows at all. */
  private readonly made = new Map<string, boolean>();
  private readonly filled = new Set<string>();
  /** The names of all that shares one name space with tables. */
  private readonly names = new Set<string>();
  /** mysqldump locks each table of which it writes rows, an empty one too. */
  private locks = false;
  private condition: string | undefined;
  private triggers = false;
  /** Rows came behind triggers, which may have filled other tables. */
  private filledByTriggers = false;

  /** `words`: with single spaces. */
  note(words: string): void {
    const made = nameIn(MAKES, words);
    if (made !== undefined) this.made.set(made, !HOLDS_NONE.test(words));
    const sequence = nameIn(SEQUENCE, words);
    const view = nameIn(VIEW, words);
    // Before it, older versions of mysqldump make a table in its place.
    if (view !== undefined) this.made.delete(view);
    for (const name of [made, view, sequence]) if (name !== undefined) this.names.add(name);
    const locked = nameIn(LOCKS, words);
    if (locked !== undefined) this.locks = true;
    const filled = locked ?? nameIn(FILLS, words);
    if (filled !== undefined) this.filled.add(filled);
    if (filled !== undefined && this.triggers) this.filledByTriggers = true;
    if (TRIGGER.test(words)) this.triggers = true;
  }

  /** Reads the comment of a line, without its dashes. */
  comment(text: string): void {
    const [, condition] = CONDITION.exec(text) ?? [];
    if (condition !== undefined) this.condition ??= readable(condition.trim());
  }

  get result(): DumpContents {
    const tables = this.made.size;
    const rows = this.filled.size > 0;
    const withoutRows = [...this.made].filter(([name, holds]) => holds && !this.filled.has(name));
    return {
      tables,
      rows,
      names: [...this.names],
      withoutRows: this.locks && !this.filledByTriggers ? withoutRows.map(([name]) => name) : [],
      only: rows && tables === 0 ? 'rows' : undefined,
      condition: this.condition,
    };
  }
}

function nameIn(pattern: RegExp, words: string): string | undefined {
  const quoted = pattern.exec(words)?.findLast((group, at) => at > 0 && group !== undefined);
  if (quoted === undefined) return undefined;
  const quote = quoted.charAt(0);
  return readable(/[`"]/.test(quote) ? quoted.slice(1, -1).replaceAll(quote + quote, quote) : quoted);
}

/** Scripts are read as Latin-1. */
function readable(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
