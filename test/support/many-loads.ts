import { Readable } from 'node:stream';
import type { ConnectionParams } from '@app/domain';
import type { DumpSource, MysqlDriver } from '@app/drivers';
import type { SandboxServer } from '@app/sandbox';
import { LongLoad } from '../../libs/drivers/src/mysql/load/testing/long-load.js';
import type { Taken } from '../../libs/drivers/src/mysql/load/testing/long-load.js';
import { differences } from './elsewhere.js';
import type { Elsewhere } from './elsewhere.js';
import { runSql } from './run-sql.js';

export interface ManyLoadsParts {
  server: SandboxServer;
  driver: MysqlDriver;
  elsewhere: Elsewhere;
  /** Who loads. */
  as(database: string): ConnectionParams;
}

/** Looks at the rest of the server after so many texts. */
const BATCH = 100;
/** They are in each other's way in one database. */
const IN_ONE_DATABASE = 50;
/** Of more of them one is refused, mostly: each makes what another has made. */
const IN_ONE_DUMP = 4;
const MOST_FAULTS = 10;
const TABLE =
  'CREATE TABLE `t` (`id` int NOT NULL, `a` int DEFAULT NULL, PRIMARY KEY (`id`));\nINSERT INTO `t` VALUES (1,1),(2,2);\n';
const END = '\n-- Dump completed\n';

/**
 * Loads scripts by the thousand: each as a foreign dump is loaded, going on after failures, and what was taken of a batch once more
 * as one dump through the driver. After each batch it looks at the rest of the server, and where that has changed, for the
 * text that did it.
 */
export class ManyLoads {
  private number = 0;
  /** Into a staging database, or in place. */
  private staged = true;
  private counts = { texts: 0, statements: 0, refused: 0, failed: 0, taken: 0, looks: 0, whole: 0, ended: 0 };
  private began = performance.now();

  constructor(private readonly parts: ManyLoadsParts) {}

  get figures(): string {
    const { texts, statements, refused, failed, taken, looks, whole, ended } = this.counts;
    const seconds = Math.round((performance.now() - this.began) / 1000);
    return `${texts} texts of ${statements} statements in ${seconds} s: ${refused} refused by the judge, ${failed} by the server, ${taken} loaded; ${whole} whole loads, ${ended} of them to the end; ${looks} looks`;
  }

  /** What has changed elsewhere, each with the text that changed it. */
  async run(texts: Iterable<string>): Promise<string[]> {
    const faults: string[] = [];
    let batch: string[] = [];
    let before = await this.parts.elsewhere.look();
    const load = async (): Promise<void> => {
      const changed = await this.changedBy(batch, before);
      if (changed.length > 0) {
        faults.push(...(await this.culprits(batch, before, changed)));
        before = await this.renewed(before);
      }
      batch = [];
      this.staged = !this.staged;
    };
    for (const text of texts) {
      this.counts.texts += 1;
      batch.push(text);
      if (batch.length === BATCH) await load();
      if (faults.length >= MOST_FAULTS) return faults;
    }
    await load();
    return faults;
  }

  private async renewed(before: Record<string, string>): Promise<Record<string, string>> {
    await this.parts.elsewhere.setBack(before);
    return this.parts.elsewhere.look();
  }

  /** Each alone; where none of them does it alone, all that came before the last one. */
  private async culprits(
    batch: readonly string[],
    before: Record<string, string>,
    changed: readonly string[],
  ): Promise<string[]> {
    const found: string[] = [];
    let then = await this.renewed(before);
    for (const text of batch) {
      const by = await this.changedBy([text], then);
      if (by.length === 0) continue;
      found.push(`${JSON.stringify(text)} changed ${by.join('; ')}`);
      then = await this.renewed(then);
    }
    if (found.length > 0) return found;
    let from = 0;
    for (let step = batch.length >> 1; step > 0; step >>= 1) {
      if ((await this.changedBy(batch.slice(from + step), then)).length === 0) continue;
      from += step;
      then = await this.renewed(then);
    }
    return [`together ${JSON.stringify(batch.slice(from))} changed ${changed.join('; ')}`];
  }

  private async changedBy(batch: readonly string[], before: Record<string, string>): Promise<string[]> {
    const { elsewhere } = this.parts;
    this.counts.looks += 1;
    let problem: string[] = [];
    try {
      await this.loadAll(batch);
    } catch (error) {
      problem = [`the load itself: ${String(error)}`];
    }
    return [...problem, ...differences(before, await elsewhere.look())];
  }

  private async loadAll(batch: readonly string[]): Promise<void> {
    const { staged } = this;
    const taken: string[] = [];
    let left = batch.map((text) =>
      text.replaceAll('$FILE', () => `${this.parts.elsewhere.files}/${(this.number += 1)}`),
    );
    // What a text that failed has left half done is no beginning of another dump.
    while (left.length > 0)
      left = await this.within(staged, (database) => this.loadSome(database, staged, left, taken));
    for (const some of [taken.slice(0, IN_ONE_DUMP), taken.slice(-IN_ONE_DUMP)])
      if (some.length > 0) await this.within(staged, (database) => this.loadWhole(database, staged, some));
  }

  private async within<T>(staged: boolean, work: (database: string) => Promise<T>): Promise<T> {
    const { driver, server, as } = this.parts;
    this.number += staged ? 2 : 1;
    const database = staged ? driver.swap.copyName('shop', 'restore', `${this.number}x`) : `target${this.number}`;
    if (staged) await driver.swap.createStaging(as('shop'), database);
    else await runSql(server.connection('mysql'), [`CREATE DATABASE ${database} CHARACTER SET utf8mb4`]);
    try {
      return await work(database);
    } finally {
      if (staged) await driver.swap.dropCopy(server.connection('shop'), database);
      else await driver.dropDatabase(server.connection('mysql'), database);
    }
  }

  /** The texts that are left. */
  private async loadSome(database: string, staged: boolean, texts: string[], good: string[]): Promise<string[]> {
    const load = await LongLoad.begin(this.parts.as(database), staged);
    let at = 0;
    try {
      await load.take(TABLE);
      for (const text of texts) {
        at += 1;
        const taken = await load.take(text);
        this.count(taken);
        if (taken.refused === undefined && taken.failed === undefined && taken.ends && taken.passesGuard)
          good.push(text);
        const isHalf = taken.failed !== undefined && taken.statements > 1;
        if (at === IN_ONE_DATABASE) {
          await load.finish().catch(() => undefined);
          return texts.slice(at);
        }
        if (load.isJudged && taken.refused === undefined && (isHalf || !taken.ends)) return texts.slice(at);
      }
      await load.finish().catch(() => undefined);
      return [];
    } catch (error) {
      // It has changed its own password; the next one gets another account.
      if ((error as { code?: string }).code !== 'WRONG_CREDENTIALS' || at <= 1) throw error;
      return texts.slice(at - 1);
    } finally {
      await load.close();
    }
  }

  private count({ statements, refused, failed }: Taken): void {
    this.counts.statements += statements;
    if (refused !== undefined) this.counts.refused += 1;
    else if (failed !== undefined) this.counts.failed += 1;
    else this.counts.taken += 1;
  }

  private async loadWhole(database: string, staged: boolean, texts: readonly string[]): Promise<void> {
    const { driver, as } = this.parts;
    const request = { connection: as(database), format: 'plain', tools: {}, skipOwnership: false } as const;
    const plan = await driver.prepareLoad({ ...request, staged, strict: true });
    const text = `-- MySQL dump 10.13\n${TABLE}${texts.join('\nDELIMITER ;\n')}\nDELIMITER ;${END}`;
    const source: DumpSource = {
      format: 'plain',
      own: false,
      open: () => Readable.from([Buffer.from(text, 'latin1')]),
    };
    this.counts.whole += 1;
    try {
      await driver.load(plan, source, { signal: AbortSignal.timeout(120_000), beforeCommit: () => Promise.resolve() });
      this.counts.ended += 1;
    } catch {
      // Texts that were taken one by one may not go together.
    }
  }
}
