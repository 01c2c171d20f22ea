import type { AuditRepository } from '../catalog.js';
import { byTime } from './paging.js';
import { isBefore } from './positions.js';
import { auditCodec } from '../rows/record-codecs.js';
import type { AuditRecord, Page } from '../records.js';
import type { Session } from '../session.js';

export class Audit implements AuditRepository {
  constructor(private readonly session: Session) {}

  async insert(record: AuditRecord): Promise<void> {
    await this.session.db.insertInto('audit').values(auditCodec.toRow(record)).execute();
  }

  async page({ limit, after }: { limit: number; after?: string }): Promise<Page<AuditRecord>> {
    const position = byTime.decode(after);
    const rows = await this.session.db
      .selectFrom('audit')
      .selectAll()
      .$if(position !== undefined, (query) => query.where(isBefore(['at', 'id'], position)))
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit + 1)
      .execute();
    return byTime.page(rows, limit, auditCodec.fromRow, ({ at, id }) => [at, id]);
  }

  async prune(before: number, limit: number): Promise<number> {
    const { numDeletedRows } = await this.session.db
      .deleteFrom('audit')
      .where('id', 'in', (query) =>
        query.selectFrom('audit').select('id').where('at', '<', before).orderBy('at').orderBy('id').limit(limit),
      )
      .executeTakeFirstOrThrow();
    return Number(numDeletedRows);
  }
}
