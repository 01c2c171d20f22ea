import { DomainError } from '@app/domain';
import type { ConnectionParams, JsonObject } from '@app/domain';
import type { CopyRole, DatabaseSwap, LoadPlan, SwapExamination, SwapRequest, SwapResult } from '../../db-driver.js';

export class PostgresSwap implements DatabaseSwap {
  copyName(_database: string, _role: CopyRole, _id: string): string {
    throw missing();
  }
  examine(_plan: LoadPlan, _signal?: AbortSignal): Promise<SwapExamination> {
    return Promise.resolve({
      obstacles: ['This is not there yet.'],
      warnings: [],
      sessions: undefined,
      freeBytes: undefined,
    });
  }
  createCopy(_connection: ConnectionParams, _name: string): Promise<void> {
    throw missing();
  }
  swap(_request: SwapRequest): Promise<SwapResult> {
    throw missing();
  }
  settle(_connection: ConnectionParams, _journal: JsonObject): Promise<'swapped' | 'unchanged'> {
    throw missing();
  }
  dropCopy(_connection: ConnectionParams, _name: string): Promise<void> {
    throw missing();
  }
  copyBytes(_connection: ConnectionParams, _name: string, _signal?: AbortSignal): Promise<number | undefined> {
    throw missing();
  }
  copies(
    _connection: ConnectionParams,
    _signal?: AbortSignal,
  ): Promise<{ name: string; role: CopyRole; id: string }[]> {
    throw missing();
  }
}

function missing(): DomainError {
  return new DomainError('INTERNAL', 'This is not there yet.');
}
