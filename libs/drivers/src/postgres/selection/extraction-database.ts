import { Readable } from 'node:stream';
import pg from 'pg';
import { DomainError } from '@app/domain';
import { AS_LONG_AS_IT_TAKES } from '../../session/answer-guard.js';
import { whyNotDropped } from '../../copy-drop.js';
import type { ToolInfo } from '@app/domain';
import type { ConfinedAccount, Confinement, DatabaseSwap, DumpSource, LoadPlan } from '../../db-driver.js';
import { chooseTables } from '../../table-names.js';
import { tableKey } from '../dump/table-key.js';
import { Administrator } from '../confinement/administrator.js';
import { giveOwnersAndGrants } from '../confinement/owners-and-grants.js';
import { noteWarnings } from '../load/staged-load.js';
import { DumpLoader } from '../load/dump-loader.js';
import type { LoaderHelp } from '../load/dump-loader.js';
import { LoadTransaction } from '../load/load-transaction.js';
import { policyFor } from '../load/run-script.js';
import { isServerError } from '../login/postgres-errors.js';
import { PostgresSession } from '../login/postgres-session.js';
import { loadSettings } from '../login/session-settings.js';
import { copySchema, sqlName } from './copy-schemas.js';
import type { CopyContent, ForeignKey, Membership } from './copy-schemas.js';
import { withScript } from './dump-script.js';
import { membershipsOf } from './publications.js';
import { schemaOf } from './schema-script.js';
import type { QualifiedName } from '../script/script-names.js';
import { allTables, foreignKeysAcross, ownedSequences, relationsOf, statisticsOf } from './table-catalog.js';
import type { Relation } from './table-catalog.js';
import { acrossInheritance } from './table-blockers.js';
import { pruneTo } from './extraction-pruning.js';

/** Something of the dump, and in which schema its rows are to be put. */
export interface Placed extends QualifiedName {
  kind: string;
  /** The same as `schema` where the tables are loaded right into their places. */
  to: string;
}

export interface Prepared {
  /** The tables that the caller asked for, without partitions. */
  selected: readonly QualifiedName[];
  tables: readonly Placed[];
  sequences: readonly Placed[];
  /** To tables that are not selected; taken off. */
  foreignKeys: readonly ForeignKey[];
  publications: readonly Membership[];
  homes: readonly string[];
  warnings: readonly string[];
}

export interface ExtractionOptions {
  plan: LoadPlan;
  /** The name of the database that is made. */
  name: string;
  swap: Pick<DatabaseSwap, 'createStaging' | 'dropCopy'>;
  confinement: Confinement;
  lockTimeoutMs: number;
}

/**
 * An empty twin of the dumped database, in which the selected tables are cut loose from the rest: the server itself then
 * knows what belongs to them and how to say it in SQL under another schema. No row is ever in it.
 */
export class ExtractionDatabase implements AsyncDisposable {
  /** Warnings about definitions of the dump that people should know of. */
  private warnings: string[] = [];

  private constructor(
    private readonly options: ExtractionOptions,
    readonly session: PostgresSession,
  ) {}

  static async open(options: ExtractionOptions, source: DumpSource, signal: AbortSignal): Promise<ExtractionDatabase> {
    const { plan, name, swap } = options;
    await swap.createStaging(plan.connection, name, signal);
    try {
      const administrator = { ...plan.connection, database: name };
      const warnings = source.own ? undefined : await ExtractionDatabase.furnishConfined(options, source, signal);
      const session = await PostgresSession.open(administrator, signal, loadSettings(source.own));
      const extraction = new ExtractionDatabase(options, session);
      try {
        if (Array.isArray(warnings)) extraction.warnings = warnings;
        else await extraction.furnish(source, plan.tool, signal);
        return extraction;
      } catch (error) {
        await session.close();
        throw error;
      }
    } catch (error) {
      await whyNotDropped(swap, plan.connection, name);
      throw error;
    }
  }

  /** Whether the database is still there after {@link ExtractionDatabase.close}. */
  left = false;
  private closed = false;

  /** Waits a limited time for the server to drop the database, and leaves it to the caller then. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const { plan, name, swap } = this.options;
    await this.session.close();
    this.left = (await whyNotDropped(swap, plan.connection, name)) !== undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Furnishes it by an account that may do nothing else; undefined where none can be made. */
  private static async furnishConfined(
    options: ExtractionOptions,
    source: DumpSource,
    signal: AbortSignal,
  ): Promise<string[] | undefined> {
    const { plan, name, confinement } = options;
    const administrator = { ...plan.connection, database: name };
    const account = await confinement.confine(administrator, { readsAllRows: false, signal });
    if ('refused' in account) return undefined;
    const help: LoaderHelp = { notes: new Set(), deferred: [] };
    const warnings = await loadDefinitions(plan, account, source, help, signal);
    if (!plan.skipOwnership) warnings.push(...(await giveOwnersAndGrants(account, help.deferred, source, signal)));
    await confinement.release(account);
    return [...warnings, ...noteWarnings(help.notes)];
  }

  private async furnish(source: DumpSource, tool: ToolInfo | undefined, signal: AbortSignal): Promise<void> {
    const publishing: Buffer[] = [];
    await this.change(async () => {
      const loader = new DumpLoader(this.session, await policyFor(this.session, this.options.plan, source));
      await withScript(source, tool, '--schema-only', signal, (script) =>
        loader.load(Readable.from(schemaOf(script, publishing), { objectMode: false })),
      );
    });
    if (source.own) await this.publish(publishing);
  }

  /** Leaves out what this server does not know, or this user may not do: no table needs it. */
  private async publish(commands: readonly Buffer[]): Promise<void> {
    for (const command of commands) {
      await this.session.query(command.toString()).catch((error: unknown) => {
        if (!isServerError(error)) throw error;
      });
    }
  }

  /**
   * INVALID_INPUT for names that the dump does not hold; UNSUPPORTED for a partition or an inheriting table without its
   * parent, and the other way round.
   */
  async select(asked: readonly string[]): Promise<{ selected: QualifiedName[]; tables: Relation[] }> {
    const held = (await allTables(this.session)).map((table) => ({ ...table, ...spellingsOf(table) }));
    const selected = chooseTables(asked, held).map(({ schema, name }) => ({ schema, name }));
    const tables = await relationsOf(this.session, selected);
    const phrases = [
      ...(await acrossInheritance(this.session, tables)),
      ...tables
        .filter(({ kind }) => kind === 'f')
        .map((table) => `${tableKey(table.schema, table.name)} is a foreign table`),
    ];
    if (phrases.length === 0) return { selected, tables };
    throw new DomainError('UNSUPPORTED', `These tables cannot be restored alone: ${phrases.join('; ')}.`, {
      hint: 'Nothing was changed. Name the whole family of tables.',
    });
  }

  /** Moves the tables into the schemas that stand for the copy. */
  async intoStagingSchemas(selected: readonly QualifiedName[], tables: readonly Relation[]): Promise<Prepared> {
    const { name } = this.options;
    const prepared = await this.loosen(selected, tables);
    const statistics = await statisticsOf(this.session, oidsOf(tables));
    const homes = [...new Set([...tables, ...statistics].map(({ schema }) => schema))];
    const place = (home: string): string => copySchema(name, homes.indexOf(home));
    await this.change(async () => {
      const run = (sql: string): Promise<unknown> => this.session.query(sql, [], AS_LONG_AS_IT_TAKES);
      for (const home of homes) await run(`CREATE SCHEMA ${place(home)}`);
      for (const table of tables)
        await run(`ALTER TABLE ${sqlName(table.schema, table.name)} SET SCHEMA ${place(table.schema)}`);
      for (const { schema, name: statistic } of statistics) {
        await run(`ALTER STATISTICS ${sqlName(schema, statistic)} SET SCHEMA ${place(schema)}`);
      }
    });
    const staged = (placed: Placed): Placed => ({ ...placed, to: place(placed.schema) });
    return {
      ...prepared,
      warnings: this.warnings,
      tables: prepared.tables.map(staged),
      sequences: prepared.sequences.map(staged),
      homes,
    };
  }

  /** Takes away all tables, views and sequences that the selected tables do not need. */
  async prune(selected: readonly QualifiedName[], tables: readonly Relation[]): Promise<Prepared> {
    const prepared = await this.loosen(selected, tables);
    const warnings = [
      ...this.warnings,
      ...prepared.foreignKeys.map(
        ({ home, table, name, target }) =>
          `Foreign key ${name} of ${tableKey(home, table)} was left out, as ${tableKey(target.schema, target.name)} is not restored.`,
      ),
      ...prepared.publications.map(
        ({ home, table, publication }) =>
          `${tableKey(home, table)} is published by ${pg.escapeIdentifier(publication)} in the backup, and by nothing here.`,
      ),
    ];
    await this.change(async () => {
      const needed = await pruneTo(this.session, oidsOf(tables));
      warnings.push(...needed.map((object) => `${object} came along empty, as a restored table needs it.`));
    });
    return { ...prepared, foreignKeys: [], warnings };
  }

  /** Takes off the foreign keys to what is not selected. */
  private async loosen(selected: readonly QualifiedName[], tables: readonly Relation[]): Promise<Prepared> {
    const { session } = this;
    const oids = oidsOf(tables);
    const foreignKeys = await foreignKeysAcross(session, oids, 'from them');
    const sequences = await ownedSequences(session, oids);
    const publications = await membershipsOf(session, oids);
    await this.change(async () => {
      for (const { home, table, name } of [...foreignKeys, ...(await foreignKeysAcross(session, oids, 'to them'))]) {
        await session.query(`ALTER TABLE ${sqlName(home, table)} DROP CONSTRAINT ${pg.escapeIdentifier(name)}`);
      }
    });
    const inPlace = (relation: Relation): Placed => ({ ...relation, to: relation.schema });
    return {
      selected,
      tables: tables.map(inPlace),
      sequences: sequences.map(inPlace),
      foreignKeys,
      publications,
      homes: [],
      warnings: [],
    };
  }

  private async change(work: () => Promise<void>): Promise<void> {
    const transaction = new LoadTransaction(this.session, this.options.lockTimeoutMs);
    try {
      await transaction.begin();
      await work();
      await transaction.assertUnbroken();
      await transaction.commit();
      await this.session.query('SET search_path = pg_catalog');
    } catch (error) {
      await transaction.rollBack();
      throw error;
    }
  }
}

export function contentFor({ selected, homes, foreignKeys, publications }: Prepared): CopyContent {
  return { version: 1, selected, homes, foreignKeys, publications };
}

async function loadDefinitions(
  plan: LoadPlan,
  account: ConfinedAccount,
  source: DumpSource,
  help: LoaderHelp,
  signal: AbortSignal,
): Promise<string[]> {
  const { administrator, connection } = account;
  await using helper = new Administrator({ administrator, account: connection.username, foreign: true }, signal);
  await using session = await PostgresSession.open(connection, signal, loadSettings(false));
  await session.query('RESET search_path');
  const policy = await policyFor(session, { ...plan, confinement: account }, source);
  const loader = new DumpLoader(session, policy, undefined, { ...help, administrator: helper });
  await withScript(source, plan.tool, '--schema-only', signal, (script) =>
    loader.load(Readable.from(schemaOf(script), { objectMode: false })),
  );
  return helper.warnings;
}

/** `orders` is `public.orders`; names with dots, spaces and capitals may be quoted or not. */
export function spellingsOf({ schema, name }: QualifiedName): { key: string; spellings: string[] } {
  const key = tableKey(schema, name);
  const bare = schema === 'public' ? [name, key.slice(key.indexOf('.') + 1)] : [];
  return { key, spellings: [key, `${schema}.${name}`, ...bare] };
}

function oidsOf(tables: readonly Relation[]): string[] {
  return tables.map(({ oid }) => oid);
}
