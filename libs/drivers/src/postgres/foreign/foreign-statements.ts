import type { ScriptPart, ScriptStatement } from '../script/script-reader.js';
import { ScriptContents } from '../script/script-contents.js';
import { skeleton } from '../script/skeleton.js';
import { lower } from '../script/statement-tokens.js';
import { OIDS_LEFT_OUT, withoutOids } from '../script/without-oids.js';

/** The treatment of a part of a foreign script before it is loaded. `note` is told to people, in words for a list. */
export type Tidying = { do: 'keep' } | { do: 'drop'; note?: string } | { do: 'replace'; text: Buffer; note?: string };

const KEEP: Tidying = { do: 'keep' };
const NAME = String.raw`("(?:[^"]|"")+"|[^\s;"]+)`;
const OF_DATABASE = new RegExp(
  String.raw`^(?:(?:CREATE|ALTER|DROP) DATABASE(?: IF EXISTS)?|COMMENT ON DATABASE|(?:GRANT|REVOKE) .* ON DATABASE|ALTER (?:ROLE|USER) ${NAME.replace('(', '(?:')} IN DATABASE) ${NAME}`,
  'i',
);
const CONNECT = new RegExp(
  String.raw`^\\c(?:onnect)?(?: -reuse-previous=on)? +(?:"dbname='([^']+)'"|${NAME})\s*;?$`,
  'i',
);
const GUARD = /^\\(un)?restrict( \w+)?$/;
/** `\q` is another matter: what follows it must not be run. */
const OF_PSQL =
  /^\\(set +(ON_ERROR_STOP|ON_ERROR_ROLLBACK|QUIET|ECHO|ECHO_ERRORS|VERBOSITY|SHOW_CONTEXT)|echo|qecho|warn|timing|pset)\b/;
const ENCODING = /^\\encoding +'?([\w-]+)'?\s*;?$/;
/** How `pg_dump --clean --create` lets a template be dropped. */
const NO_TEMPLATE = /^UPDATE PG_CATALOG\.PG_DATABASE SET DATISTEMPLATE = FALSE WHERE DATNAME = ''$/;
const NO_VALUE = String.raw`NULL::(?:[^,()]|\([^()]*\))+ AS [^,\s]+`;
/** Before it drops a view that something else needs to be dropped first, pg_dump makes another one of it. */
const EMPTIED_VIEW = new RegExp(String.raw`^CREATE OR REPLACE VIEW \S+ AS SELECT ${NO_VALUE}(?:, ${NO_VALUE})*$`);
const DROPS =
  /^(SELECT PG_CATALOG\.LO_UNLINK\(|DROP (?!OWNED\b)|ALTER (TABLE|VIEW|FOREIGN TABLE|DOMAIN)\b.* DROP (CONSTRAINT|DEFAULT|IDENTITY)\b|ALTER PUBLICATION\b.* DROP )/;
const REPLICATION_ROLE = /^(RE)?SET (SESSION )?SESSION_REPLICATION_ROLE\b/;
const LANGUAGE =
  /^(CREATE (OR REPLACE )?|ALTER )(TRUSTED )?(PROCEDURAL )?LANGUAGE (""|'*PLPGSQL'*)( OWNER TO (""|\S+))?$/;

/**
 * Takes out of a foreign script what a dump of one database may hold without harm, but what cannot be run in the staging
 * database: how its own database was made and entered (`pg_dump --create`), the removal of what is not there (`--clean`),
 * the schema and the language that every database has.
 */
export class ForeignStatements {
  /** The database that the script itself makes or enters: of another one nothing is taken out. */
  private database: string | undefined;
  private madeSomething = false;
  readonly contents = new ScriptContents();

  /** It is the script's own, whatever the script makes or enters first. */
  enter(database: string): void {
    this.database = database;
  }

  judge(part: Extract<ScriptPart, { kind: 'statement' | 'meta' }>): Tidying {
    return part.kind === 'meta' ? this.meta(part) : this.statement(part);
  }

  private meta({ command, insideStatement }: Extract<ScriptPart, { kind: 'meta' }>): Tidying {
    if (insideStatement) return KEEP;
    if (GUARD.test(command)) return { do: 'drop' };
    if (OF_PSQL.test(command)) return { do: 'drop', note: 'commands for the output of psql (\\set, \\echo)' };
    const encoding = ENCODING.exec(command)?.[1];
    if (encoding !== undefined) return { do: 'replace', text: Buffer.from(`SET client_encoding = '${encoding}';`) };
    const [, quoted, name] = CONNECT.exec(command) ?? [];
    const database = quoted ?? (name === undefined ? undefined : plain(name));
    // pg_dump enters it twice, where it has settings.
    if (database === undefined || !this.isOwn(database)) return KEEP;
    return { do: 'drop', note: `\\connect ${database}` };
  }

  private statement({ text, standardStrings }: ScriptStatement): Tidying {
    const words = skeleton(text, { standardStrings });
    if (/\bDATABASE\b/.test(words)) {
      const name = databaseOf(text, standardStrings);
      if (name !== undefined && /^(CREATE|ALTER|DROP|COMMENT ON|GRANT|REVOKE)\b/.test(words)) {
        // Only making, dropping or entering one says that it is the script's own.
        const isOwn = /^(CREATE|DROP)\b/.test(words) ? this.isOwn(name) : this.database === name;
        return isOwn ? { do: 'drop', note: noteOf(words) } : KEEP;
      }
    }
    if (NO_TEMPLATE.test(words)) return { do: 'drop', note: 'UPDATE pg_database' };
    // Statistics are made anyway.
    if (/^VACUUM\b/.test(words)) return { do: 'drop', note: 'VACUUM' };
    // For a load into tables that have triggers already; in a dump they are made behind the rows.
    if (REPLICATION_ROLE.test(words)) return { do: 'drop', note: 'SET session_replication_role' };
    if (LANGUAGE.test(words) && isPlpgsql(text)) return { do: 'drop' };
    if (words === 'CREATE SCHEMA PUBLIC')
      return { do: 'replace', text: Buffer.from('CREATE SCHEMA IF NOT EXISTS public') };
    if (!this.madeSomething && (DROPS.test(words) || EMPTIED_VIEW.test(words)) && !BEYOND.test(words)) {
      return { do: 'drop', note: 'DROP commands before anything was made' };
    }
    if (words.startsWith('CREATE ')) this.madeSomething = true;
    this.contents.note(words, text, standardStrings);
    const rest = withoutOids(text, words, standardStrings);
    if (rest === undefined) return KEEP;
    return rest.length === 0 ? { do: 'drop', note: OIDS_LEFT_OUT } : { do: 'replace', text: rest, note: OIDS_LEFT_OUT };
  }

  private isOwn(name: string): boolean {
    this.database ??= name;
    return this.database === name;
  }
}

const BEYOND = /^(DROP|ALTER) (DATABASE|ROLE|USER(?! MAPPING)|GROUP|TABLESPACE|SYSTEM|SUBSCRIPTION|EVENT)\b/;

function isPlpgsql(text: Buffer): boolean {
  return /\blanguage\s+['"]?plpgsql['"]?/i.test(text.toString('latin1'));
}

function plain(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : lower(name);
}

/** In UTF-8, as the commands of psql are read. */
function databaseOf(text: Buffer, standardStrings: boolean): string | undefined {
  const name = OF_DATABASE.exec(skeleton(text, { standardStrings, keepQuoted: true }))?.[1];
  return name === undefined ? undefined : Buffer.from(plain(name), 'latin1').toString('utf8');
}

/** The database that a part of a script enters, makes or drops; undefined where it does none of that. */
export function databaseIn(part: Extract<ScriptPart, { kind: 'statement' | 'meta' }>): string | undefined {
  if (part.kind === 'meta') {
    const [, quoted, name] = part.insideStatement ? [] : (CONNECT.exec(part.command) ?? []);
    return quoted ?? (name === undefined ? undefined : plain(name));
  }
  const { text, standardStrings } = part;
  if (!/^(create|drop)\s/i.test(text.toString('latin1', 0, 7))) return undefined;
  if (!/^(CREATE|DROP) DATABASE\b/.test(skeleton(text, { standardStrings }))) return undefined;
  return databaseOf(text, standardStrings);
}

/** `COMMENT ON DATABASE`, `GRANT … ON DATABASE`, `ALTER ROLE … IN DATABASE`; `words` are those of a command about a database. */
function noteOf(words: string): string {
  const [verb = ''] = /^(COMMENT ON|\w+)/.exec(words) ?? [];
  if (/^ALTER (ROLE|USER) /.test(words)) return 'ALTER ROLE … IN DATABASE';
  return `${verb}${verb === 'GRANT' || verb === 'REVOKE' ? ' … ON' : ''} DATABASE`;
}
