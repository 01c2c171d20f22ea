import type { CrossingTarget } from './crossing-target.js';
import type { DumpOrigin } from './dump-origin.js';
import { codeTokensOf, runsComment } from './executable-comments.js';
import type { CodeToken } from './executable-comments.js';
import { readable } from './findings.js';
import type { Edit, Findings } from './findings.js';
import { adaptMode, setsMode } from './session-modes.js';
import { adaptTable } from './table-adaptation.js';
import { isWord, nameAfter } from './table-items.js';
import { unquoted } from '../script/statement-tokens.js';

export interface AdaptationPlan {
  target: CrossingTarget;
  /** Undefined where the dump does not say it. */
  origin: DumpOrigin | undefined;
  findings: Findings;
  /** The replacement of each collation that the target lacks, by the name of that collation in lower case. */
  mapped: ReadonlyMap<string, string>;
}

const ROWS =
  /^(?:INSERT|REPLACE)\b(?: (?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*(?: INTO)? (`(?:[^`]|``)+`|[\w$]+) (?:VALUES?|SELECT)\b/i;
const NAMED_ROWS =
  /^(?:INSERT|REPLACE)\b(?: (?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE))*(?: INTO)? (`(?:[^`]|``)+`|[\w$]+) ?\(([^)]*)/i;
const CODE = ['PROCEDURE', 'FUNCTION', 'TRIGGER', 'EVENT', 'VIEW', 'PACKAGE', 'LIBRARY', 'SEQUENCE', 'TABLE'] as const;
/** Further kinds that a statement makes or is about, in which words of {@link CODE} may be names. */
const OTHER_KINDS = /^(INDEX|DATABASE|SCHEMA|USER|ROLE|SERVER|TABLESPACE)$/i;
/** Statements that a server may not have: anything may follow the word, which is also a name that people give. */
const CHARACTER_SETS =
  /^(armscii8|ascii|big5|cp(1250|1251|1256|1257|850|852|866|932)|dec8|eucjpms|euckr|gb18030|gb2312|gbk|geostd8|greek|hebrew|hp8|keybcs2|koi8[ru]|latin[1257]|macce|macroman|sjis|swe7|tis620|ucs2|ujis|utf16|utf16le|utf32|utf8mb4)$/;
const COLLATION_VARIABLE = /^(@@)?(collation_connection|collation_database|collation_server)$/i;

/** Looks at the statements of a dump one after the other, and says how each is to be written for the target. */
export class StatementAdaptation {
  /** The modes under which the code that follows was written, and which the target does not know. */
  private lostModes: readonly string[] = [];

  constructor(private readonly plan: AdaptationPlan) {}

  /** Only the beginning of rows is there; they are left as they are. */
  rows(head: string): void {
    const { findings, origin, target } = this.plan;
    const words = head.replace(/\s+/g, ' ');
    const [, unnamed] = ROWS.exec(words) ?? [];
    if (unnamed !== undefined) findings.unnamedRows.add(readable(unquoted(unnamed)));
    if (origin?.flavour !== 'MariaDB' || target.flavour !== 'MySQL') return;
    const [, named, names = ''] = NAMED_ROWS.exec(words) ?? [];
    const table = readable(unquoted(named ?? unnamed ?? ''));
    for (const column of findings.generated.get(table) ?? []) {
      if (unnamed === undefined && !namesIn(names).includes(column)) continue;
      // Error 3105: MySQL takes none, and MariaDB's dump tool writes them.
      findings.refused.add(`values of the generated column ${column} in the rows of table ${table}`);
    }
  }

  edits(text: string): Edit[] {
    const { target, findings } = this.plan;
    const tokens = codeTokensOf(text);
    const edits: Edit[] = [];
    if (setsMode(tokens)) {
      const mode = adaptMode(tokens, target);
      this.lostModes = mode?.lost ?? [];
      edits.push(...(mode?.edits ?? []));
    }
    const kind = isWord(tokens[0], 'CREATE') ? kindOf(tokens) : undefined;
    const named = kind === undefined ? undefined : nameAfter(tokens, kind);
    const label =
      kind === undefined || named === undefined ? 'settings of sessions' : `${kind.toLowerCase()} ${named.name}`;
    if (kind !== undefined && named !== undefined) this.object(kind, named.name, tokens, text);
    if (kind === 'TABLE') {
      edits.push(...adaptTable({ text, tokens, target, findings, meant: (comment) => this.meant(comment) }));
    }
    return [...edits, ...this.collations(tokens, label)].toSorted((a, b) => a.from - b.from).filter(isApart);
  }

  /** Whether the source ran what stands in a comment. */
  private meant({ opening }: { opening: string }): boolean {
    return this.plan.origin === undefined || runsComment(this.plan.origin, opening);
  }

  private object(kind: Kind, name: string, tokens: readonly CodeToken[], text: string): void {
    const { findings, target } = this.plan;
    const server = `${target.flavour} ${target.version}`;
    const what = lackOf(kind, tokens, target);
    if (what !== undefined) findings.refused.add(`${what} ${name}`);
    if (kind === 'TABLE') return;
    const isCode = kind !== 'VIEW' && kind !== 'SEQUENCE' && kind !== 'LIBRARY';
    if (isCode && this.lostModes.includes('ORACLE') && kind !== 'PACKAGE') {
      findings.refused.add(`${kind.toLowerCase()} ${name}, written for sql_mode ORACLE`);
    } else if (isCode && this.lostModes.length > 0 && kind !== 'PACKAGE') {
      findings.warnings.add(
        `The ${kind.toLowerCase()} ${name} was written for the sql_mode ${this.lostModes.join(', ')}, which ${server} does not have: it may act otherwise.`,
      );
    }
    for (const comment of new Set(tokens.flatMap((token) => token.comment ?? []))) {
      if (runsComment(target, comment.opening) || !this.meant(comment)) continue;
      const inner = text
        .slice(comment.from + comment.opening.length, comment.to)
        .replace(/\*\/$/, '')
        .trim();
      findings.warnings.add(
        `The ${kind.toLowerCase()} ${name} loses ${readable(inner.replace(/\s+/g, ' ').slice(0, 120))}, which ${server} skips (${comment.opening}).`,
      );
    }
  }

  private collations(tokens: readonly CodeToken[], label: string): Edit[] {
    const { target, findings, mapped } = this.plan;
    const edits: Edit[] = [];
    for (const [at, token] of tokens.entries()) {
      const follows = tokens[tokens[at + 1]?.source === '=' ? at + 2 : at + 1];
      if (follows === undefined || (token.comment !== undefined && !runsComment(target, token.comment.opening)))
        continue;
      const isCharacterSet =
        isWord(token, 'CHARSET') || (isWord(token, 'SET') && /^(CHARACTER|CHAR)$/i.test(tokens[at - 1]?.source ?? ''));
      if (isCharacterSet) this.characterSet(follows, label);
      if (!isWord(token, 'COLLATE') && !COLLATION_VARIABLE.test(token.source)) continue;
      const name = unquoted(follows.source).toLowerCase();
      if (!/^[a-z0-9]+_\w+$/.test(name) || target.collations.has(name)) continue;
      findings.noteCollation(name, label);
      const by = mapped.get(name);
      if (by !== undefined) edits.push({ from: follows.at, to: follows.at + follows.source.length, by });
    }
    return edits;
  }

  private characterSet({ source }: CodeToken, label: string): void {
    const { target, findings } = this.plan;
    const name = unquoted(source).toLowerCase();
    if (CHARACTER_SETS.test(name) && !target.characterSets.has(name)) {
      findings.refused.add(`character set ${name} (${label})`);
    }
  }
}

function namesIn(list: string): string[] {
  return [...list.matchAll(/`(?:[^`]|``)+`|[^\s,`]+/g)].map(([name]) => readable(unquoted(name)));
}

type Kind = (typeof CODE)[number];

/** Returns the kind of what is made, by the first word that names a kind, before any name. */
function kindOf(tokens: readonly CodeToken[]): Kind | undefined {
  const isNamed = ({ kind, source }: CodeToken): boolean =>
    kind === 'word' && (isKind(source.toUpperCase()) || OTHER_KINDS.test(source));
  const word = tokens.slice(0, 24).find(isNamed)?.source.toUpperCase();
  return word !== undefined && isKind(word) ? word : undefined;
}

/** Returns what a statement makes, in words: `procedure p`. Undefined where it makes nothing. */
export function madeBy(text: string): string | undefined {
  const tokens = codeTokensOf(text);
  const kind = isWord(tokens[0], 'CREATE') ? kindOf(tokens) : undefined;
  const named = kind === undefined ? undefined : nameAfter(tokens, kind);
  return kind === undefined || named === undefined ? undefined : `${kind.toLowerCase()} ${named.name}`;
}

function isKind(word: string): word is Kind {
  return (CODE as readonly string[]).includes(word);
}

/** The kind of an object that no server of the target's product, or not this one, has. */
function lackOf(kind: Kind, tokens: readonly CodeToken[], target: CrossingTarget): string | undefined {
  const head = tokens.slice(0, 24);
  const has = (word: string): boolean => head.some((token) => isWord(token, word));
  if (target.flavour === 'MySQL') {
    if (kind === 'SEQUENCE') return 'sequence';
    if (kind === 'PACKAGE') return has('BODY') ? 'package body' : 'package';
    if (kind === 'FUNCTION' && has('AGGREGATE') && !tokens.some((token) => isWord(token, 'SONAME')))
      return 'aggregate function';
    return undefined;
  }
  if (kind === 'LIBRARY') return 'library';
  if (kind === 'VIEW' && has('DUALITY')) return 'JSON duality view';
  const speaks = tokens.findIndex((token, at) => isWord(token, 'LANGUAGE') && !isWord(tokens[at + 1], 'SQL'));
  if ((kind === 'FUNCTION' || kind === 'PROCEDURE') && speaks !== -1 && isWord(tokens[speaks + 1], 'JAVASCRIPT')) {
    return `${kind.toLowerCase()} in JavaScript`;
  }
  return undefined;
}

function isApart(edit: Edit, index: number, edits: readonly Edit[]): boolean {
  return edits.slice(0, index).every(({ to }) => to <= edit.from);
}
