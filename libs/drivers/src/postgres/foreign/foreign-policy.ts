import { copiesFromStdin, isSymbol, isWord, textOf } from '../script/statement-tokens.js';
import type { Token } from '../script/statement-tokens.js';

/**
 * What a foreign dump may do. `note`: it is left out, which people are told. `own`: it is about owners and grants, which
 * only somebody with more rights than the account that loads can do.
 */
export type ForeignVerdict =
  { do: 'run' } | { do: 'own' } | { do: 'note'; what: string } | { do: 'refuse'; why: string; instead?: string };

export interface ForeignRights {
  /**
   * Loaded by an account that owns the staging database and nothing else: what reaches beyond is the server's to refuse, and
   * this only says so before. Else whole statements are judged; where `strict`, what has no known shape is refused.
   */
  confined: boolean;
  strict: boolean;
  /** The session is a superuser's, so that nothing may run that is written in the dump: functions above all. */
  superuser: boolean;
}

const SWAP_INSTEAD =
  'Restore it with "strategy": "swap", or over a connection whose user owns the database and is no superuser.';
const RUN: ForeignVerdict = { do: 'run' };
const OWN: ForeignVerdict = { do: 'own' };
const refuse = (why: string, instead?: string): ForeignVerdict => ({
  do: 'refuse',
  why,
  ...(instead === undefined ? {} : { instead }),
});
const beyond = (tokens: readonly Token[], count = 3): ForeignVerdict =>
  refuse(`acts beyond the database it is loaded into (${wordsOf(tokens, count)})`);
const unknown = (tokens: readonly Token[]): ForeignVerdict =>
  refuse(
    `holds a command that has no place in a dump of one database (${wordsOf(tokens, 2)}), and no account without rights on the server could be made to load it`,
  );

/** Nobody can see what such a name says, and pg_dump writes none. */
const ESCAPED = refuse('holds names that are written in escapes (U&"…")');

/** Kinds of objects that are in a database; what follows CREATE, ALTER, DROP and COMMENT ON. Longer ones first. */
const KINDS = [
  ...['MATERIALIZED VIEW', 'FOREIGN TABLE', 'FOREIGN DATA WRAPPER', 'TEXT SEARCH', 'USER MAPPING', 'OPERATOR CLASS'],
  ...['OPERATOR FAMILY', 'CONSTRAINT TRIGGER', 'ACCESS METHOD', 'LARGE OBJECT', 'TABLE', 'VIEW', 'SEQUENCE', 'INDEX'],
  ...['SCHEMA', 'TYPE', 'DOMAIN', 'FUNCTION', 'PROCEDURE', 'ROUTINE', 'AGGREGATE', 'OPERATOR', 'CAST', 'COLLATION'],
  ...['CONVERSION', 'TRIGGER', 'RULE', 'POLICY', 'STATISTICS', 'EXTENSION', 'LANGUAGE', 'SERVER', 'PUBLICATION'],
  ...['TRANSFORM', 'CONSTRAINT', 'COLUMN'],
];
/** Objects that a superuser alone may make, and that act with a superuser's rights then. */
const OF_SUPERUSERS = new Set([
  'FOREIGN DATA WRAPPER',
  'ACCESS METHOD',
  'OPERATOR CLASS',
  'OPERATOR FAMILY',
  'TRANSFORM',
]);
const MODIFIERS = new Set(
  'OR REPLACE UNIQUE TEMP TEMPORARY UNLOGGED GLOBAL LOCAL RECURSIVE TRUSTED PROCEDURAL DEFAULT'.split(' '),
);
const OF_THE_SERVER = /^(DATABASE|ROLE|USER(?! MAPPING)|GROUP|TABLESPACE|SYSTEM|PARAMETER)\b/;
const LEFT_OUT = /^(EVENT TRIGGER|SUBSCRIPTION)\b/;

/** The only kinds of which a command may change more than the owner, for which it evaluates expressions. */
const OWNER_OF_RELATION = /^ALTER (TABLE|INDEX|SEQUENCE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE) /;
const OWNER_ALONE = /^ALTER [A-Z ]+?(IF EXISTS )?(ONLY )?[^\s(),]+( \. [^\s(),]+)*( \*)? OWNER TO [^\s(),]+$/;

/** Functions of the system that run SQL or programs, reach files, other servers or other sessions, or change the server. */
const REACHING =
  /^(PG_READ_\w+|PG_LS_\w+|PG_STAT_FILE|PG_FILE_\w+|LO_IMPORT|LO_EXPORT|\w+_TO_XML\w*|DBLINK\w*|PG_RELOAD_CONF|PG_ROTATE_\w+|PG_TERMINATE_BACKEND|PG_CANCEL_BACKEND|PG_SWITCH_\w+|PG_PROMOTE|PG_\w*(BACKUP|RESTORE_POINT|REPLICATION\w*|LOGICAL\w*|WAL_REPLAY\w*)\w*|PG_SIGNAL\w*|PG_LOG_\w+|PG_EXECUTE\w*|TS_STAT|TS_REWRITE|CURSOR_TO_\w+|PG_IMPORT_\w+|BINARY_UPGRADE\w*|PG_CREATE_\w+|PG_DROP_\w+|SET_CONFIG|PG_RESTORE_\w+|PG_CLEAR_\w+|PG_STAT_RESET\w*)$/;
/** The functions that pg_dump itself calls. */
const CALLED =
  /^SELECT (PG_CATALOG \. )?(SETVAL|LO_CREATE|LO_OPEN|LOWRITE|LO_CLOSE|LO_UNLINK|LO_CREAT|LO_FROM_BYTEA) \(/;
const SEARCH_PATH =
  /^SELECT\s+(pg_catalog\.)?set_config\(\s*'search_path'\s*,\s*'(?:[^'\\]|'')*'\s*,\s*(true|false)\s*\)\s*$/i;
/** Functions that a row may be written with where no others may run. */
const HARMLESS = new Set(
  'NEXTVAL CURRVAL SETVAL LASTVAL NOW CURRENT_TIMESTAMP CURRENT_DATE LOCALTIMESTAMP TO_DATE TO_TIMESTAMP TO_NUMBER DECODE CAST ROW COALESCE CHR UPPER LOWER GEN_RANDOM_UUID CLOCK_TIMESTAMP MAKE_DATE MAKE_TIMESTAMP CONCAT NUMERIC DECIMAL VARCHAR CHAR CHARACTER BIT VARYING TIMESTAMP TIME INTERVAL FLOAT PRECISION BPCHAR'.split(
    ' ',
  ),
);
/** Relations that only superusers may read: a view of a superuser would show them to others. */
const OF_ADMINISTRATORS =
  /^PG_(AUTHID|SHADOW|SUBSCRIPTION|USER_MAPPINGS?|STATISTIC\w*|STAT_(ACTIVITY|GET_\w+|REPLICATION|WAL_RECEIVER|SSL|GSSAPI)|HBA_FILE_RULES|IDENT_FILE_MAPPINGS|FILE_SETTINGS)$/;
/** Encodings in which a byte of a character can look like a quote or a backslash: the server would read another command. */
const AMBIGUOUS = /^SET .*CLIENT_ENCODING|^SET NAMES/;

/** Judges a whole command by its tokens; quoted names and texts never count as keywords. */
export function judgeForeign(tokens: readonly Token[], command: Buffer, rights: ForeignRights): ForeignVerdict {
  const text = textOf(tokens);
  const [verb = ''] = text.split(' ', 1);
  if (!rights.confined && tokens.some(isEscaped)) return ESCAPED;
  switch (verb) {
    case 'CREATE':
      return judgeCreate(tokens, text, rights);
    case 'ALTER':
      return judgeAlter(tokens, text, rights);
    case 'DROP':
      if (/^DROP OWNED\b/.test(text) || OF_THE_SERVER.test(text.slice(5))) return beyond(tokens);
      if (LEFT_OUT.test(text.slice(5))) return RUN;
      return rights.confined || kindOf(text.slice(5)) !== undefined ? RUN : unknown(tokens);
    case 'REASSIGN':
      return beyond(tokens);
    case 'GRANT':
    case 'REVOKE':
      return judgeGrant(tokens, text);
    case 'COMMENT':
      return judgeComment(tokens, text, rights);
    case 'SECURITY':
      if (/ ON (DATABASE|ROLE|USER|GROUP|TABLESPACE|SUBSCRIPTION|EVENT)\b/.test(text)) return beyond(tokens, 4);
      return OWN;
    case 'COPY':
      return judgeCopy(tokens, text, rights);
    case 'SET':
    case 'RESET':
      return judgeSetting(tokens, text, command, rights);
    case 'INSERT':
      return rights.confined ? RUN : judgeInsert(tokens, text);
    case 'SELECT':
      return rights.confined ? RUN : judgeSelect(tokens, text, command);
    case 'LOCK':
      return rights.confined || !tokens.some((token) => isAny(token, /^pg_/i)) ? RUN : unknown(tokens);
    case 'BEGIN':
    case 'START':
    case 'COMMIT':
    case 'END':
    case 'TRUNCATE':
    case 'ANALYZE':
    case 'CLUSTER':
      return RUN;
    case 'REFRESH':
      return rights.confined || !rights.superuser ? RUN : judgeExpressions(tokens, rights);
    default:
      return rights.confined ? RUN : unknown(tokens);
  }
}

function judgeCreate(tokens: readonly Token[], text: string, rights: ForeignRights): ForeignVerdict {
  const rest = text.split(' ').slice(1);
  while (MODIFIERS.has(rest[0] ?? '')) rest.shift();
  const what = rest.join(' ');
  if (OF_THE_SERVER.test(what)) return beyond(tokens);
  if (LEFT_OUT.test(what)) return leftOut(what);
  const kind = kindOf(what);
  if (kind === undefined) return rights.confined ? RUN : unknown(tokens);
  if (kind === 'PUBLICATION' && / FOR (ALL|TABLES IN)\b/.test(text))
    return { do: 'note', what: 'publications of all tables' };
  if (rights.confined) return RUN;
  if (OF_SUPERUSERS.has(kind) || (kind === 'TYPE' && /\b(INPUT|LIKE) =/.test(text))) return unknown(tokens);
  if (kind === 'FOREIGN TABLE' && tokens.some((token) => isAny(token, /^(PROGRAM|FILENAME)$/i))) {
    return refuse('makes the database server read files or run programs (CREATE FOREIGN TABLE)');
  }
  if (['FUNCTION', 'PROCEDURE', 'LANGUAGE', 'AGGREGATE', 'OPERATOR', 'CAST', 'CONVERSION'].includes(kind)) {
    if (rights.superuser) return runsAsSuperuser(kind);
    if (/ LANGUAGE (C|INTERNAL|''|\w+U|"")( |$)/.test(text)) return unknown(tokens);
  }
  if (kind === 'EXTENSION' && rights.superuser) return runsAsSuperuser(kind);
  return judgeExpressions(tokens, rights);
}

function judgeAlter(tokens: readonly Token[], text: string, rights: ForeignRights): ForeignVerdict {
  const what = text.slice(6);
  if (OF_THE_SERVER.test(what) || / SET TABLESPACE\b/.test(text)) return beyond(tokens);
  if (LEFT_OUT.test(what)) return leftOut(what);
  if (/^DEFAULT PRIVILEGES\b/.test(what)) {
    return { do: 'note', what: 'rights on objects that are yet to be made (ALTER DEFAULT PRIVILEGES)' };
  }
  if (/ OWNER TO (\S+)$/.test(text)) {
    if (OWNER_OF_RELATION.test(text) && !OWNER_ALONE.test(text)) {
      return refuse('changes an owner and something else in one command (ALTER TABLE), which pg_dump never writes');
    }
    return ownership(tokens);
  }
  if (rights.confined) return RUN;
  const kind = kindOf(what.replace(/^PROCEDURAL /, ''));
  if (kind === undefined || kind === 'EXTENSION' || OF_SUPERUSERS.has(kind)) return unknown(tokens);
  return judgeExpressions(tokens, rights);
}

/** Rights on objects of the database alone: never roles, and nothing that the server has one of. */
function judgeGrant(tokens: readonly Token[], text: string): ForeignVerdict {
  const at = text.indexOf(' ON ');
  if (at === -1 || OF_THE_SERVER.test(text.slice(at + 4))) return beyond(tokens);
  return ownership(tokens);
}

/** Owners and rights are given by an account with more rights, and so never on what the system brings. */
function ownership(tokens: readonly Token[]): ForeignVerdict {
  if (tokens.some(isEscaped)) return ESCAPED;
  const ofTheSystem = tokens.some(
    (token) =>
      isAny(token, /^(pg_catalog|information_schema)$/i) ||
      isAny(token, REACHING) ||
      isAny(token, /^pg_(?!database_owner$)/i),
  );
  if (ofTheSystem) return { do: 'note', what: 'owners of and rights on objects of the system' };
  return OWN;
}

function judgeComment(tokens: readonly Token[], text: string, rights: ForeignRights): ForeignVerdict {
  const what = text.replace(/^COMMENT ON /, '');
  if (/^DATABASE\b/.test(what)) return { do: 'note', what: 'the comment of a database' };
  if (OF_THE_SERVER.test(what)) return beyond(tokens);
  if (LEFT_OUT.test(what)) return leftOut(what);
  return rights.confined || kindOf(what) !== undefined ? RUN : unknown(tokens);
}

function judgeCopy(tokens: readonly Token[], text: string, rights: ForeignRights): ForeignVerdict {
  if (!copiesFromStdin(tokens)) {
    return refuse('makes the database server read or write files or programs (COPY)');
  }
  if (rights.confined) return RUN;
  if (hasCondition(tokens)) return refuse(ROWS_BY_EXPRESSION);
  return ofTheSystem(text.replace(/^COPY (BINARY )?/, ''), tokens[1]) ? unknown(tokens) : RUN;
}

export const ROWS_BY_EXPRESSION = 'chooses rows by an expression (COPY … WHERE), which pg_dump never writes';

/** A COPY that evaluates an expression for each row. */
export function hasCondition(tokens: readonly Token[]): boolean {
  return tokens.some((token) => isWord(token, 'WHERE'));
}

/** Settings as dump tools write them. What is written otherwise, the server might read otherwise than we do. */
const PLAIN_STRINGS = /^SET\s+(SESSION\s+)?standard_conforming_strings\s*(=|\bTO\b)\s*('(on|off)'|on|off)\s*$/i;
const PLAIN_ENCODING =
  /^(RESET\s+client_encoding|SET\s+((SESSION|LOCAL)\s+)?(client_encoding\s*(=|\bTO\b)|NAMES)\s*('[\w-]*'|[\w-]+))\s*$/i;
const FOR_THE_SESSION = /^(RE)?SET (SESSION |LOCAL )?(SESSION AUTHORIZATION|ROLE|ALL)\b/;

function judgeSetting(tokens: readonly Token[], text: string, command: Buffer, rights: ForeignRights): ForeignVerdict {
  if (FOR_THE_SESSION.test(text)) return { do: 'own' };
  const value = command.length > 500 ? '' : command.toString('latin1');
  if (
    AMBIGUOUS.test(text) &&
    /sjis|shift.?jis|big5|gbk|uhc|gb18030|johab|mskanji|win(932|936|949|950)|windows/i.test(value)
  ) {
    return refuse('is written in an encoding that cannot be read safely; convert it to UTF-8');
  }
  if (AMBIGUOUS.test(text) && !PLAIN_ENCODING.test(value)) return notPlain('client_encoding');
  const name = tokens.find(
    (token) => token.kind === 'name' || (token.kind === 'word' && !/^(RE)?SET$|^SESSION$|^LOCAL$/.test(token.text)),
  );
  if (!rights.confined && isAny(name, /^standard_conforming_strings$/i) && !PLAIN_STRINGS.test(value)) {
    return notPlain('standard_conforming_strings');
  }
  if (
    isAny(
      name,
      /^(session_replication_role|\w*preload_libraries|dynamic_library_path|lo_compat_privileges|allow_system_table_mods|event_triggers|zero_damaged_pages|ignore_checksum_failure)$/i,
    )
  ) {
    return refuse(`changes what only an administrator should (${wordsOf(tokens, 2)})`);
  }
  return RUN;
}

function notPlain(setting: string): ForeignVerdict {
  return refuse(`changes how it is read in a way that no dump program writes (${setting})`);
}

function judgeInsert(tokens: readonly Token[], text: string): ForeignVerdict {
  if (
    !text.startsWith('INSERT INTO ') ||
    !/ (VALUES|DEFAULT VALUES)\b/.test(text) ||
    / (SELECT|WITH|TABLE) /.test(text)
  ) {
    return unknown(tokens);
  }
  if (ofTheSystem(text.slice('INSERT INTO '.length), tokens[2])) return unknown(tokens);
  const at = tokens.findIndex((token) => isWord(token, 'VALUES'));
  const called = callsOf(tokens.slice(at + 1)).find((name) => !HARMLESS.has(name.toUpperCase()));
  return called === undefined ? RUN : refuse(`calls a function where it inserts rows (${called})`);
}

function judgeSelect(tokens: readonly Token[], text: string, command: Buffer): ForeignVerdict {
  if (SEARCH_PATH.test(command.toString('latin1'))) return RUN;
  const calls = callsOf(tokens);
  const known = new Set([
    'SETVAL',
    'LO_CREATE',
    'LO_OPEN',
    'LOWRITE',
    'LO_CLOSE',
    'LO_UNLINK',
    'LO_CREAT',
    'LO_FROM_BYTEA',
    'CAST',
  ]);
  const harmless = calls.every((name) => known.has(name));
  // Constants alone do nothing.
  const constant = tokens.every((token, index) => index === 0 || token.kind !== 'word') && calls.length === 0;
  return (harmless && CALLED.test(text) && !/ (FROM|INTO) /.test(text)) || constant ? RUN : unknown(tokens);
}

/** In definitions of tables, views, indexes: what they call runs when rows come. */
function judgeExpressions(tokens: readonly Token[], rights: ForeignRights): ForeignVerdict {
  const called = tokens.find((token) => isAny(token, REACHING));
  if (called !== undefined && 'text' in called)
    return refuse(`uses ${called.text.toLowerCase()}, which reaches beyond the database`);
  const read = rights.superuser ? tokens.find((token) => isAny(token, OF_ADMINISTRATORS)) : undefined;
  if (read !== undefined && 'text' in read)
    return refuse(`reads ${read.text.toLowerCase()}, which only a superuser may`, SWAP_INSTEAD);
  return RUN;
}

function leftOut(what: string): ForeignVerdict {
  return { do: 'note', what: what.startsWith('EVENT') ? 'event triggers' : 'subscriptions' };
}

function runsAsSuperuser(kind: string): ForeignVerdict {
  const what = kind === 'EXTENSION' ? 'an extension' : `a ${kind.toLowerCase()}`;
  return refuse(
    `holds ${what}, which would run with the rights of a superuser, as it is loaded into the database itself`,
    SWAP_INSTEAD,
  );
}

/** Words before `(`, upper case: functions, types with a length, and clauses with a list. */
function callsOf(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, index) =>
    (token.kind === 'word' || token.kind === 'name') &&
    isSymbol(tokens[index + 1], '(') &&
    !(token.kind === 'word' && /^(SELECT|VALUES|IN|AND|OR|NOT|ARRAY|ROW|ON|DO|CONFLICT)$/.test(token.text))
      ? [token.text]
      : [],
  );
}

function ofTheSystem(text: string, first: Token | undefined): boolean {
  return /^(ONLY )?(PG_|INFORMATION_SCHEMA\b)/.test(text) || isAny(first, /^(pg_|information_schema$)/i);
}

function kindOf(what: string): string | undefined {
  return KINDS.find((kind) => what === kind || what.startsWith(`${kind} `));
}

function isEscaped(token: Token): boolean {
  return token.kind === 'name' && token.escaped === true;
}

/** A name, quoted or not. */
function isAny(token: Token | undefined, pattern: RegExp): boolean {
  if (token?.kind !== 'word' && token?.kind !== 'name') return false;
  return pattern.test(token.kind === 'name' && pattern.flags === '' ? token.text.toUpperCase() : token.text);
}

function wordsOf(tokens: readonly Token[], count: number): string {
  return textOf(tokens.slice(0, count)).slice(0, 60);
}
