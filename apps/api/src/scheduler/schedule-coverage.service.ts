import { Inject, Injectable } from '@nestjs/common';
import { everyRow } from '@app/catalog';
import type { Catalog, ConnectionRecord, ScheduleRecord } from '@app/catalog';
import { coveredConnections, unscheduledWarnings } from '@app/core';
import { CATALOG } from '../foundation/tokens.js';

/** Tells which databases have a schedule, and which have none. */
@Injectable()
export class ScheduleCoverage {
  constructor(@Inject(CATALOG) private readonly catalog: Catalog) {}

  /** The warnings of calls that can leave a database without a schedule; absent if every database has one. */
  async warnings(): Promise<{ warnings?: string[] }> {
    const { connections, schedules } = await this.all();
    const warnings = unscheduledWarnings(connections, schedules);
    return warnings.length === 0 ? {} : { warnings };
  }

  /** The ids of the connections that each schedule backs up or restores into, by the schedule's id. */
  async covered(schedules: readonly ScheduleRecord[]): Promise<Map<string, string[]>> {
    const known = await this.all();
    return new Map(
      schedules.map((schedule) => [
        schedule.id,
        coveredConnections(schedule, known.connections, known.schedules).map(({ id }) => id),
      ]),
    );
  }

  async all(): Promise<{ connections: ConnectionRecord[]; schedules: ScheduleRecord[] }> {
    const [connections, schedules] = await Promise.all([
      everyRow((query) => this.catalog.connections.page(query)),
      everyRow((query) => this.catalog.schedules.page(query)),
    ]);
    return { connections, schedules };
  }
}
