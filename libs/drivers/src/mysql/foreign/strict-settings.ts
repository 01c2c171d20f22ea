import type { SqlToken } from '../script/sql-lexer.js';

/** A session of a dump is set by these only. */
const SETTABLE =
  /^(names|character_set_(client|results|connection)|collation_connection|time_zone|(unique|foreign_key)_checks|sql_mode|sql_notes|note_verbosity|autocommit|system_versioning_insert_history|default_storage_engine|innodb_strict_mode|sql_auto_is_null|information_schema_stats_expiry|sql_require_primary_key|sql_quote_show_create|default_tmp_storage_engine|sql_safe_updates|use_stat_tables)$/;
/** In the others a byte of a character may look like a quote or a backslash. The server's default may be one of them. */
const PLAIN_SETS =
  /^(utf8|utf8mb3|utf8mb4|latin[1257]|ascii|binary|cp125[0167]|cp85[02]|koi8[ru]|armscii8|greek|hebrew|null)(_\w+)?$/i;
/** Those that keep their rows in the database, whatever the table says. */
export const ENGINES: ReadonlySet<string> = new Set([
  ...['INNODB', 'MYISAM', 'ARIA', 'MARIA', 'MEMORY', 'HEAP', 'CSV', 'ARCHIVE', 'BLACKHOLE', 'ROCKSDB', 'TOKUDB'],
  ...['NDB', 'NDBCLUSTER', 'MROONGA', 'COLUMNSTORE', 'XTRADB'],
]);
const CHANGES_QUOTES = /NO_BACKSLASH_ESCAPES|ANSI|^\d|DB2|MAXDB|MSSQL|ORACLE|POSTGRESQL|^DEFAULT$/i;

/** None of these changes how texts are quoted. */
const MODE =
  '(?:NO_AUTO_VALUE_ON_ZERO|STRICT_(?:TRANS|ALL)_TABLES|ONLY_FULL_GROUP_BY|NO_ZERO_(?:IN_)?DATE|ERROR_FOR_DIVISION_BY_ZERO|NO_AUTO_CREATE_USER|NO_ENGINE_SUBSTITUTION|TRADITIONAL|ALLOW_INVALID_DATES)';
const NOTED_MODE = new RegExp(`^@ ([\\w$]+) :? ?= '(?:${MODE}(?:,${MODE})*)?'$`, 'i');

export type NameEncoding = 'utf-8' | 'windows-1252';

/** Judges the settings that a dump makes, and knows what of them matters for the statements that follow. */
export class StrictSettings {
  /** In which names are written; undefined where that is not sure. */
  encoding: NameEncoding | undefined = 'utf-8';
  /** The settings whose values each user variable may hold. */
  private readonly noted = new Map<string, Set<string>>();
  /** The encoding that each user variable stands for as a character set; undefined for one that may hold something else. */
  private readonly encodings = new Map<string, NameEncoding | undefined>();

  /** Returns why a SET is refused in any of the ways in which it may be read. */
  refusal(readings: readonly (readonly SqlToken[])[]): string | undefined {
    const before = this.encoding;
    const after = new Set<NameEncoding | undefined>();
    for (const tokens of readings) {
      this.encoding = before;
      const why = this.refusalOf(tokens);
      if (why !== undefined) return why;
      after.add(this.encoding);
    }
    this.encoding = after.size === 1 ? [...after][0] : undefined;
    return undefined;
  }

  private refusalOf(tokens: readonly SqlToken[]): string | undefined {
    if (tokens.length === 0) return undefined;
    const list: SqlToken[][] = [[]];
    let depth = 0;
    for (const token of tokens.slice(1)) {
      if (token.source === '(') depth += 1;
      if (token.source === ')') depth -= 1;
      if (token.source === ',' && depth === 0) list.push([]);
      else list.at(-1)?.push(token);
    }
    for (const assignment of list) {
      const why = this.assignment(assignment.map(({ source }) => source).join(' '));
      if (why !== undefined) return why;
    }
    return undefined;
  }

  private assignment(text: string): string | undefined {
    const names = /^(?:NAMES|CHARACTER SET|CHARSET) '?(\w+)'?(?: COLLATE '?(\w+)'?)?$/i.exec(text);
    if (names !== null) return this.characterSet(names[1] ?? '');
    const [, variable = '', noted] =
      /^@ ([\w$]+|`\w+`|'\w+') :? ?= @ @ (?:(?:SESSION|LOCAL) \. )?([\w$]+)$/i.exec(text) ?? [];
    // Only a setting of the session is noted, as anything else may hold what could not be set itself.
    if (noted !== undefined && (isHarmless(noted) || /^sql_log_bin$/i.test(noted))) {
      this.note(variable, noted.toLowerCase());
      return undefined;
    }
    // Sequel Ace notes the mode of its source, and not what is set.
    const [, literal] = NOTED_MODE.exec(text) ?? [];
    if (literal !== undefined) {
      this.note(literal, 'sql_mode');
      return undefined;
    }
    const [, name = '', given = ''] = /^(?:@ @ )?(?:(?:SESSION|LOCAL) (?:\. )?)?(\w+) :? ?= (.*)$/is.exec(text) ?? [];
    if (!SETTABLE.test(name.toLowerCase())) return 'sets what dump programs do not set';
    // HeidiSQL puts back what it has noted, and where it has noted nothing the default.
    const [, kept, other] = /^IFNULL \( (@ [\w$]+) , (.*) \)$/is.exec(given) ?? [];
    return (
      this.value(name.toLowerCase(), other ?? given) ??
      (kept === undefined ? undefined : this.value(name.toLowerCase(), kept))
    );
  }

  private value(name: string, value: string): string | undefined {
    const known = /^(@ @ (?:(?:SESSION|LOCAL) \. )?\w+|@ [\w$]+|-?\d+|\w+|'[^'\\]*'|"[^"\\]*")$/i.test(value);
    if (!known) return 'sets something to what cannot be judged';
    const [, copied] = /^@ @ .*?(\w+)$/.exec(value) ?? [];
    if (copied !== undefined && !(isHarmless(copied) && groupOf(copied) === groupOf(name))) {
      return 'sets something to what cannot be judged';
    }
    const [, variable] = /^@ ([\w$]+)$/.exec(value) ?? [];
    if (variable !== undefined) return this.putBack(name, variable.toLowerCase());
    if (copied !== undefined) {
      if (name === 'character_set_client' && !/^character_set_client$/i.test(copied)) this.encoding = undefined;
      return undefined;
    }
    const bare = value.replace(/^(['"])(.*)\1$/s, '$2');
    if (name === 'sql_mode' && CHANGES_QUOTES.test(bare)) {
      return 'changes how texts are quoted, so the rest cannot be judged';
    }
    if (/^(character_set|collation)/.test(name)) return this.characterSet(bare, name);
    if (name.endsWith('_storage_engine') && !ENGINES.has(bare.toUpperCase()))
      return 'names an engine that may keep rows elsewhere';
    return undefined;
  }

  private putBack(name: string, variable: string): string | undefined {
    // A variable into which nothing was noted is NULL.
    const sources = this.noted.get(variable) ?? [];
    if ([...sources].some((source) => groupOf(source) !== groupOf(name)))
      return 'sets something to what cannot be judged';
    if (name === 'character_set_client') this.encoding = this.encodings.get(variable);
    return undefined;
  }

  private note(quoted: string, setting: string): void {
    const variable = quoted.replace(/[`']/g, '').toLowerCase();
    const all = this.noted.get(variable) ?? new Set();
    this.noted.set(variable, all.add(setting));
    const encoding = setting === 'character_set_client' ? this.encoding : undefined;
    const isOther = this.encodings.has(variable) && this.encodings.get(variable) !== encoding;
    this.encodings.set(variable, isOther ? undefined : encoding);
  }

  private characterSet(set: string, name = 'character_set_client'): string | undefined {
    if (!PLAIN_SETS.test(set)) return 'sets a character set in which a byte may look like a quote';
    if (name === 'character_set_client') this.encoding = encodingOf(set);
    return undefined;
  }
}

/** The server takes names in `binary` as they are, which is UTF-8. Its latin1 is that of Windows. */
function encodingOf(set: string): NameEncoding | undefined {
  if (/^(utf8|binary)/i.test(set)) return 'utf-8';
  return /^latin1/i.test(set) ? 'windows-1252' : undefined;
}

/** Values of one group may be given to another of it: a number would be a character set or a sql_mode of the dump's choice. */
function groupOf(setting: string): string {
  const [, special = 'other'] = /^(character_set|collation|sql_mode|default)/i.exec(setting) ?? [];
  return special.toLowerCase();
}

/** Whether its value may be given to any other of its group. */
function isHarmless(setting: string): boolean {
  return SETTABLE.test(setting.toLowerCase()) && !/^information_schema_stats_expiry$/i.test(setting);
}
