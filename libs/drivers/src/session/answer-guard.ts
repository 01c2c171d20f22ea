import type { Duplex } from 'node:stream';
import { DomainError, messageOf } from '@app/domain';
import type { ConnectionParams, ErrorCode } from '@app/domain';
import { place } from './network-errors.js';

const MB = 1024 * 1024;

/** An answer is kept in memory whole. The names of 100,000 tables, or the text of all their stored objects, are far below. */
const ANSWER_BYTES = 64 * MB;
/** The largest product of rows and columns: a value that is missing takes one byte on the wire, and eight here. */
const ANSWER_VALUES = 10_000_000;
const LARGE = 4;
/** A row takes memory for itself, as well as for what is in it. */
const VALUES_OF_A_ROW = 10;
/** No server has tables with more, and no question of ours asks for as many. */
const ANSWER_COLUMNS = 4096;
/** Greeting, login, and the answer to our first settings. */
const LOGIN_BYTES = MB;
/** Notices, and settings that were changed on the server. */
const UNASKED_BYTES = 16 * MB;
/** A question that is about names, settings and rights, not about rows: hundreds of thousands of files may have to be read for it. */
const ANSWER_MS = 900_000;
/** Who the server is, and which database: it knows that at once. With a login, which fails within 10 s, a connect ends within 15. */
export const PROMPT_ANSWER_MS = 5_000;
/** Lists of databases and users, and changes of users, which people wait for. */
export const LISTING_MS = 120_000;
const HINT = 'Check that host and port are those of the server that you mean, and look into its log.';

export interface AnswerLimits {
  /** Infinity where the answer takes as long as there are rows to read or to write. */
  withinMs?: number;
  /** Set for an answer of all columns of all tables, which a hundred thousand tables have millions of: it may be four times as large. */
  isLarge?: boolean;
  /** False where each row is let go as soon as it was looked at. */
  keeps?: boolean;
}

/** For what takes as long as there are rows: the session's signal and its watch over silence end it. */
export const AS_LONG_AS_IT_TAKES: AnswerLimits = { withinMs: Infinity };

/** The connection was cut, by us. Whether the server did what it was asked is not known. */
export class CutOff extends DomainError {}

/**
 * Stands between the socket of a session and the client library. A server that answers with more than any answer of ours
 * can have, breaks the protocol, or does not answer in time, is cut off, and what has arrived is let go.
 */
export class AnswerGuard {
  /** Why the connection was cut. Whoever waits for an answer fails with it. */
  failure: CutOff | undefined;
  /** Told at once, because a library may not tell those who wait. */
  onFailure: (failure: CutOff) => void = () => undefined;
  /** How many questions were answered, or given up. */
  finished = 0;
  private stream: Duplex | undefined;
  private listeners: readonly ((chunk: Buffer) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private loggingIn = true;
  private asked = 0;
  private kept = 0;
  private bytes = 0;
  private values = 0;
  private size = 1;
  private unasked = 0;
  private begun = false;

  /**
   * `isIdle`: whether nothing is asked of the server, where others ask than {@link answerOf}. `mayBegin`: whether a server can begin
   * with these bytes, for a library that may never return from those of another protocol.
   */
  constructor(
    private readonly connection: ConnectionParams,
    private readonly isIdle: () => boolean = () => this.asked === 0,
    private readonly mayBegin: (first: Buffer) => boolean = () => true,
  ) {}

  /** Takes the place of the library's own listener, whose exceptions would end the process. */
  attach(stream: Duplex): void {
    this.listeners = stream.listeners('data') as ((chunk: Buffer) => void)[];
    stream.removeAllListeners('data');
    this.stream = stream;
    stream.on('data', this.onData);
  }

  /** Gives the library its listener back, for somebody who puts another in its place; then to be attached again. */
  detach(): void {
    this.stream?.removeListener('data', this.onData);
    for (const listener of this.listeners) this.stream?.on('data', listener);
  }

  private readonly onData = (chunk: Buffer): void => {
    if (this.failure !== undefined) return;
    try {
      this.received(chunk.length);
      if (!this.begun && !this.mayBegin(chunk)) throw new Error('its first bytes are those of another one');
      this.begun = true;
      for (const listener of this.listeners) listener.call(this.stream, chunk);
    } catch (error) {
      this.fail(error instanceof CutOff ? error : this.nonsense(error));
    }
  };

  /** Called for each message, packet or row of an answer, with the number of columns where it has some. Throws. */
  part(columns = 0): void {
    if (columns > ANSWER_COLUMNS) throw this.tooMuch(`${ANSWER_COLUMNS.toLocaleString('en')} columns`);
    if (this.loggingIn) return;
    // Bytes that nobody asked to keep are let go as they come; only a single part must not be endless.
    if (this.kept === 0) {
      this.bytes = 0;
      return;
    }
    this.values += Math.max(VALUES_OF_A_ROW, columns);
    if (this.values > this.size * ANSWER_VALUES) {
      throw this.tooMuch(`${this.size} million rows or ${this.size * 10} million values`);
    }
  }

  /** Runs a query. Rejects with {@link failure}, where there is one. */
  async answerOf<T>(query: () => Promise<T>, limits: AnswerLimits = {}): Promise<T> {
    const { withinMs = ANSWER_MS, isLarge = false, keeps = true } = limits;
    const weight = keeps ? 1 : 0;
    this.asked += 1;
    this.kept += weight;
    if (isLarge) this.size = LARGE;
    const timer = withinMs === Infinity ? undefined : this.timeOut(withinMs);
    try {
      return await query();
    } catch (error) {
      throw this.failure ?? error;
    } finally {
      clearTimeout(timer);
      this.finished += 1;
      this.asked -= 1;
      this.kept -= weight;
      if (this.asked === 0) this.size = 1;
      if (this.kept === 0) this.values = this.bytes = 0;
    }
  }

  /** How many questions are waited for. */
  get waiting(): number {
    return this.asked;
  }

  /** Everything that is asked from now on has to be answered within this time, all together. */
  answerWithin(ms: number): void {
    clearTimeout(this.timer);
    this.timer = this.timeOut(ms);
  }

  loggedIn(): void {
    this.loggingIn = false;
    this.bytes = 0;
    this.stop();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private received(length: number): void {
    this.bytes += length;
    const most = this.loggingIn ? LOGIN_BYTES : this.size * ANSWER_BYTES;
    if (this.bytes > most) throw this.tooMuch(`${most / MB} MB`);
    this.unasked = !this.loggingIn && this.isIdle() ? this.unasked + length : 0;
    if (this.unasked > UNASKED_BYTES) throw this.chatter();
  }

  private timeOut(ms: number): NodeJS.Timeout {
    const message = `The server at ${place(this.connection)} took the login, but did not answer what it was asked within ${inWords(ms)}.`;
    return setTimeout(() => {
      this.fail(cutOff('CONNECTION_TIMEOUT', message, `${HINT} If it is only busy, try again later.`));
    }, ms).unref();
  }

  private fail(failure: CutOff): void {
    this.stop();
    if (this.failure !== undefined) return;
    this.failure = failure;
    this.stream?.destroy(failure);
    this.onFailure(failure);
  }

  private tooMuch(most: string): CutOff {
    const what = this.loggingIn ? 'answered the login' : 'answered a question of this service';
    return cutOff('DATABASE_ERROR', `The server at ${place(this.connection)} ${what} with more than ${most}.`);
  }

  private chatter(): CutOff {
    const much = `${UNASKED_BYTES / MB} MB`;
    return cutOff(
      'DATABASE_ERROR',
      `The server at ${place(this.connection)} sent more than ${much} that nobody had asked for.`,
    );
  }

  private nonsense(error: unknown): CutOff {
    const where = place(this.connection);
    return cutOff('DATABASE_ERROR', `The server at ${where} does not keep to the protocol: ${messageOf(error)}.`);
  }
}

function cutOff(code: ErrorCode, message: string, hint = HINT): CutOff {
  return new CutOff(code, message, { hint });
}

function inWords(ms: number): string {
  return ms < 120_000 ? `${Math.max(1, Math.round(ms / 1000))} s` : `${Math.round(ms / 60_000)} minutes`;
}
