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
import { copies, copyBytes, createStaging, dropCopy } from './copies.js';
import { copyName } from './copy-names.js';
import { examine } from './swap-examination.js';
import { swap } from './swap-run.js';
import { recoverSwap } from './swap-recovery.js';

/** Staging and previous databases are databases of their own, and a swap is two renamings in one transaction. See ADR 15. */
export class PostgresSwap implements DatabaseSwap {
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

  recover(connection: ConnectionParams, journal: JsonObject): Promise<'swapped' | 'unchanged'> {
    return recoverSwap(connection, journal);
  }

  dropCopy(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<void> {
    return dropCopy(connection, name, signal);
  }

  copyBytes(connection: ConnectionParams, name: string, signal?: AbortSignal): Promise<number | undefined> {
    return copyBytes(connection, name, signal);
  }

  copies(connection: ConnectionParams, signal?: AbortSignal): Promise<FoundCopy[]> {
    return copies(connection, signal);
  }
}
