import pg from 'pg';
import type { ConnectionParams } from '@app/domain';
import { isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { StatementBatch } from '../load/wire/statement-batch.js';
import type { Command } from '../script/script-reader.js';
import { textOf, tokensOf } from '../script/statement-tokens.js';

/** Commands that only a superuser may run, by their whole shape; none of them runs code of what it makes. */
const SHAPES: readonly { shape: RegExp; what: string; unless?: RegExp }[] = [
  {
    shape:
      /^CREATE (OR REPLACE )?(TRUSTED )?(PROCEDURAL )?LANGUAGE (\w+|"")( HANDLER \S+( \. \S+)?)?( INLINE \S+( \. \S+)?)?( VALIDATOR \S+( \. \S+)?)?$/,
    what: 'languages',
  },
  { shape: /^CREATE FOREIGN DATA WRAPPER (\w+|"")( OPTIONS \( .* \))?$/, what: 'foreign-data wrappers' },
  // Nobody else may read what is in it.
  {
    shape: /^CREATE FOREIGN TABLE \S+( \. \S+)? \( .*\) SERVER (\w+|"")( OPTIONS \( .* \))?$/,
    what: 'foreign tables of files',
    unless: / (DEFAULT|CHECK|GENERATED|CONSTRAINT) /,
  },
  { shape: /^CREATE EVENT TRIGGER /, what: 'event triggers, which stay disabled' },
  {
    shape: /^CREATE (OR REPLACE )?FUNCTION .* LANGUAGE (C|'')( |$)/,
    what: 'functions in C',
    unless: / DEFAULT | = | SECURITY DEFINER| SET | RETURN | BEGIN /,
  },
  { shape: /^CREATE TYPE \S+( \. \S+)? \( INPUT = /, what: 'base types', unless: /\b(DEFAULT|ANALYZE|SUBSCRIPT)\b/ },
  {
    shape: /^CREATE CAST \( .* \) (WITHOUT FUNCTION|WITH INOUT|WITH FUNCTION .*?)( AS (IMPLICIT|ASSIGNMENT))?$/,
    what: 'casts',
  },
  { shape: /^CREATE OPERATOR (CLASS|FAMILY) /, what: 'operator classes' },
  { shape: /^ALTER OPERATOR FAMILY .* ADD /, what: 'operator classes' },
  { shape: /^CREATE ACCESS METHOD \S+ TYPE (INDEX|TABLE) HANDLER \S+( \. \S+)?$/, what: 'access methods' },
  { shape: /^CREATE TRANSFORM /, what: 'transforms' },
  { shape: /^CREATE TEXT SEARCH (PARSER|TEMPLATE) /, what: 'text search parsers' },
  { shape: /^CREATE AGGREGATE /, what: 'aggregates', unless: /\bM?INITCOND\b/ },
  {
    shape: /^(CREATE|ALTER) PUBLICATION .*\b(FOR ALL TABLES|TABLES IN SCHEMA)\b/,
    what: 'publications',
    unless: / WHERE /,
  },
  {
    shape: /^CREATE SUBSCRIPTION .* WITH \( .*\bCONNECT = FALSE\b/,
    what: 'subscriptions, which stay disabled',
    unless: /\bENABLED = TRUE\b/,
  },
  {
    shape:
      /^COMMENT ON (EXTENSION|LANGUAGE|EVENT TRIGGER|CAST|OPERATOR CLASS|OPERATOR FAMILY|ACCESS METHOD|TRANSFORM|TEXT SEARCH|PUBLICATION|SUBSCRIPTION|SCHEMA) /,
    what: '',
  },
];
/** Comments on what a superuser has made. */
const COMMENT = /^COMMENT ON (FUNCTION|TYPE|AGGREGATE|FOREIGN|COLUMN|SERVER) /;
/** Nothing of it is ever switched on where it only is to be verified. */
const LEFT_OUT = /^ALTER (EVENT TRIGGER|SUBSCRIPTION) /;
const EXTENSION = /^CREATE EXTENSION (IF NOT EXISTS )?(\w+|"")( WITH)?( SCHEMA (\w+|""))?( VERSION (''|""|\w+))?$/;
/** Refused for want of rights; aggregates over `internal` have a code of their own. */
const REFUSED = new Set(['42501', '42P13']);

export interface AdministratorOptions {
  administrator: ConnectionParams;
  /** Who loads. */
  account: string;
  /** Only extensions: the dump is somebody else's. */
  foreign: boolean;
}

/**
 * Does for an account without rights what only a superuser may: commands of a few known shapes, none of which runs code
 * that the dump brings. What it makes of functions only superusers may call.
 */
export class Administrator implements AsyncDisposable {
  private opened: Promise<PostgresSession> | undefined;
  private readonly done = new Set<string>();

  constructor(
    private readonly options: AdministratorOptions,
    private readonly signal: AbortSignal,
  ) {}

  /** Whether this command may need more rights than the account has: it is to be sent alone then. */
  mayHelp(command: Command): boolean {
    return this.shapeOf(command) !== undefined;
  }

  /** False when it is not for an administrator to do: the refusal stands. */
  async help(command: Command, refusal: unknown, settings: readonly Buffer[]): Promise<boolean> {
    const shape = this.shapeOf(command);
    if (shape === undefined || !isServerError(refusal) || !REFUSED.has(refusal.code)) return false;
    if (shape.kind === 'left out') return true;
    const session = await this.session();
    // An earlier command may have left the search path of the dump, with which our questions would call its operators.
    await session.query('SET search_path = pg_catalog');
    if (!(await isSuperuser(session))) return false;
    if (shape.kind === 'extension' && !(await isUntouched(session))) return false;
    await session.query('BEGIN');
    try {
      // The session that loads begins with this one.
      await session.query('SET LOCAL search_path = "$user", public');
      const batch = new StatementBatch([...settings, command.text]);
      await session.client.query(batch).done;
      await session.query('SET LOCAL search_path = pg_catalog');
      for (const after of await this.afterwards(session, shape.kind)) await session.query(after);
      await session.query('COMMIT');
    } catch (error) {
      await session.query('ROLLBACK');
      throw (error as Error).cause ?? error;
    }
    if (shape.what !== '') this.done.add(shape.what);
    return true;
  }

  /** Tells what was done with a superuser's rights. */
  get warnings(): string[] {
    if (this.done.size === 0) return [];
    return [`A superuser had to make what the account that loads may not: ${[...this.done].toSorted().join(', ')}.`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.opened?.then(
      (session) => session.close(),
      () => undefined,
    );
  }

  private shapeOf({
    text: command,
    standardStrings,
  }: Command): { kind: 'extension' | 'other' | 'left out'; what: string } | undefined {
    // Cheap, as most commands of a dump are none of these.
    const verb = command.toString('latin1', 0, 8).toUpperCase();
    if (!/^(CREATE|ALTER|COMMENT)\b/.test(verb)) return undefined;
    const text = textOf(tokensOf(command, standardStrings));
    if (EXTENSION.test(text)) return { kind: 'extension', what: 'extensions' };
    if (this.options.foreign) return text.startsWith('COMMENT ON EXTENSION ') ? { kind: 'other', what: '' } : undefined;
    if (LEFT_OUT.test(text)) return { kind: 'left out', what: '' };
    if (this.done.size > 0 && COMMENT.test(text)) return { kind: 'other', what: '' };
    const found = SHAPES.find(({ shape, unless }) => shape.test(text) && unless?.test(text) !== true);
    return found === undefined ? undefined : { kind: 'other', what: found.what };
  }

  /** Returns the commands that follow for what the transaction has made. They use no casts: the dump may have redefined them. */
  private async afterwards(session: PostgresSession, kind: 'extension' | 'other' | 'left out'): Promise<string[]> {
    const account = pg.escapeIdentifier(this.options.account);
    const rows = await session.query<{ command: string }>(kind === 'extension' ? GRANTS_OF_EXTENSION : SHUT_OUT, [
      account,
    ]);
    return rows.map(({ command }) => command);
  }

  private session(): Promise<PostgresSession> {
    this.opened ??= PostgresSession.open(this.options.administrator, this.signal);
    return this.opened;
  }
}

const IS_NEW = (alias: string): string => `pg_catalog.age(${alias}.xmin) = 0`;

/** Rows of an extension's tables are in a dump, and its wrappers are what servers are made with. */
const GRANTS_OF_EXTENSION = `
  SELECT pg_catalog.format(CASE c.relkind WHEN 'S' THEN 'GRANT ALL ON SEQUENCE %I.%I TO %s' ELSE 'GRANT SELECT, INSERT ON %I.%I TO %s' END,
      n.nspname, c.relname, $1::pg_catalog.text) AS command
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'p', 'S', 'v') AND EXISTS (SELECT FROM pg_catalog.pg_depend d
     WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e')
  UNION ALL
  SELECT pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %s', n.nspname, $1::pg_catalog.text) FROM pg_catalog.pg_namespace n
   WHERE EXISTS (SELECT FROM pg_catalog.pg_depend d
     WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.objid = n.oid AND d.deptype = 'e')
  UNION ALL
  SELECT pg_catalog.format('GRANT USAGE ON FOREIGN DATA WRAPPER %I TO %s', w.fdwname, $1::pg_catalog.text) FROM pg_catalog.pg_foreign_data_wrapper w
   WHERE EXISTS (SELECT FROM pg_catalog.pg_depend d
     WHERE d.classid = 'pg_catalog.pg_foreign_data_wrapper'::pg_catalog.regclass AND d.objid = w.oid AND d.deptype = 'e')`;

/** Functions in C stay the superuser's own and nobody else may call them; event triggers would act for whoever comes. */
const SHUT_OUT = `
  SELECT pg_catalog.format('ALTER EVENT TRIGGER %I DISABLE', e.evtname) AS command FROM pg_catalog.pg_event_trigger e
   WHERE e.evtenabled <> 'D'
  UNION ALL
  SELECT pg_catalog.format('GRANT USAGE ON FOREIGN DATA WRAPPER %I TO %s', w.fdwname, $1::pg_catalog.text)
    FROM pg_catalog.pg_foreign_data_wrapper w WHERE w.fdwacl IS NULL
  UNION ALL
  SELECT pg_catalog.format('REVOKE ALL ON FUNCTION %I.%I(%s) FROM PUBLIC', n.nspname, p.proname, pg_catalog.pg_get_function_identity_arguments(p.oid))
    FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace JOIN pg_catalog.pg_language l ON l.oid = p.prolang
   WHERE l.lanname = 'c' AND p.prokind = 'f' AND p.proacl IS NULL AND p.oid >= 16384 AND ${IS_NEW('p')}`;

async function isSuperuser(session: PostgresSession): Promise<boolean> {
  const { superuser } = await session.queryOne<{ superuser: boolean }>(
    `SELECT rolsuper AS superuser FROM pg_catalog.pg_roles WHERE rolname = current_user`,
  );
  return superuser;
}

/** The script of an extension runs as a superuser: nothing may be there yet that it could be made to call. */
async function isUntouched(session: PostgresSession): Promise<boolean> {
  const none = (catalog: string): string => `NOT EXISTS (SELECT FROM pg_catalog.${catalog} x WHERE x.oid >= 16384
    AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.${catalog}'::pg_catalog.regclass
      AND d.objid = x.oid AND d.deptype IN ('e', 'i')))`;
  const { untouched } = await session.queryOne<{ untouched: boolean }>(
    `SELECT ${['pg_proc', 'pg_operator', 'pg_cast', 'pg_type'].map(none).join(' AND ')} AS untouched`,
  );
  return untouched;
}
