import { sql } from 'kysely';
import type { InstanceRepository } from '../catalog.js';
import type { Session } from '../session.js';

type Instance = { id: string; host: string; pid: number };

export class Instances implements InstanceRepository {
  constructor(private readonly session: Session) {}

  async beat({ id, host, pid }: Instance): Promise<boolean> {
    const { now } = this.session.dialect;
    const row = await this.session.db
      .insertInto('instances')
      .values({ id, host, pid, beatAt: now, buriedAt: null })
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet({ beatAt: now }).where('instances.buriedAt', 'is', null),
      )
      .returning('id')
      .executeTakeFirst();
    return row !== undefined;
  }

  silent(forMs: number): Promise<(Instance & { beatAt: number })[]> {
    const { now } = this.session.dialect;
    return this.session.db
      .selectFrom('instances')
      .select(['id', 'host', 'pid', 'beatAt'])
      .where('buriedAt', 'is', null)
      .where('beatAt', '<', sql<number>`${now} - cast(${forMs} as bigint)`)
      .orderBy('id')
      .execute();
  }

  all(): Promise<Instance[]> {
    return this.session.db
      .selectFrom('instances')
      .select(['id', 'host', 'pid'])
      .where('buriedAt', 'is', null)
      .orderBy('id')
      .execute();
  }

  async bury(id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.session.db
      .updateTable('instances')
      .set({ buriedAt: this.session.dialect.now })
      .where('id', '=', id)
      .where('buriedAt', 'is', null)
      .executeTakeFirstOrThrow();
    return numUpdatedRows > 0n;
  }

  async signOff(id: string): Promise<void> {
    await this.session.db.deleteFrom('instances').where('id', '=', id).execute();
  }
}
