import { DomainError } from '@app/domain';
import type { MysqlSession } from '../login/mysql-session.js';
import type { StoredObject } from './stored-object.js';
import { readStoredObjects } from './stored-object-reader.js';
import { withLibrariesOf } from '../script/library-list.js';
import { HELD_STATUS, eventHead, eventWithStatus } from '../script/stored-object-text.js';
import { storedObjects } from './stored-objects-table.js';
import { requalified } from '../script/sql-lexer.js';

/** Reads the stored objects of a staging or previous database as the target `live` is to have them. */
export async function incomingStoredObjects(
  session: MysqlSession,
  copy: string,
  live: string,
): Promise<StoredObject[]> {
  const stored = await storedObjects(session, copy);
  if (stored?.note('COMPLETE') !== undefined) return stored.objects;
  const objects = await readStoredObjects(session, copy);
  return objects.map((object) => {
    if (object.kind === 'VIEW') return { ...object, text: requalifiedText(object.text, copy, live) };
    if (object.kind === 'FUNCTION' || object.kind === 'PROCEDURE') {
      const text = withLibrariesOf(object.text.toString('latin1'), latin1(copy), latin1(live));
      return { ...object, text: Buffer.from(text, 'latin1') };
    }
    if (object.kind !== 'EVENT') return object;
    return { ...object, text: withStatus(object, stored?.note('EVENT STATUS', object.name)) };
  });
}

/** A view that names other schemas, too, names its own. */
function requalifiedText(text: Buffer, from: string, to: string): Buffer {
  const renamed = requalified(text.toString('latin1'), latin1(from), latin1(to));
  // The second for views of Latin-1 clients; without letters beyond ASCII it changes nothing.
  return Buffer.from(requalified(renamed, from, to), 'latin1');
}

/** Every event of a staging database has been held, so one whose status nobody knows must not be taken for disabled. */
function withStatus({ name, text }: StoredObject, status: string | undefined): Buffer {
  const statement = text.toString('latin1');
  // Somebody who has altered the event in the staging database meant it.
  if (eventHead(statement)?.status !== HELD_STATUS) return text;
  if (status === undefined) {
    throw new DomainError('UNSUPPORTED', `It is not known whether the event "${name}" is to run.`);
  }
  return Buffer.from(eventWithStatus(statement, status), 'latin1');
}

/** A name as it stands in a text of UTF-8 that is read byte by byte. */
function latin1(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}
