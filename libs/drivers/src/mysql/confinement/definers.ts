import type { ConnectionParams } from '@app/domain';
import { databaseSettings } from '../dump/mysql-inventory.js';
import { currentAccount, grantsOfDefiner, quotedName } from '../login/mysql-account.js';
import { escapedPattern, matchesPattern } from '../login/mysql-grants.js';
import { withSession } from '../login/mysql-session.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { parseCopyName } from '../swap/copy-names.js';
import { storedObjectKey } from '../stored-objects/stored-object.js';
import type { StoredObject } from '../stored-objects/stored-object.js';
import { readStoredObjects } from '../stored-objects/stored-object-reader.js';
import { eventHead, eventWithStatus } from '../script/stored-object-text.js';
import { StoredObjectWriter } from '../stored-objects/stored-object-writer.js';
import { staysWithin } from './stays-within.js';

export interface Ownership {
  /** The account that made the objects, and is about to be dropped. */
  maker: { user: string; host: string };
  /** The definers (`user@host`) by kind and name. The others become the connection's own. */
  definers: ReadonlyMap<string, string>;
}

export interface Given {
  /** Events that must not run by themselves. */
  asleep: ReadonlySet<string>;
  warnings: readonly string[];
}

/**
 * Gives what a foreign dump has made to the accounts that it names. It was made, and has run so far, with the rights of an
 * account that has none elsewhere. An event would now run by itself with those of its definer: where they reach beyond the
 * database, and so may what the dump has made, it is disabled.
 */
export async function giveToDefiners(
  connection: ConnectionParams,
  { maker, definers }: Ownership,
  signal: AbortSignal,
): Promise<Given> {
  const { database } = connection;
  return withSession(connection, { signal }, async (session) => {
    const now = await readStoredObjects(session, database);
    if (now.length === 0) return { asleep: new Set(), warnings: [] };
    const server = await session.serverInfo();
    const own = await currentAccount(session, server);
    const mighty = new Map<string, boolean>();
    const asleep = new Set<string>();
    const wanted: StoredObject[] = [];
    // A staging database becomes the database for which it is loaded.
    const here = [database, parseCopyName(database)?.stem ?? database];
    const others = await otherDatabases(session, here);
    // An event may call a routine, and a trigger acts on what it writes.
    const within = now.every((object) => object.kind === 'VIEW' || staysWithin(object, others));
    for (const object of now) {
      const definer = definers.get(storedObjectKey(object)) ?? `${own.user}@${own.host}`;
      if (!mighty.has(definer)) mighty.set(definer, await hasRightsBeyond(session, definer, here));
      const text = withDefinerOf(object.text.toString('latin1'), maker, definer);
      const sleeps = object.kind === 'EVENT' && mighty.get(definer) === true && !within;
      if (sleeps) asleep.add(object.name);
      wanted.push({ ...object, text: Buffer.from(sleeps ? disabled(text) : text, 'latin1') });
    }
    const { collation = '' } = await databaseSettings(session, database);
    const writer = new StoredObjectWriter(session, database, collation, server.flavour === 'MariaDB');
    for (const trigger of wanted.filter(({ kind }) => kind === 'TRIGGER')) {
      // Each goes behind the others of its table, so that they come to fire in the order in which they did.
      await writer.createTriggers([{ trigger, table: trigger.table }], () => writer.drop(trigger));
    }
    await writer.replaceRoutines(now, wanted);
    for (const kind of ['VIEW', 'EVENT'] as const) await writer.dropObsolete(kind, now, wanted);
    await writer.createViews(now, wanted);
    await writer.createEvents(now, wanted);
    return {
      asleep,
      warnings: warningsFor(
        asleep,
        [...mighty].filter(([, is]) => is).map(([name]) => name),
      ),
    };
  });
}

function warningsFor(asleep: ReadonlySet<string>, mighty: readonly string[]): string[] {
  const whose = mighty.join(', ');
  return [
    ...(mighty.length === 0
      ? []
      : [
          `Views, routines, triggers or events of the dump run with the rights of ${whose}, which reach beyond this database: read them before they are used.`,
        ]),
    ...(asleep.size === 0
      ? []
      : [
          `Disabled, as they would run by themselves with the rights of ${whose}: ${[...asleep].map((name) => `event ${name}`).join(', ')}. Read them, then run ALTER EVENT … ENABLE.`,
        ]),
  ];
}

/** In lower case. */
async function otherDatabases(session: MysqlSession, here: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await session.rows<{ name: string }>('SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA');
  const own = here.map((name) => name.toLowerCase());
  return new Set(rows.map(({ name }) => name.toLowerCase()).filter((name) => !own.includes(name)));
}

/** In the text as the server shows it. */
function withDefinerOf(text: string, { user, host }: Ownership['maker'], definer: string): string {
  const escaped = host.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  const clause = new RegExp(`DEFINER=([\`"])${user}\\1@([\`"])${escaped}\\2`);
  const at = definer.lastIndexOf('@');
  const name = quotedName(definer.slice(0, at));
  // A role has no host.
  const account = at === definer.length - 1 ? name : `${name}@${quotedName(definer.slice(at + 1))}`;
  return text.replace(clause, () => `DEFINER=${Buffer.from(account, 'utf8').toString('latin1')}`);
}

function disabled(text: string): string {
  const status = eventHead(text)?.status;
  return status === undefined ? text : eventWithStatus(text, sleeping(status));
}

export function sleeping(status: string): string {
  return status.replace(/ENABLE$/, 'DISABLE');
}

/** Whether a definer may do anything but in these databases. */
export async function hasRightsBeyond(
  session: MysqlSession,
  definer: string,
  databases: readonly string[],
): Promise<boolean> {
  const grants = await grantsOfDefiner(session, definer);
  // An account that is not there has no rights. One that may not be seen may have any.
  if (typeof grants === 'string') return grants === 'hidden';
  const isOn = (name: string, line: string): boolean => line.includes(` ON ${quotedName(name)}.`);
  const here = databases.flatMap((name) => [name, escapedPattern(name)]);
  const rights = grants.filter((line) => !line.startsWith('GRANT USAGE ON *.* '));
  if (rights.some((line) => !here.some((name) => isOn(name, line)))) return true;
  // Without a backslash the `_` of a name stands for any character.
  const wide = databases.filter((name) => escapedPattern(name) !== name && rights.some((line) => isOn(name, line)));
  if (wide.length === 0) return false;
  const others = [...(await otherDatabases(session, databases))];
  return wide.some((name) => others.some((other) => matchesPattern(name.toLowerCase(), other)));
}
