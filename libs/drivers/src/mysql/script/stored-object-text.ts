import { saysSomething, sqlTokens } from './sql-lexer.js';
import type { SqlToken } from './sql-lexer.js';

interface Span {
  from: number;
  to: number;
  /** The last part of the name, as it stands there. */
  name: string;
  /** The schema before it, as it stands there. */
  schema: string | undefined;
}

/** Where a CREATE TRIGGER names itself and its table, both perhaps with a schema before them. */
export interface TriggerHead {
  trigger: Span;
  table: Span;
}

/**
 * Undefined when it is no CREATE TRIGGER as servers and dump tools write it, or not all of its head is there. What stands
 * in double quotes is a name: before the body there are no texts.
 */
export function triggerHead(statement: string): TriggerHead | undefined {
  const tokens = significant(statement);
  const start = afterWords(tokens, 'TRIGGER');
  if (start === undefined) return undefined;
  const trigger = qualifiedName(tokens, afterWords(tokens, 'EXISTS', start, start + 3) ?? start);
  if (trigger === undefined) return undefined;
  const on = afterWords(tokens, 'ON', trigger.next);
  const table = on === undefined ? undefined : qualifiedName(tokens, on);
  // Otherwise the name may go on.
  if (on !== undefined && tokens.at(-1)?.source.toUpperCase() !== 'FOR') return undefined;
  return table === undefined ? undefined : { trigger: trigger.span, table: table.span };
}

/** The same trigger under its bare name, on `table`; both then are of the current database. */
export function triggerOn(statement: string, head: TriggerHead, table: string): string {
  const { trigger, table: old } = head;
  return (
    statement.slice(0, trigger.from) +
    trigger.name +
    statement.slice(trigger.to, old.from) +
    table +
    statement.slice(old.to)
  );
}

const QUOTED = '(?:`(?:[^`]|``)*`|"(?:[^"]|"")*")';
/** How a server writes what comes before an event's comment and body, and how the dump tools wrap it. */
const EVENT_HEAD = new RegExp(
  `^((?:/\\*!\\d+ )?CREATE(?:\\*/)? (?:/\\*!\\d+ )?(?:DEFINER=${QUOTED}(?:@${QUOTED})?(?:\\*/)? )?(?:/\\*!\\d+ )?` +
    `EVENT (?:IF NOT EXISTS )?(${QUOTED}) ` +
    `ON SCHEDULE (?:AT '[^']*'|EVERY (?:'[^']*'|-?\\d+) \\w+(?: STARTS '[^']*')?(?: ENDS '[^']*')?)) ` +
    `(ON COMPLETION (?:NOT )?PRESERVE (?:ENABLE|DISABLE(?: ON (?:SLAVE|REPLICA))?))(?= )`,
);

export interface EventHead {
  /** Without quotes. */
  name: string;
  /** Tells what becomes of the event when it is over, and whether it runs: `ON COMPLETION NOT PRESERVE ENABLE`. */
  status: string;
}

/** This status keeps an event from running and from vanishing when its time is over. */
export const HELD_STATUS = 'ON COMPLETION PRESERVE DISABLE';

export function eventHead(statement: string): EventHead | undefined {
  const [, , quoted, status] = EVENT_HEAD.exec(statement) ?? [];
  if (quoted === undefined || status === undefined) return undefined;
  const quote = quoted.charAt(0);
  return { name: quoted.slice(1, -1).replaceAll(quote + quote, quote), status };
}

export function eventWithStatus(statement: string, status: string): string {
  return statement.replace(EVENT_HEAD, (_, before: string) => `${before} ${status}`);
}

function significant(statement: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  for (const token of sqlTokens(statement, true)) {
    if (!saysSomething(token)) continue;
    tokens.push(token);
    // The body may be long, and says nothing here.
    if (token.kind === 'word' && /^(FOR|DO)$/i.test(token.source)) break;
  }
  return tokens;
}

function afterWords(tokens: readonly SqlToken[], word: string, from = 0, to = tokens.length): number | undefined {
  const at = tokens.findIndex(
    ({ kind, source }, index) => index >= from && index < to && kind === 'word' && source.toUpperCase() === word,
  );
  return at === -1 ? undefined : at + 1;
}

function qualifiedName(tokens: readonly SqlToken[], at: number): { span: Span; next: number } | undefined {
  const first = tokens[at];
  if (first === undefined || !isName(first)) return undefined;
  const second = tokens[at + 1]?.source === '.' ? tokens[at + 2] : undefined;
  const last = second ?? first;
  return {
    span: {
      ...{ from: first.at, to: last.at + last.source.length },
      ...{ name: last.source, schema: second === undefined ? undefined : first.source },
    },
    next: at + (second === undefined ? 1 : 3),
  };
}

function isName({ kind }: SqlToken): boolean {
  return kind === 'name' || kind === 'word';
}
