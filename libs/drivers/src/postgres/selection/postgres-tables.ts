import { DomainError } from '@app/domain';
import type { JsonObject } from '@app/domain';
import type { CopyRole, DatabaseSwap, SwapResult, TableLoadResult, TableReplacement } from '../../db-driver.js';
import type { PostgresTools } from '../postgres-tools.js';

export interface PostgresTablesParts {
  runtimeDir: string;
  lockTimeoutMs: number;
  tools: PostgresTools;
  swap: DatabaseSwap;
}

export class PostgresTables implements TableReplacement {
  constructor(readonly parts: PostgresTablesParts) {}
  copyName(_database: string, _role: CopyRole, _id: string): string {
    throw missing();
  }
  find(): Promise<string[]> {
    throw missing();
  }
  load(): Promise<TableLoadResult> {
    throw missing();
  }
  swap(): Promise<SwapResult> {
    throw missing();
  }
  settle(_connection: unknown, _journal: JsonObject): Promise<'swapped' | 'unchanged'> {
    throw missing();
  }
  dropCopy(): Promise<void> {
    throw missing();
  }
  copyBytes(): Promise<number | undefined> {
    throw missing();
  }
  copies(): Promise<{ name: string; role: CopyRole; id: string }[]> {
    throw missing();
  }
}

function missing(): DomainError {
  return new DomainError('INTERNAL', 'This is not there yet.');
}
