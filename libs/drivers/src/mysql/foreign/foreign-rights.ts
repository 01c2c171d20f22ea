import { DomainError } from '@app/domain';
import type { ConnectionParams } from '@app/domain';
import { isDatabase, thrice } from '../server-names.js';
import { giveToDefiners, hasRightsBeyond } from '../confinement/definers.js';
import type { Given, Ownership } from '../confinement/definers.js';
import { makeLoadingAccount } from '../confinement/loading-account.js';
import type { LoadingAccount } from '../confinement/loading-account.js';
import { currentAccount } from '../login/mysql-account.js';
import { isLackOfPrivilege } from '../login/mysql-errors.js';
import { MysqlSession, withSession } from '../login/mysql-session.js';
import { STORED_OBJECTS_TABLE } from '../stored-objects/stored-objects-table-name.js';
import { makeLenient } from './lenient-tables.js';
import { ForeignClient } from './foreign-client.js';
import type { StatementFailure } from './foreign-client.js';

const SHOWN_LENGTH = 80;
/** For triggers and functions under a binary log; for sessions of others. */
const ALSO_RIGHTS: ReadonlySet<number> = new Set([1095, 1419, 1290]);

const CHANGES_QUOTES = /^(NO_BACKSLASH_ESCAPES|ANSI|ANSI_QUOTES|ORACLE|DB2|MAXDB|MSSQL|POSTGRESQL)$/i;

/** With which rights a dump is loaded that somebody else has written (ADR 38). */
export class ForeignRights {
  private readonly opened: MysqlSession[] = [];

  private constructor(
    private readonly administrator: ConnectionParams,
    private readonly account: LoadingAccount | undefined,
    /** Why there is no account, or why its rights do not suffice to keep the dump in: a whole sentence. */
    private readonly refused: string | undefined,
    /** The server lets only accounts with SUPER make triggers and functions. */
    private readonly logged: boolean,
  ) {}

  static async of(connection: ConnectionParams, signal: AbortSignal): Promise<ForeignRights> {
    const { logged, trusted } = await withSession(connection, { signal }, (session) =>
      session.row<{ logged: number; trusted: number }>(
        'SELECT @@GLOBAL.log_bin AS logged, @@GLOBAL.log_bin_trust_function_creators AS trusted',
      ),
    );
    const made = await makeLoadingAccount(connection, signal);
    const needsHelp = Boolean(logged) && !trusted;
    if ('refused' in made) {
      const reaches = await reachesBeyond(connection, signal);
      return new ForeignRights(connection, undefined, reaches ? made.refused : undefined, needsHelp);
    }
    const surplus =
      made.surplus === undefined ? undefined : `Every account of this server has more rights: ${made.surplus}.`;
    return new ForeignRights(connection, made, surplus, needsHelp);
  }

  /** The login that loads the dump. */
  get connection(): ConnectionParams {
    return this.account?.connection ?? this.administrator;
  }

  /** Nothing but the text says what the dump may do. */
  get strict(): boolean {
    return this.refused !== undefined;
  }

  /** `asOwn`: what the dump makes belongs to who loads it. */
  async openClient(signal: AbortSignal, asOwn: boolean): Promise<ForeignClient> {
    const session = await this.open(this.connection, signal);
    // The dump finds the session as the clients do; what we set for our own questions is not for a dump.
    await session.run('SET NAMES utf8mb4');
    await session.run('SET SESSION sql_mode = ?', [await this.sqlMode(session)]);
    await makeLenient(session);
    if (this.account === undefined) {
      const { user, host } = await currentAccount(session, await session.serverInfo());
      return new ForeignClient({ session, account: { user, host }, keepsDefiners: !asOwn });
    }
    const helper = this.logged ? await this.open(this.administrator, signal) : undefined;
    return new ForeignClient({ session, account: this.account, helper });
  }

  /** The server's own. Where the text is what was judged, texts have to end where it was judged that they do. */
  private async sqlMode(session: MysqlSession): Promise<string> {
    const { mode } = await session.row<{ mode: string }>('SELECT @@GLOBAL.sql_mode AS mode');
    if (!this.strict) return mode;
    const modes = mode.split(',').filter((one) => !CHANGES_QUOTES.test(one));
    return modes.join(',');
  }

  async closeClient(): Promise<void> {
    await Promise.all(this.opened.splice(0).map((session) => session.close()));
  }

  /** Gives what was loaded the owners that the dump names, when all is loaded. */
  async finish({ definers }: Pick<Ownership, 'definers'>, staged: boolean, signal: AbortSignal): Promise<Given> {
    const { administrator, account } = this;
    await refuseOurTable(administrator, staged, signal);
    if (account === undefined) return await this.keepEventsAsleep(signal);
    return await giveToDefiners(administrator, { maker: account, definers }, signal);
  }

  /** Drops the account; what is to be said of that and of the load. */
  async end(): Promise<string[]> {
    const left = await this.drop();
    const { refused } = this;
    return [
      ...(refused === undefined
        ? []
        : [`The dump was loaded as "${this.connection.username}", and was judged by its text. ${refused}`]),
      ...(left === undefined ? [] : [left]),
    ];
  }

  /** Drops the account. Says in a whole sentence why it is still there; undefined when it is gone. */
  async drop(): Promise<string | undefined> {
    await this.closeClient();
    const left = await this.account?.drop();
    return left === undefined ? undefined : `${left}. Drop it yourself on that server.`;
  }

  /** The error for a statement that the server refused because rights are missing. `line` counts lines of the dump. */
  failure(cause: StatementFailure, line: number, staged: boolean): DomainError | undefined {
    const { errno, words, statement } = cause;
    if (!isLackOfPrivilege(errno) && !ALSO_RIGHTS.has(errno)) return undefined;
    const text = Buffer.from(statement.text.replace(/\s+/g, ' ').trim(), 'latin1').toString('utf8');
    const cut = text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
    const { database } = this.administrator;
    return new DomainError(
      staged ? 'BACKUP_UNSAFE' : 'RESTORE_FAILED',
      `The dump was not written by this service, and line ${line} needs rights beyond the database "${database}", which were not given to it: ${cut} (${words}, ${errno}).`,
      {
        hint: `${staged ? 'Nothing was changed. ' : ''}Take the statement out of the file if you do not need it.`,
        cause,
      },
    );
  }

  /** With the rights of the connection, which reach further than the database, nothing of the dump runs by itself. */
  private async keepEventsAsleep(signal: AbortSignal): Promise<Given> {
    if (!this.strict) return { asleep: new Set(), warnings: [] };
    const { administrator } = this;
    const events = await withSession(administrator, { signal }, (session) =>
      session.rows<{ name: string }>(
        `SELECT EVENT_NAME AS name FROM information_schema.EVENTS WHERE ${isDatabase('EVENT_SCHEMA')}`,
        thrice(administrator.database),
      ),
    );
    const asleep = new Set(events.map(({ name }) => name));
    const which = [...asleep].map((name) => `event ${name}`).join(', ');
    const warning = `Disabled, as they would run by themselves: ${which}. Read them, then run ALTER EVENT … ENABLE.`;
    return { asleep, warnings: asleep.size === 0 ? [] : [warning] };
  }

  private async open(connection: ConnectionParams, signal: AbortSignal): Promise<MysqlSession> {
    const session = await MysqlSession.open(connection, { signal });
    this.opened.push(session);
    return session;
  }
}

/** The dump makes a table that bears the name of one of ours. */
export class TakesOurName extends DomainError {}

/** We would take the content of such a table for our own. */
async function refuseOurTable(connection: ConnectionParams, staged: boolean, signal: AbortSignal): Promise<void> {
  const { database } = connection;
  const found = await withSession(connection, { signal }, (session) =>
    session.rows('SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND LOWER(TABLE_NAME) = ?', [
      database,
      STORED_OBJECTS_TABLE.toLowerCase(),
    ]),
  );
  if (found.length === 0) return;
  throw new TakesOurName(
    staged ? 'BACKUP_UNSAFE' : 'RESTORE_FAILED',
    `The dump was not written by this service, and makes a table "${STORED_OBJECTS_TABLE}", in which this service keeps what it does next.`,
    { hint: 'Take the table out of the file.' },
  );
}

async function reachesBeyond(connection: ConnectionParams, signal: AbortSignal): Promise<boolean> {
  return withSession(connection, { signal }, async (session) => {
    const { user, host } = await currentAccount(session, await session.serverInfo());
    return await hasRightsBeyond(session, `${user}@${host}`, [connection.database]);
  });
}
