import type { ConnectionParams } from '@app/domain';
import { databaseSettings } from '../dump/mysql-inventory.js';
import { serverRefusal } from '../login/mysql-errors.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { readStoredObjects } from '../stored-objects/stored-object-reader.js';
import { StoredObjectWriter } from '../stored-objects/stored-object-writer.js';

const NOT_UPDATABLE = 1368;

/**
 * Dumps make views by name, over stand-ins of those that come later; one WITH CHECK OPTION over a stand-in is refused, as that cannot
 * be updated (1368). So {@link DumpRewriter} takes the option out, and it is given here, when all views are there.
 */
export async function giveCheckOptions(
  connection: ConnectionParams,
  options: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  if (options.size === 0) return;
  const { database } = connection;
  await withSession(connection, { signal }, async (session) => {
    const settings = await databaseSettings(session, database);
    const mariadb = (await session.serverInfo()).flavour === 'MariaDB';
    const writer = new StoredObjectWriter(session, database, settings['collation'] ?? '', mariadb);
    const views = (await readStoredObjects(session, database)).filter(({ kind }) => kind === 'VIEW');
    const names = new Set(views.map(({ name }) => name));
    // A server may have made all names lower case (lower_case_table_names).
    const renamed = [...options].filter(([name]) => !names.has(name));
    const byLowerCase = new Map(renamed.map(([name, option]) => [name.toLowerCase(), option]));
    const optionOf = ({ name }: StoredObject): string | undefined => options.get(name) ?? byLowerCase.get(name);
    let left = views.filter((view) => optionOf(view) !== undefined);
    let updatable = -1;
    for (;;) {
      const failures: unknown[] = [];
      const failed: StoredObject[] = [];
      for (const view of left) {
        const text = Buffer.concat([view.text, Buffer.from(` WITH ${optionOf(view)} CHECK OPTION`)]);
        try {
          await writer.replaceView({ ...view, text });
        } catch (error) {
          if (serverRefusal(error)?.errno !== NOT_UPDATABLE) throw error;
          failed.push(view);
          failures.push(error);
        }
      }
      if (failed.length === 0) return;
      // MariaDB keeps whether a view can be updated as it was when it was made: over stand-ins.
      for (const view of views.filter((view) => optionOf(view) === undefined)) {
        await writer.replaceView(view).catch((error: unknown) => {
          // It is there, and was broken before.
          if (serverRefusal(error) === undefined) throw error;
        });
      }
      const now = await updatableViews(session, database);
      if (failed.length === left.length && now <= updatable) throw failures[0];
      updatable = now;
      left = failed;
    }
  });
}

async function updatableViews(session: MysqlSession, database: string): Promise<number> {
  const { views } = await session.row<{ views: number }>(
    `SELECT COUNT(*) AS views FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ? AND IS_UPDATABLE = 'YES'`,
    [database],
  );
  return Number(views);
}
