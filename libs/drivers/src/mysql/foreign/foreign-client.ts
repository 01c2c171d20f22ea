import { PassThrough, finished } from 'node:stream';
import type { Writable } from 'node:stream';
import { quotedAccount } from '../login/mysql-account.js';
import { serverRefusal } from '../login/mysql-errors.js';
import type { MysqlSession } from '../login/mysql-session.js';
import { storedObjectKey } from '../stored-objects/stored-object.js';
import { definedObject, logSettings, onlyMakesLogged, withDefiner } from '../script/statement-tokens.js';
import type { ScriptStatement } from '../script/mysql-script-reader.js';
import { sqlTokens } from '../script/sql-lexer.js';
import type { SqlToken } from '../script/sql-lexer.js';
import { PACKET_HEAD, fittingStatements } from '../script/packet-fitter.js';
import { StatementCutter } from '../script/statement-cutter.js';

/** A statement that the server has refused, and where it stands in what the client was given. */
export class StatementFailure extends Error {
  constructor(
    readonly errno: number,
    readonly words: string,
    readonly statement: Pick<ScriptStatement, 'line' | 'text'>,
  ) {
    super(words);
    this.name = 'StatementFailure';
  }

  /** The message, as `serverRefusal` wants it. */
  get sqlMessage(): string {
    return this.words;
  }
}

export interface ForeignClientParts {
  /** The session of the account that loads. */
  session: MysqlSession;
  account: { user: string; host: string };
  /** Objects are made as the dump says, which takes an account that may do that. */
  keepsDefiners?: boolean;
  /**
   * Makes functions and triggers where the server writes a log and lets only accounts with SUPER make them. In the name of
   * the account that loads; of the same database.
   */
  helper?: MysqlSession | undefined;
}

/** Character sets in which no byte of a character looks like a quote or a backslash. */
const PLAIN_CHARACTER_SETS = /^(utf8|utf8mb3|utf8mb4|latin1|ascii|binary)$/;
const QUOTING = '@@character_set_client AS characterSet, @@sql_mode AS mode';
/** No server has a smaller limit that it asks for, and a question costs time. */
const SHORT_BYTES = 512 * 1024;
const MARK_OF_COMMENT = /^(\/\*M?!\d*|\*\/)$/;
const MARK = /^SELECT '([0-9a-f-]{36} \d+)'$/;

interface Quoting {
  characterSet: string;
  mode: string;
}

/**
 * Takes the place of the client for dumps that somebody else has written: sends one statement at a time, as the bytes
 * that they are, over a session that takes no two at once and has no commands of its own. Objects are made in the name of
 * the account; whose they are to be is noted in {@link definers}.
 */
export class ForeignClient {
  readonly stdin: Writable;
  readonly stdout = new PassThrough();
  readonly completed: Promise<void>;
  /** The definers by kind and name, as the dump writes them: `user@host`. */
  readonly definers = new Map<string, string>();
  readonly notes = new Set<string>();

  constructor(private readonly parts: ForeignClientParts) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    promise.catch(() => undefined);
    this.completed = promise;
    this.stdin = new StatementCutter((bytes, statement) => this.send(bytes, statement));
    this.stdin.on('error', () => undefined);
    this.stdout.on('error', () => undefined);
    finished(this.stdin, (error) => {
      this.stdout.end();
      // The rows of a script that ends without its COMMIT, or of one of which only some tables are taken.
      if (error) reject(error);
      else parts.session.run('COMMIT').then(() => resolve(), reject);
    });
  }

  private async send(bytes: Buffer, statement: ScriptStatement): Promise<void> {
    const mark = MARK.exec(statement.text)?.[1];
    if (mark !== undefined) {
      this.stdout.write(`${mark}\n`);
      return;
    }
    try {
      await this.execute(bytes, statement.text);
    } catch (error) {
      const refusal = serverRefusal(error);
      if (refusal === undefined) throw error;
      throw new StatementFailure(refusal.errno, refusal.words, statement);
    }
  }

  private async execute(bytes: Buffer, text: string): Promise<void> {
    const { session } = this.parts;
    if (/^SET\b/i.test(text)) {
      const log = logSettings(bytes.toString('latin1'));
      if (log === undefined) return session.runBytes(bytes);
      for (const name of log) this.notes.add(`SET ${name}`);
      return;
    }
    if (bytes.length > SHORT_BYTES && (await this.insertInParts(bytes))) return;
    const object = /^(CREATE|ALTER)\b/i.test(text) ? definedObject(bytes.toString('latin1')) : undefined;
    if (object === undefined) return session.runBytes(bytes);
    if (this.parts.keepsDefiners === true) {
      const whole = await this.withBlanks(bytes.toString('latin1'));
      return session.runBytes(Buffer.from(whole, 'latin1'));
    }
    const { kind, name, definer } = object;
    const statement = await this.withBlanks(object.statement);
    if (definer !== undefined) this.definers.set(storedObjectKey({ kind, name: decoded(name) }), decoded(definer));
    if ((kind === 'TRIGGER' || kind === 'FUNCTION') && (await this.makeForIt(statement))) return;
    await session.runBytes(Buffer.from(statement, 'latin1'));
  }

  /**
   * Puts a blank between two words that only marks of executable comments keep apart. MariaDB stores a definition without these
   * marks, so that the words become one: it cannot read such a trigger again, nor drop its database (1010).
   */
  private async withBlanks(statement: string): Promise<string> {
    if (!/[\w$\x80-\uffff](\/\*M?!|\*\/)/.test(statement)) return statement;
    if (!isPlain(await this.parts.session.row<Quoting>(`SELECT ${QUOTING}`))) return statement;
    const tokens = [...sqlTokens(statement)];
    const isMark = (token: SqlToken | undefined): boolean =>
      token?.kind === 'other' && MARK_OF_COMMENT.test(token.source);
    return tokens
      .map((token, at) => {
        if (!isMark(token) || tokens[at - 1]?.kind !== 'word') return token.source;
        const next = tokens.slice(at).find((one) => !isMark(one));
        return next?.kind === 'word' ? ` ${token.source}` : token.source;
      })
      .join('');
  }

  /** False where the server takes the statement as it is, or shall say why not. */
  private async insertInParts(bytes: Buffer): Promise<boolean> {
    const { session } = this.parts;
    const { packet, connectionSet, ...is } = await session.row<
      Quoting & { packet: number | string; connectionSet: string }
    >(`SELECT @@max_allowed_packet AS packet, @@character_set_connection AS connectionSet, ${QUOTING}`);
    const packetBytes = Number(packet);
    if (bytes.length <= packetBytes - PACKET_HEAD || !isPlain(is)) return false;
    // Texts that the server would make longer could go beyond the limit in a variable, which is NULL then.
    if (connectionSet !== is.characterSet) return false;
    const statements = fittingStatements(bytes, packetBytes);
    for (const statement of statements ?? []) await session.runBytes(statement);
    return statements !== undefined;
  }

  /** False where it is not for the helper to do: then the server decides by the rights of the account. */
  private async makeForIt(statement: string): Promise<boolean> {
    const { session, helper, account } = this.parts;
    if (helper === undefined || !onlyMakesLogged(statement)) return false;
    const is = await session.row<Quoting & { collation: string }>(
      `SELECT @@collation_connection AS collation, ${QUOTING}`,
    );
    if (!isPlain(is)) return false;
    const definer = quotedAccount(account.user, account.host);
    try {
      await helper.run('SET SESSION sql_mode = ?, character_set_client = ?, collation_connection = ?', [
        ...[is.mode, is.characterSet, is.collation],
      ]);
      await helper.runBytes(Buffer.from(withDefiner(statement, definer), 'latin1'));
    } finally {
      await helper.run('SET NAMES utf8mb4').catch(() => undefined);
    }
    return true;
  }
}

function isPlain({ characterSet, mode }: Quoting): boolean {
  return PLAIN_CHARACTER_SETS.test(characterSet) && !/ANSI_QUOTES|NO_BACKSLASH_ESCAPES/i.test(mode);
}

/** Names are UTF-8, but for those of clients of another character set. */
function decoded(name: string): string {
  const text = Buffer.from(name, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? name : text;
}
