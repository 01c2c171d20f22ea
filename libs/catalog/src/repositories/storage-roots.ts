import type { StorageRootRepository } from '../catalog.js';
import type { Session } from '../session.js';

/** These rows are in the table of the catalog's id. They belong to this machine, so copies of the catalog do not have them. */
const PREFIX = 'storage:';
const HOLDER_PREFIX = 'storage-root:';

export class StorageRoots implements StorageRootRepository {
  constructor(private readonly session: Session) {}

  async identity(root: string): Promise<string | undefined> {
    const row = await this.session.db
      .selectFrom('catalogInfo')
      .select('value')
      .where('name', '=', PREFIX + root)
      .executeTakeFirst();
    return row?.value;
  }

  async remember(root: string, id: string): Promise<void> {
    await this.session.db
      .insertInto('catalogInfo')
      .values({ name: PREFIX + root, value: id })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value: id }))
      .execute();
  }

  async forget(root: string): Promise<void> {
    await this.session.db
      .deleteFrom('catalogInfo')
      .where('name', '=', PREFIX + root)
      .execute();
  }

  async holder(storageId: string, root: string): Promise<string> {
    const name = HOLDER_PREFIX + storageId;
    await this.session.db
      .insertInto('catalogInfo')
      .values({ name, value: root })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .execute();
    const { value } = await this.session.db
      .selectFrom('catalogInfo')
      .select('value')
      .where('name', '=', name)
      .executeTakeFirstOrThrow();
    return value;
  }

  async holders(): Promise<{ storageId: string; root: string }[]> {
    const rows = await this.session.db
      .selectFrom('catalogInfo')
      .select(['name', 'value'])
      .where('name', 'like', `${HOLDER_PREFIX}%`)
      .orderBy('name')
      .execute();
    return rows.map(({ name, value }) => ({ storageId: name.slice(HOLDER_PREFIX.length), root: value }));
  }

  async paths(): Promise<string[]> {
    const rows = await this.session.db
      .selectFrom('catalogInfo')
      .select('name')
      .where('name', 'like', `${PREFIX}%`)
      .execute();
    return rows.map(({ name }) => name.slice(PREFIX.length)).toSorted();
  }
}
