import { text } from 'node:stream/consumers';
import { DomainError } from '@app/domain';
import type {
  DumpSource,
  SwapRequest,
  SwapResult,
  TableLoadOrder,
  TableLoadResult,
  TableReplacement,
} from '@app/drivers';
import { FakeSwap } from './fake-swap.js';

/** Loads and swaps some tables of a fake database: its words of the form `name=content`. */
export class FakeTables extends FakeSwap implements TableReplacement {
  async find(tables: readonly string[], source: Pick<DumpSource, 'open'>): Promise<string[]> {
    const held = tablesOf(await text(source.open()));
    const unknown = tables.filter((table) => !held.has(table));
    if (unknown.length === 0) return [...new Set(tables)];
    throw new DomainError('INVALID_INPUT', `The backup holds no table ${unknown.join(', ')}.`, {
      fields: [{ field: 'tables', message: `unknown: ${unknown.join(', ')}` }],
    });
  }

  examineTables(): Promise<void> {
    return Promise.resolve();
  }

  async load(
    { plan, tables, into, incoming }: TableLoadOrder,
    source: Pick<DumpSource, 'open'>,
    hooks: { beforeCommit(): Promise<void> },
  ): Promise<TableLoadResult> {
    const found = await this.find(tables, source);
    const held = tablesOf(await text(source.open()));
    const name = into === 'staging' ? incoming : plan.connection.database;
    this.databases.set(name, found.map((table) => `${table}=${held.get(table) ?? ''}`).join(' '));
    await hooks.beforeCommit();
    return { tables: found, rows: Object.fromEntries(found.map((table) => [table, 1])), warnings: [] };
  }

  override async swap({ connection, incoming, outgoing, journal }: SwapRequest): Promise<SwapResult> {
    await journal({ incoming, outgoing });
    const live = tablesOf(this.databases.get(connection.database) ?? '');
    const coming = tablesOf(this.databases.get(incoming) ?? '');
    const leaving = [...live].filter(([table]) => coming.has(table));
    const staying = (this.databases.get(connection.database) ?? '')
      .split(' ')
      .filter((word) => !coming.has(word.split('=')[0] ?? ''));
    this.databases.set(outgoing, leaving.map((entry) => entry.join('=')).join(' '));
    this.databases.set(connection.database, [...staying, ...[...coming].map((entry) => entry.join('='))].join(' '));
    this.databases.delete(incoming);
    return { lockoutMs: 1, sessionsEnded: 0, warnings: [] };
  }
}

function tablesOf(content: string): Map<string, string> {
  return new Map([...content.matchAll(/(?:^|\s)([^\s=]+)=(\S*)/g)].map(([, name = '', value = '']) => [name, value]));
}
