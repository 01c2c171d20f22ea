import { QUOTED_NAME } from '../../script/lexer/lexical-rules.js';

/** The part that a statement of a dump plays in a load. */
export type StatementKind =
  /** Sets the session, makes sequences and place holders of views: goes where it stands. */
  | 'pass'
  | 'create table'
  | 'drop'
  | 'insert'
  /** Rows, but in a form whose order matters. */
  | 'other rows'
  /** A statement around the rows of a table that concerns nothing but the client that sends them. */
  | 'before rows'
  | 'after rows'
  | 'trigger'
  /** Routines, events, the views themselves, the end: nothing that follows makes or fills tables. */
  | 'tail'
  | 'unknown';

const HEAD_CHARACTERS = 400;
/** Servers keep triggers and routines as somebody typed them: words stand there in any case, with any white space. */
const rule = (pattern: string): RegExp => new RegExp(`^(?:${pattern})`, 'i');

/** In the words of `mysqldump` and `mariadb-dump` since MySQL 5.5 and MariaDB 10. */
const RULES: readonly (readonly [StatementKind, RegExp])[] = [
  ['insert', rule('INSERT INTO `')],
  ['other rows', rule('(INSERT|REPLACE)\\b')],
  ['create table', rule('CREATE TABLE `')],
  ['drop', rule(`DROP TABLE IF EXISTS ${QUOTED_NAME}$`)],
  ['before rows', rule(`LOCK TABLES ${QUOTED_NAME} WRITE$|/\\*!40000 ALTER TABLE ${QUOTED_NAME} DISABLE KEYS \\*/$`)],
  ['after rows', rule(`UNLOCK TABLES$|/\\*!40000 ALTER TABLE ${QUOTED_NAME} ENABLE KEYS \\*/$`)],
  ['trigger', rule('/\\*!50003 CREATE ?(\\*/ /\\*!50017 DEFINER=.*?\\*/ /\\*!50003 )?TRIGGER\\b')],
  [
    'pass',
    rule(
      `(DROP SEQUENCE IF EXISTS|CREATE SEQUENCE) ${QUOTED_NAME}|(DO|SELECT) SETVAL\\(${QUOTED_NAME}, -?\\d+, [01]\\)$`,
    ),
  ],
  [
    'pass',
    rule(`/\\*!50001 DROP (TABLE|VIEW) IF EXISTS ${QUOTED_NAME} ?\\*/$|/\\*!50001 CREATE (TABLE|VIEW) ${QUOTED_NAME} `),
  ],
  ['pass', rule(`ALTER DATABASE +(${QUOTED_NAME} )?CHARACTER SET \\w+ COLLATE \\w+$`)],
  ['pass', rule('COMMIT$|SET @@GLOBAL\\.GTID_PURGED=')],
  [
    'tail',
    rule('/\\*!50106 |/\\*!50003 DROP |/\\*M?!\\d+ DROP (PACKAGE|FUNCTION|PROCEDURE) |/\\*!50001 CREATE ALGORITHM'),
  ],
];

/** Returns the kind of a whole statement without its delimiter, or of its beginning. SET is not judged here; see {@link SessionState}. */
export function kindOf(statement: string): StatementKind {
  const text = statement.slice(0, HEAD_CHARACTERS).trimEnd();
  return RULES.find(([, pattern]) => pattern.test(text))?.[0] ?? 'unknown';
}

/** A comment that stands before the first routine, event or view. */
export function opensTail(comment: string): boolean {
  return /^-- (Dumping (events|routines) for database|Final view structure for view) /.test(comment);
}

const SET = /^(?:\/\*M?!\d+ )?SET (?!@@GLOBAL\.)(.*?)(?: \*\/)?$/is;
const ASSIGNMENT = /^(@?@?(?:SESSION\.)?\w+) *= *('[^'\\]*'|@?@?[\w.]+)$/i;

/** The first settings that a dump must make, and those that it may make as well. */
const DEMANDED: Readonly<Record<string, RegExp>> = {
  names: /^utf8(mb[34])?$/,
  unique_checks: /^0$/,
  foreign_key_checks: /^0$/,
  sql_mode: /^'NO_AUTO_VALUE_ON_ZERO'$/,
};
const OFFERED: Readonly<Record<string, RegExp>> = {
  time_zone: /^'\+00:00'$/,
  sql_notes: /^0$/,
  note_verbosity: /^0$/,
  sql_log_bin: /^0$/,
};
/** Changed for one object, and then put back. */
const PASSING =
  /^(character_set_client|character_set_results|collation_connection|sql_mode|autocommit|system_versioning_insert_history)$/;

/** The settings that the dump has made in the session that loads it. */
export class SessionState {
  /** The statements that a session needs to be like the client's when the first table begins; Latin-1 text. */
  readonly preamble: string[] = [];
  private readonly said = new Set<string>();
  private readonly changed = new Map<string, string>();
  private inPreamble = true;

  /** Undefined when the statement is no SET at all. */
  kindOf(statement: string): 'pass' | 'tail' | 'unknown' | undefined {
    const list = SET.exec(statement.trimEnd())?.[1];
    if (list === undefined) return undefined;
    const names = /^NAMES (\w+)$/.exec(list.trim())?.[1];
    const assignments = names === undefined ? assignmentsIn(list) : [{ name: 'names', value: names }];
    if (assignments === undefined) return 'unknown';
    const kinds = assignments.map(({ name, value }) => this.assign(name, value));
    const kind = kinds.find((one) => one !== 'pass') ?? 'pass';
    if (kind === 'pass' && this.inPreamble) this.preamble.push(statement.trimEnd());
    return kind;
  }

  /** The first statement that is no SET ends it. */
  endPreamble(): void {
    this.inPreamble = false;
  }

  /** Why tables cannot be loaded by other sessions than the client's; undefined when they can. */
  objection(): string | undefined {
    const missing = Object.keys(DEMANDED).filter((name) => !this.said.has(name));
    if (missing.length > 0) return `it does not set ${missing.join(', ')} as mysqldump and mariadb-dump do`;
    for (const [name, value] of this.changed) {
      if (name === 'autocommit' || (name === 'character_set_client' && DEMANDED['names']?.test(value) === true))
        continue;
      return `it has ${name} set for a table`;
    }
    return undefined;
  }

  private assign(name: string, value: string): 'pass' | 'tail' | 'unknown' {
    // A note of what was before.
    if (name.startsWith('@') && !name.startsWith('@@')) return value.startsWith('@@') ? 'pass' : 'unknown';
    const variable = name
      .replace(/^@@/, '')
      .replace(/^session\./i, '')
      .toLowerCase();
    if (this.inPreamble) {
      this.said.add(variable);
      return (DEMANDED[variable] ?? OFFERED[variable])?.test(value) === true ? 'pass' : 'unknown';
    }
    if (/^@(OLD_|MYSQLDUMP_)/i.test(value) && variable !== 'autocommit' && !this.changed.has(variable)) return 'tail';
    return this.change(variable, value);
  }

  private change(variable: string, value: string): 'pass' | 'unknown' {
    if (!PASSING.test(variable)) return 'unknown';
    if (value.startsWith('@') && !value.startsWith('@@')) this.changed.delete(variable);
    else this.changed.set(variable, value);
    return 'pass';
  }
}

function assignmentsIn(list: string): { name: string; value: string }[] | undefined {
  const assignments: { name: string; value: string }[] = [];
  for (const part of list.split(/,(?=(?:[^']*'[^']*')*[^']*$)/)) {
    const [, name, value] = ASSIGNMENT.exec(part.trim()) ?? [];
    if (name === undefined || value === undefined) return undefined;
    assignments.push({ name, value });
  }
  return assignments;
}
