import type { ConnectionParams, JsonObject } from '@app/domain';
import type {
  CopyRole,
  DatabaseSwap,
  FoundCopy,
  LoadPlan,
  SwapExamination,
  SwapRequest,
  SwapResult,
} from '../../db-driver.js';
import { copies, copyBytes, createStaging, dropCopy, holdsAnything } from './copies.js';
import { copyName } from './copy-names.js';
import { examine } from './swap-examination.js';
import { recoverSwap, swap } from './swap-run.js';

/**
 * Schemas cannot be renamed on these servers, so a staging database takes the target's place table by table; what RENAME TABLE cannot
 * carry is kept as text in a table of the staging database. See ADR 16.
 */
export class MysqlSwap implements DatabaseSwap {
  copyName(database: string, role: CopyRole, id: string): string {
    return copyName(database, role, id);
  }

  examine(plan: LoadPlan, signal?: AbortSignal): Promise<SwapExamination> {
    return examine(plan, signal);
  }

  createStaging(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void> {
    return createStaging(connection, name, signal);
  }

  swap(request: SwapRequest): Promise<SwapResult> {
    return swap(request);
  }

  recover(
    connection: ConnectionParams,
    journal: JsonObject,
    tell?: (warning: string) => void,
  ): Promise<'swapped' | 'unchanged'> {
    return recoverSwap(connection, journal, tell);
  }

  dropCopy(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void> {
    return dropCopy(connection, name, signal);
  }

  copyBytes(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<number | undefined> {
    return copyBytes(connection, name, signal);
  }

  holdsAnything(connection: ConnectionParams, outgoing: string): Promise<boolean> {
    return holdsAnything(connection, outgoing);
  }

  copies(connection: ConnectionParams, signal?: AbortSignal): Promise<FoundCopy[]> {
    return copies(connection, signal);
  }
}
