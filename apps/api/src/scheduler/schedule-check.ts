import { Injectable } from '@nestjs/common';
import type { ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { DomainError } from '@app/domain';
import type { FieldFault } from '@app/domain';
import { DriverRegistry } from '@app/drivers';
import { BackupRunner, ConnectionStore, databaseKey, isSameDatabase } from '@app/core';
import { Shutdown } from '@app/runtime';

export interface CheckedSchedule {
  connection: ConnectionRecord;
  /** The connection whose backup a scheduled restore takes. */
  source: ConnectionRecord | undefined;
}

type Plan = Pick<ScheduleRecord, 'action' | 'sourceConnectionId' | 'options' | 'retention'> & { connectionId: string };

/** Refuses a schedule whose runs could never succeed. */
@Injectable()
export class ScheduleCheck {
  constructor(
    private readonly connections: ConnectionStore,
    private readonly backups: BackupRunner,
    private readonly drivers: DriverRegistry,
    private readonly shutdown: Shutdown,
  ) {}

  /** CONNECTION_NOT_FOUND, INVALID_INPUT, INVALID_PATH; WRONG_ENGINE for a restore of the other engine's backups. */
  async plan(plan: Plan): Promise<CheckedSchedule> {
    const connection = await this.connections.get(plan.connectionId);
    return plan.action === 'restore' ? this.restore(plan, connection) : this.backup(plan, connection);
  }

  private async backup({ sourceConnectionId, options }: Plan, connection: ConnectionRecord): Promise<CheckedSchedule> {
    if (sourceConnectionId !== null) {
      throw invalid([{ field: 'source_connection_id', message: 'is for the action "restore" only' }]);
    }
    const { name, location, format, skipOwnership } = options;
    if (skipOwnership !== undefined) {
      throw invalid([{ field: 'options.no_owner', message: 'is for the action "restore" only' }]);
    }
    await this.backups.check({ connection, name, location, format }).catch((error: unknown) => {
      throw underOptions(error);
    });
    return { connection, source: undefined };
  }

  private async restore(plan: Plan, connection: ConnectionRecord): Promise<CheckedSchedule> {
    const { sourceConnectionId, options, retention } = plan;
    const message = 'is for the action "backup" only';
    const ofBackups = Object.keys(options).filter((option) => option !== 'skipOwnership');
    const faults: FieldFault[] = [
      ...(sourceConnectionId === null ? [{ field: 'source_connection_id', message: 'is required' }] : []),
      ...ofBackups.map((option) => ({ field: `options.${option}`, message })),
      ...(retention === null ? [] : [{ field: 'retention', message }]),
    ];
    if (sourceConnectionId === null || faults.length > 0) throw invalid(faults);
    const source = await this.connections.get(sourceConnectionId);
    if (source.dbType !== connection.dbType) {
      throw new DomainError(
        'WRONG_ENGINE',
        `Backups of ${source.dbType} cannot be restored into "${connection.database}", which is ${connection.dbType}.`,
        { hint: 'Choose two connections of the same engine.' },
      );
    }
    if (isSameDatabase(source, connection) && !(await this.mayBeClone(source, connection))) {
      throw invalid([
        { field: 'source_connection_id', message: 'is of the same database, which would lose what is newer' },
      ]);
    }
    return { connection, source };
  }

  /** A clone of a server's files says the same of itself. Where the two cannot be asked now, each run looks for itself. */
  private async mayBeClone(source: ConnectionRecord, connection: ConnectionRecord): Promise<boolean> {
    if (databaseKey(source) === databaseKey(connection)) return false;
    try {
      const [one, other] = [this.connections.opened(source), this.connections.opened(connection)];
      return !(await this.drivers.get(source.dbType).isOneServer(one, other, this.shutdown.signal));
    } catch {
      return true;
    }
  }
}

function invalid(fields: readonly FieldFault[]): DomainError {
  const list = fields.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new DomainError('INVALID_INPUT', `${list}.`, { hint: 'Correct it and send it again.', fields });
}

/** The names that the calls for one backup have for these. */
const NAMES = { backup_location: 'options.location', backup_name: 'options.name', format: 'options.format' };

function underOptions(error: unknown): unknown {
  if (!(error instanceof DomainError) || error.fields === undefined) return error;
  const renamed = (text: string): string =>
    Object.entries(NAMES).reduce((result, [from, to]) => result.replace(new RegExp(`^${from}\\b`), to), text);
  return new DomainError(error.code, renamed(error.message), {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    fields: error.fields.map(({ field, message }) => ({ field: renamed(field), message })),
  });
}
