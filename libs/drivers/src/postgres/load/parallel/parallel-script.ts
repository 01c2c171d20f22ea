import { availableParallelism } from 'node:os';
import type { RowCounts } from '@app/domain';
import type { DumpSource, LoadPlan } from '../../../db-driver.js';
import { ScriptNames } from '../../script/script-names.js';
import type { Command } from '../../script/script-reader.js';
import { PostgresSession } from '../../login/postgres-session.js';
import { loadSettings } from '../../login/session-settings.js';
import { openAnother } from '../../login/another-session.js';
import { setForBulkLoad } from './bulk-settings.js';
import type { LoaderHelp, LoadShare } from '../dump-loader.js';
import { buildsIndex, IndexBuilders } from './index-builders.js';
import { orderedTables } from './ordered-tables.js';
import { runScript } from '../run-script.js';
import type { ArchiveSection } from '../run-script.js';
import { skeleton } from '../../script/skeleton.js';

const SESSIONS_MAX = 4;

/** How many sessions load one database: as many as there are processors here, since the server is often near. */
export function loadSessions(): number {
  return Math.min(SESSIONS_MAX, Math.max(availableParallelism(), 2));
}

/**
 * Runs a dump of ours with several sessions. Each reads the whole script, which costs little compared with what the server does
 * with it: the leader runs the commands in their order; whoever comes first to the rows of a table sends them, and the others
 * pass them by; indexes are built in parallel. Commands behind the rows wait for all of them. Rows for which functions are
 * called that may read other tables keep their place in the dump. Only a dump as pg_dump writes it is made like that:
 * definitions, rows, and what stands on them.
 *
 * Resolves with the rows of each table, as the server counted them. Rejects as {@link runScript} does.
 */
export async function runInParallel(
  plan: LoadPlan,
  source: DumpSource,
  signal: AbortSignal,
  help: LoaderHelp,
  sections: readonly ArchiveSection[] = [],
): Promise<RowCounts> {
  const { connection } = plan;
  const start = loadSettings(source.own);
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const settings: Buffer[] = [];
  await using builders = new IndexBuilders({ connection, count: loadSessions(), start, settings }, both);
  const work = new SharedWork(settings, builders);
  const read = async (share: LoadShare, opened: Promise<PostgresSession | undefined>): Promise<void> => {
    await using session = await opened;
    if (session === undefined) return;
    await setForBulkLoad(session);
    if (share === work.leader) work.ask = () => orderedTables(session);
    await runScript(plan, source, session, { signal: both, ownTransactions: true, share, help, sections });
  };
  // pg_restore reads an archive, and one of it is enough.
  const helpers = source.format === 'plain' ? loadSessions() - 1 : 0;
  // First of all: nothing goes without the leader.
  const leading = PostgresSession.open(connection, both, start);
  const another = () => leading.then(() => openAnother(connection, both, start));
  const readers = [
    read(work.leader, leading),
    ...Array.from({ length: helpers }, () => read(work.helper(), another())),
  ];
  try {
    await Promise.race([Promise.all(readers), builders.failed, work.failed(readers)]);
    await builders.idle();
    return work.rows();
  } finally {
    // Whatever failed, the others are of no use any more.
    stop.abort();
    await Promise.allSettled(readers);
  }
}

class SharedWork {
  private readonly names = new ScriptNames();
  private readonly counts = new Map<string, number>();
  private readonly claimed = new Set<number>();
  private readonly defined = Promise.withResolvers<void>();
  /** The offsets of ordered tables whose rows are in. */
  private readonly inOrder = new Set<number>();
  private ordered: ReadonlySet<string> = new Set();
  /** Asks the leader's session which tables keep their place. */
  ask: (() => Promise<ReadonlySet<string>>) | undefined;
  private pending = 0;
  private waiting: (() => void)[] = [];
  private rejected = Promise.withResolvers<never>();

  constructor(
    private readonly settings: Buffer[],
    private readonly builders: IndexBuilders,
  ) {
    this.rejected.promise.catch(() => undefined);
  }

  readonly leader: LoadShare = {
    takesCommand: async (command, flush) => {
      if (isSetting(command)) {
        this.settings.push(Buffer.from(command.text));
        if (command.setting !== undefined) this.names.setting(command.setting);
        return true;
      }
      if (this.claimed.size === 0) return true;
      await this.rowsAreIn();
      if (buildsIndex(command.text, command.standardStrings)) {
        await flush();
        return !(await this.builders.add(command));
      }
      await this.builders.idle();
      return true;
    },
    takesRows: async (copy) => {
      if (this.ask !== undefined) {
        this.ordered = await this.ask();
        this.ask = undefined;
        this.defined.resolve();
      }
      // Everything before it has been taken by somebody by now.
      if (this.isOrdered(copy)) await this.rowsAreIn();
      return this.claim(copy);
    },
    rowsLoaded: (copy, rows) => this.loaded(copy, rows),
  };

  helper(): LoadShare {
    let seenRows = false;
    return {
      takesCommand: (command) => {
        if (isSetting(command)) return Promise.resolve(!concernsNewTables(command));
        return Promise.resolve(seenRows ? 'over' : false);
      },
      takesRows: async (copy) => {
        seenRows = true;
        await Promise.race([this.defined.promise, this.rejected.promise]);
        if (!this.isOrdered(copy)) return this.claim(copy);
        while (!this.inOrder.has(copy.offset)) await this.change();
        return false;
      },
      rowsLoaded: (copy, rows) => this.loaded(copy, rows),
    };
  }

  rows(): RowCounts {
    return Object.fromEntries(this.counts);
  }

  /** Rejects when a reader does, and with it whoever waits for that reader. */
  async failed(readers: readonly Promise<void>[]): Promise<never> {
    for (const reader of readers) reader.catch((error: unknown) => this.rejected.reject(error));
    return this.rejected.promise;
  }

  private isOrdered({ text }: Command): boolean {
    return this.ordered.has(this.names.target(text));
  }

  private claim({ offset }: Command): boolean {
    if (this.claimed.has(offset)) return false;
    this.claimed.add(offset);
    this.pending += 1;
    return true;
  }

  private loaded({ text, offset }: Command, rows: number): void {
    const table = this.names.target(text);
    this.counts.set(table, (this.counts.get(table) ?? 0) + rows);
    this.pending -= 1;
    if (this.ordered.has(table)) this.inOrder.add(offset);
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  private async rowsAreIn(): Promise<void> {
    while (this.pending > 0) await this.change();
  }

  /** Resolves when the rows of some table are in. */
  private async change(): Promise<void> {
    await Promise.race([new Promise<void>((resolve) => this.waiting.push(resolve)), this.rejected.promise]);
  }
}

/**
 * Says how tables are made, which the leader alone does. The access method that it names may be one that the dump itself makes,
 * and that the leader has not come to yet (FAILURES 62).
 */
function concernsNewTables({ text, standardStrings }: Command): boolean {
  return /^SET DEFAULT_(TABLE_ACCESS_METHOD|TABLESPACE|TOAST_COMPRESSION) /.test(skeleton(text, { standardStrings }));
}

/** Whether the command is a setting of the session, so that each session needs it. */
function isSetting({ text, standardStrings }: Command): boolean {
  if (!/^(SET|SELECT)\b/i.test(text.toString('latin1', 0, 7))) return false;
  return /^(SET (?!LOCAL\b|CONSTRAINTS\b|TRANSACTION\b)|SELECT PG_CATALOG\.SET_CONFIG\()/.test(
    skeleton(text, { standardStrings }),
  );
}
