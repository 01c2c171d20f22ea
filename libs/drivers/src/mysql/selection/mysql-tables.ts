import { DomainError } from '@app/domain';
import type { JsonObject } from '@app/domain';
import type { CopyRole, DatabaseSwap, SwapResult, TableLoadResult, TableReplacement } from '../../db-driver.js';

export interface MysqlTablesParts {
  runtimeDir: string;
  swap: DatabaseSwap;
}

export class MysqlTables implements TableReplacement {
  constructor(readonly parts: MysqlTablesParts) {}
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
