import { isAtLeast } from './crossing-target.js';
import type { CrossingTarget } from './crossing-target.js';
import { expressionDefault } from './expression-default.js';
import { runsComment } from './executable-comments.js';
import type { CodeToken } from './executable-comments.js';
import type { Edit, Findings } from './findings.js';
import { isWord, nameOf, tableDefinition } from './table-items.js';
import type { TableDefinition, TableItem } from './table-items.js';

/** Who looks at a table: on the first reading notes what it finds, on the second changes the text. Both see the same. */
export interface TableQuestion {
  /** The whole statement, as Latin-1. */
  text: string;
  tokens: readonly CodeToken[];
  target: CrossingTarget;
  /** Whether the server that the dump comes from ran what a comment holds. */
  meant(comment: { opening: string }): boolean;
  findings: Findings;
}

/** Options of tables and columns that MariaDB refuses outside of comments, or takes and forgets; each with a value. */
const UNKNOWN_TO_MARIADB =
  /^(SECONDARY_ENGINE|ENGINE_ATTRIBUTE|SECONDARY_ENGINE_ATTRIBUTE|AUTOEXTEND_SIZE|COMPRESSION|ENCRYPTION|COLUMN_FORMAT|STORAGE|TABLESPACE)$/i;
const UNKNOWN_TO_MYSQL =
  /^(PAGE_CHECKSUM|TRANSACTIONAL|PAGE_COMPRESSED|PAGE_COMPRESSION_LEVEL|ENCRYPTED|ENCRYPTION_KEY_ID|IETF_QUOTES)$/i;

/** Returns the edits of a CREATE TABLE after which the target makes the same table, or notes what the target cannot make. */
export function adaptTable(question: TableQuestion): Edit[] {
  const table = tableDefinition(question.tokens);
  if (table === undefined) return [];
  const items = new ItemAdaptation(question, table);
  for (const [at, item] of table.items.entries()) items.adapt(item, at);
  items.adapt(table.options);
  return items.edits;
}

class ItemAdaptation {
  readonly edits: Edit[] = [];
  /** How many items are left out before the first that stays: the comma behind each goes with it. */
  private leftOutFirst = 0;

  constructor(
    private readonly question: TableQuestion,
    private readonly table: TableDefinition,
  ) {}

  private get server(): string {
    const { flavour, version } = this.question.target;
    return `${flavour} ${version}`;
  }

  adapt(item: TableItem, at = 0): void {
    const { findings } = this.question;
    for (const missing of this.lacksOf(item)) findings.refused.add(missing);
    if (item.kind === 'check' && this.isForgotten()) {
      findings.warnings.add(`The ${item.label} is not enforced: ${this.server} takes CHECKs and forgets them.`);
      return;
    }
    if (item.kind === 'check' && this.isNotEnforced(item)) {
      this.leaveOut(item, at);
      return;
    }
    if (this.question.target.flavour === 'MySQL') this.adaptForMysql(item);
    else this.adaptForMariadb(item);
    if (item.kind === 'options') this.noteEngine(item);
    this.noteSkipped(item);
  }

  /** Returns what the target does not have and cannot be left out without a loss of data or of its meaning. */
  private lacksOf({ kind, label, tokens }: TableItem): string[] {
    const { target } = this.question;
    const mariadb = target.flavour === 'MariaDB';
    const type = kind === 'column' ? (tokens[1]?.source.toUpperCase() ?? '') : '';
    const hasWords = (...words: string[]): boolean =>
      tokens.some((_, at) => words.every((word, index) => isWord(tokens[at + index], word)));
    const missing: string[] = [];
    if (type === 'VECTOR' && !(mariadb ? isAtLeast(target, 11, 7) : isAtLeast(target, 9)))
      missing.push(`${label} of type VECTOR`);
    if (mariadb) {
      const isFunctional = kind === 'key' && tokens.some(({ source }, at) => source === '(' && isNested(tokens, at));
      if (isFunctional) missing.push(`functional ${label}`);
      return missing;
    }
    if (/^(UUID|INET4|INET6|XMLTYPE)$/.test(type)) missing.push(`${label} of type ${type}`);
    if (kind === 'period') missing.push(`the ${label} (PERIOD FOR)`);
    if (kind === 'options' && hasWords('WITH', 'SYSTEM', 'VERSIONING')) missing.push(`system versioning of ${label}`);
    if (
      kind === 'options' &&
      tokens.some((token, at) => isWord(token, 'PARTITION') && isWord(tokens[at + 2], 'DEFAULT'))
    )
      missing.push(`partition for all other values (DEFAULT) of ${label}`);
    if (kind === 'column' && /\b(NEXTVAL|LASTVAL) \(/.test(words(tokens)))
      missing.push(`${label}, whose default draws from a sequence`);
    if (kind === 'key' && isWord(tokens[0], 'VECTOR')) missing.push(`vector ${label}`);
    if (kind === 'key' && isWord(tokens[0], 'UNIQUE') && this.isLongUnique(tokens)) {
      missing.push(`unique ${label} over a whole TEXT or BLOB (USING HASH)`);
    }
    return missing;
  }

  /** Whether MySQL needs a length for a key on this type, which MariaDB does without by a hash. */
  private isLongUnique(tokens: readonly CodeToken[]): boolean {
    if (!/\bUSING HASH\b/.test(words(tokens))) return false;
    const long = this.table.items.filter(
      ({ kind, tokens: column }) => kind === 'column' && /(TEXT|BLOB)$/i.test(column[1]?.source ?? ''),
    );
    const names = new Set(long.map(({ tokens: [name] }) => (name === undefined ? '' : nameOf(name))));
    return tokens.some((token, at) => at > 1 && names.has(nameOf(token)) && tokens[at + 1]?.source !== '(');
  }

  private isForgotten(): boolean {
    const { target } = this.question;
    return target.flavour === 'MySQL' && !isAtLeast(target, 8, 0, 16);
  }

  private isNotEnforced({ tokens }: TableItem): boolean {
    const at = tokens.findIndex((token, index) => isWord(token, 'NOT') && isWord(tokens[index + 1], 'ENFORCED'));
    const comment = tokens[at]?.comment;
    if (at === -1) return false;
    const { target, meant } = this.question;
    if (comment === undefined) return target.flavour === 'MariaDB';
    return meant(comment) && !runsComment(target, comment.opening);
  }

  /** One that is enforced would refuse rows that the source took; one that is not does nothing. */
  private leaveOut(item: TableItem, at: number): void {
    const { text, findings } = this.question;
    const before = text.lastIndexOf(',', item.from);
    const after = text.indexOf(',', item.to);
    const isFirst = at === this.leftOutFirst;
    if (isFirst) this.leftOutFirst += 1;
    const from = isFirst ? item.from : before;
    const to = isFirst && after !== -1 ? after + 1 : item.to;
    this.edits.push({ from, to, by: newlinesOf(text.slice(from, to)) });
    findings.warnings.add(
      `The ${item.label}, which the source did not enforce (NOT ENFORCED), was left out: ${this.server} enforces each CHECK.`,
    );
  }

  private adaptForMariadb(item: TableItem): void {
    const { findings, target } = this.question;
    const { tokens, kind, label } = item;
    const type = kind === 'column' ? tokens[1] : undefined;
    if (type !== undefined && isWord(type, 'GEOMCOLLECTION')) this.replaceToken(type, 'geometrycollection');
    const options = optionsOf(item);
    const isGenerated = isGeneratedColumn(item);
    for (const at of options) {
      const token = tokens[at] as CodeToken;
      if (isWord(token, 'INVISIBLE') && this.isSkipped(token)) {
        if (kind === 'column' && isAtLeast(target, 10, 3) && this.mayBeInvisible(item)) {
          this.replaceComment(token, 'INVISIBLE');
          noteIn(findings.madeInvisible, this.table.name, label);
        } else if (kind === 'key' && isAtLeast(target, 10, 6)) this.replaceComment(token, 'IGNORED');
        else if (kind === 'column') findings.warnings.add(visible(label, this.server));
        else findings.warnings.add(used(label, this.server));
      } else if (isGenerated && isWord(token, 'NOT') && isWord(tokens[at + 1], 'NULL') && !this.isSkipped(token)) {
        this.takeOut(item, at, at + 1);
      } else if (isWord(token, 'WITH') && isParserOfMysql(tokens, at) && !this.isSkipped(token)) {
        this.takeOut(item, at, at + 2);
      } else if (isWord(token, 'NOT') && isWord(tokens[at + 1], 'SECONDARY') && !this.isSkipped(token)) {
        this.takeOut(item, at, at + 1);
      } else if (UNKNOWN_TO_MARIADB.test(token.source) && !this.isSkipped(token)) {
        this.takeOut(item, at, endOfValue(tokens, at));
      }
    }
  }

  /** MariaDB wants to know what stands in it where nobody names it. */
  private mayBeInvisible({ tokens }: TableItem): boolean {
    if (this.question.findings.unnamedRows.has(this.table.name)) return false;
    const said = words(tokens);
    return !/\bNOT NULL\b/.test(said) || /\b(DEFAULT|AUTO_INCREMENT|AS \()/.test(said);
  }

  private adaptForMysql(item: TableItem): void {
    const { text, findings, target } = this.question;
    const { tokens, kind, label } = item;
    for (const at of optionsOf(item)) {
      const token = tokens[at] as CodeToken;
      if (this.isSkipped(token)) continue;
      if (kind === 'key' && isWord(token, 'IGNORED')) this.adaptIgnored(item, at);
      else if (kind === 'column' && isWord(token, 'INVISIBLE') && !isAtLeast(target, 8, 0, 23)) {
        this.replaceToken(token, '');
        findings.warnings.add(visible(label, this.server));
      } else if (kind === 'column' && at > 1 && isWord(token, 'COMPRESSED'))
        this.takeOut(item, at, endOfValue(tokens, at));
      else if (kind === 'column' && /^WITH(OUT)?$/i.test(token.source) && isWord(tokens[at + 1], 'SYSTEM')) {
        this.takeOut(item, at, at + 2);
      } else if (kind === 'options' && isWord(token, 'ROW_FORMAT') && isWord(tokens[endOfValue(tokens, at)], 'PAGE')) {
        this.takeOut(item, at, endOfValue(tokens, at));
      } else if (kind === 'options' && (UNKNOWN_TO_MYSQL.test(token.source) || isQuotedOption(tokens, at))) {
        this.takeOut(item, at, endOfValue(tokens, at));
      }
    }
    if (isGeneratedColumn(item)) noteIn(findings.generated, this.table.name, nameOf(tokens[0] as CodeToken));
    const expression = kind === 'column' ? expressionDefault(tokens) : undefined;
    if (expression !== undefined && isAtLeast(target, 8, 0, 13)) {
      const { from, to } = expression;
      this.replace(from, to, `(${text.slice(from, to)})`);
    }
    if (kind === 'check') this.requireOwnName(item);
  }

  private adaptIgnored({ tokens, label }: TableItem, at: number): void {
    const { findings, target } = this.question;
    const token = tokens[at] as CodeToken;
    const before = tokens[at - 1];
    const from = isWord(before, 'NOT') ? (before?.at ?? token.at) : token.at;
    const isUsed = from !== token.at;
    const hides = !isUsed && isAtLeast(target, 8);
    this.replace(from, token.at + token.source.length, hides ? 'INVISIBLE' : '');
    if (!isUsed && !hides)
      findings.warnings.add(`The ${label}, which is ignored in the source, is used by ${this.server}.`);
  }

  private requireOwnName(item: TableItem): void {
    const [constraint, named] = item.tokens;
    if (!isWord(constraint, 'CONSTRAINT') || constraint === undefined || named === undefined) return;
    const { checkNames, warnings } = this.question.findings;
    const name = nameOf(named).toLowerCase();
    if (!checkNames.has(name)) {
      checkNames.add(name);
      return;
    }
    this.replace(constraint.at, named.at + named.source.length, '');
    warnings.add(`The ${item.label} gets another name, as ${this.server} has each name of a CHECK once in a database.`);
  }

  /** A table of another engine is made by the server without an error, as dumps do not set NO_ENGINE_SUBSTITUTION. */
  private noteEngine(item: TableItem): void {
    const { tokens, label } = item;
    const { target, findings } = this.question;
    const at = optionsOf(item).find(
      (index) => isWord(tokens[index], 'ENGINE') && !this.isSkipped(tokens[index] as CodeToken),
    );
    const named = at === undefined ? undefined : tokens[tokens[at + 1]?.source === '=' ? at + 2 : at + 1];
    if (named === undefined || target.engines.has(nameOf(named).toLowerCase())) return;
    findings.warnings.add(
      `${capital(label)} has the storage engine ${nameOf(named)}, which ${this.server} lacks: it gets the default engine.`,
    );
  }

  /** The rest of what the source ran and the target does not. */
  private noteSkipped({ tokens, label, kind }: TableItem): void {
    const { target, text, meant, findings } = this.question;
    for (const comment of new Set(tokens.flatMap((token) => token.comment ?? []))) {
      if (runsComment(target, comment.opening) || !meant(comment)) continue;
      const inner = text
        .slice(comment.from + comment.opening.length, comment.to)
        .replace(/\*\/$/, '')
        .trim();
      if (this.edits.some(({ from, to }) => from <= comment.from && to >= comment.to)) continue;
      if (/^INVISIBLE$/i.test(inner) && (kind === 'column' || kind === 'key')) {
        // A dump of MariaDB was told about already, with what becomes of it.
        if (target.flavour === 'MySQL') findings.warnings.add((kind === 'column' ? visible : used)(label, this.server));
        continue;
      }
      if (/^(DEFAULT )?ENCRYPTION ?=? ?'N'$/i.test(inner)) continue;
      findings.warnings.add(lost(label, inner, this.server));
    }
  }

  private isSkipped({ comment }: CodeToken): boolean {
    return comment !== undefined && !runsComment(this.question.target, comment.opening);
  }

  private replaceComment(token: CodeToken, by: string): void {
    if (token.comment === undefined) this.replaceToken(token, by);
    else this.replace(token.comment.from, token.comment.to, by);
  }

  private replaceToken({ at, source }: CodeToken, by: string): void {
    this.replace(at, at + source.length, by);
  }

  /** Tokens that the target refuses; a comment that holds nothing else goes with them. */
  private takeOut({ tokens, label }: TableItem, first: number, last: number): void {
    const { text, findings } = this.question;
    const [from, to] = [tokens[first], tokens[last]];
    if (from === undefined || to === undefined) return;
    const end = to.at + to.source.length;
    this.replace(from.at, end, '');
    const value = text.slice(from.at, end).replaceAll('`', '');
    if (!/^(ENCRYPTION|ENCRYPTED|COMPRESSION) ?=? ?'?N(O|ONE)?'?$/i.test(value))
      findings.warnings.add(lost(label, value, this.server));
  }

  private replace(from: number, to: number, by: string): void {
    this.edits.push({ from, to, by });
  }
}

function lost(label: string, what: string, server: string): string {
  const shown = what.replace(/\s+/g, ' ').slice(0, 120);
  if (/^SRID\b/i.test(shown)) {
    return `${capital(label)} loses ${shown}: ${server} takes values of any reference system there, and computes with them as on a plane.`;
  }
  if (/^(ENCRYPTION|ENCRYPTED)\b/i.test(shown))
    return `${capital(label)} loses ${shown}: it is not encrypted on ${server}.`;
  if (/^NOT NULL$/i.test(shown))
    return `${capital(label)} loses NOT NULL, which ${server} takes for no generated column.`;
  return `${capital(label)} loses ${shown}, which ${server} does not have.`;
}

function visible(label: string, server: string): string {
  return `${capital(label)}, which is invisible in the source, is visible on ${server}: SELECT * returns it, and INSERT without names of columns wants a value for it.`;
}

function used(label: string, server: string): string {
  return `The ${label}, which is invisible in the source, is used by ${server}.`;
}

function noteIn(map: Map<string, Set<string>>, key: string, value: string): void {
  map.set(key, (map.get(key) ?? new Set()).add(value));
}

/** The indexes of tokens where names cannot stand: not at the beginning, and not within brackets. */
function optionsOf({ kind, tokens }: Pick<TableItem, 'kind' | 'tokens'>): number[] {
  let depth = 0;
  let isBehindBrackets = false;
  return tokens.flatMap(({ source }, at) => {
    const isOption = depth === 0 && (kind === 'options' || (kind === 'column' && at > 1) || isBehindBrackets);
    if (source === '(') depth += 1;
    if (source === ')') {
      depth -= 1;
      isBehindBrackets ||= depth === 0;
    }
    return isOption ? [at] : [];
  });
}

function isGeneratedColumn(item: TableItem): boolean {
  const { kind, tokens } = item;
  return kind === 'column' && optionsOf(item).some((at) => isWord(tokens[at], 'AS') && tokens[at + 1]?.source === '(');
}

/** `= value`, `value`, or none. */
function endOfValue(tokens: readonly CodeToken[], at: number): number {
  if (tokens[at + 1]?.source === '=') return at + 2;
  return UNKNOWN_TO_MARIADB.test(tokens[at]?.source ?? '') || isWord(tokens[at], 'ROW_FORMAT') ? at + 1 : at;
}

/** Whether the parser of a full-text key is built into MySQL. */
function isParserOfMysql(tokens: readonly CodeToken[], at: number): boolean {
  return isWord(tokens[at + 1], 'PARSER') && /^`?(ngram|mecab)`?$/i.test(tokens[at + 2]?.source ?? '');
}

/** MariaDB writes options of engines so. */
function isQuotedOption(tokens: readonly CodeToken[], at: number): boolean {
  return tokens[at]?.kind === 'name' && tokens[at + 1]?.source === '=' && !isWord(tokens[at - 1], 'TABLESPACE');
}

/** `((lower(a)))`, `(a, (b + 1))`; lengths of prefixes are numbers in brackets. */
function isNested(tokens: readonly CodeToken[], at: number): boolean {
  const before = tokens[at - 1]?.source;
  return before === '(' || before === ',';
}

/** Without texts, which may hold any words. */
function words(tokens: readonly CodeToken[]): string {
  return tokens.map(({ kind, source }) => (kind === 'text' ? "''" : source.toUpperCase())).join(' ');
}

function newlinesOf(text: string): string {
  return text.replace(/[^\n]/g, '');
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
