import { DomainError } from '@app/domain';
import type { ConnectionParams, RowCounts, ToolPaths } from '@app/domain';
import type { Census, DumpSource } from '../../db-driver.js';

export function census(_connection: ConnectionParams, _signal: AbortSignal | undefined): Promise<Census> {
  throw new DomainError('INTERNAL', 'This is not there yet.');
}

export function dumpedRows(_source: DumpSource, _tools: ToolPaths, _signal: AbortSignal): Promise<RowCounts> {
  throw new DomainError('INTERNAL', 'This is not there yet.');
}
