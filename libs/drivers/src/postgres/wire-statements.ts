import type { Connection, Submittable } from 'pg';

/**
 * Commands of a dump as raw bytes over the *extended* protocol: the dump's own encoding passes untouched, and the server
 * itself rejects a message that holds more than one command, so that no trick of quoting can smuggle in a COMMIT.
 */

/** Calls that pg makes on whatever is submitted to it. */
interface QueryEvents extends Submittable {
  handleError(error: Error): void;
  handleReadyForQuery(): void;
  handleCommandComplete(): void;
  handleEmptyQuery(): void;
  handleRowDescription(): void;
  handleDataRow(): void;
  handlePortalSuspended(): void;
  handleCopyInResponse(connection: Connection): void;
  handleCopyData(): void;
}

/** What the server refused, and which command of the batch it was. */
export class BatchFailure extends Error {
  constructor(
    readonly index: number,
    override readonly cause: Error,
  ) {
    super(cause.message);
  }
}

/** Sends several commands in one go, to be run one after the other; the first that fails ends the batch. */
export class StatementBatch implements QueryEvents {
  /** Rejects with {@link BatchFailure}, or the error of a broken connection. */
  readonly done: Promise<void>;
  /** pg looks for it. */
  readonly callback = (): void => undefined;
  private readonly settle = Promise.withResolvers<void>();
  private finished = 0;

  constructor(private readonly commands: readonly Buffer[]) {
    this.done = this.settle.promise;
  }

  submit(connection: Connection): void {
    const { stream } = connection;
    stream.cork();
    for (const command of this.commands) writeCommand(connection, command);
    stream.write(SYNC);
    stream.uncork();
  }

  handleCommandComplete(): void {
    this.finished += 1;
  }

  handleEmptyQuery(): void {
    this.finished += 1;
  }

  handleError(error: Error): void {
    this.settle.reject(new BatchFailure(this.finished, error));
  }

  handleReadyForQuery(): void {
    this.settle.resolve();
  }

  handleCopyInResponse(connection: Connection): void {
    connection.stream.write(copyFail('rows are not expected here'));
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}
}

/** One `COPY … FROM stdin` and its rows. */
export class CopyIn implements QueryEvents {
  /** Whether the server wants rows. Rejects when it refuses the command. */
  readonly started: Promise<boolean>;
  readonly done: Promise<void>;
  readonly callback = (): void => undefined;
  private readonly start = Promise.withResolvers<boolean>();
  private readonly settle = Promise.withResolvers<void>();
  private connection: Connection | undefined;
  private synced = false;
  private failure: Error | undefined;
  private resume: (() => void) | undefined;
  private readonly wake = (): void => this.resume?.();

  constructor(private readonly command: Buffer) {
    this.started = this.start.promise;
    this.done = this.settle.promise;
    // Both may fail before anybody waits for them.
    this.started.catch(() => undefined);
    this.done.catch(() => undefined);
  }

  submit(connection: Connection): void {
    this.connection = connection;
    connection.stream.cork();
    writeCommand(connection, this.command);
    // Without a Sync, which would end the copy; the server flushes its answer to COPY by itself.
    connection.stream.write(FLUSH);
    connection.stream.uncork();
  }

  /** Resolves when the socket takes more: the server sets the pace. Rejects as soon as the server has refused a row. */
  async write(rows: Buffer): Promise<void> {
    const stream = this.connection?.stream;
    if (stream === undefined) throw new Error('The copy has not begun.');
    if (this.failure !== undefined) throw this.failure;
    stream.cork();
    stream.write(header('d', rows.length));
    const more = stream.write(rows);
    stream.uncork();
    if (more) return;
    await new Promise<void>((resolve) => {
      this.resume = resolve;
      stream.once('drain', this.wake);
      stream.once('close', this.wake);
    });
    stream.off('drain', this.wake);
    stream.off('close', this.wake);
    if (this.failure !== undefined) throw this.failure;
  }

  /** All rows are sent. Resolves when the server has taken them. */
  finish(): Promise<void> {
    this.connection?.stream.write(COPY_DONE);
    this.sync();
    return this.done;
  }

  /** Takes the copy back; `done` rejects with the server's answer to that. */
  fail(reason: string): void {
    this.connection?.stream.write(copyFail(reason));
    this.sync();
  }

  handleCopyInResponse(): void {
    this.start.resolve(true);
  }

  handleCommandComplete(): void {
    // COPY from a file of the server, or a view with a trigger that did nothing: no rows wanted.
    this.start.resolve(false);
    this.sync();
  }

  handleError(error: Error): void {
    this.failure = error;
    this.start.reject(error);
    this.settle.reject(error);
    // The server skips everything up to a Sync.
    this.sync();
    this.wake();
  }

  handleReadyForQuery(): void {
    this.settle.resolve();
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handlePortalSuspended(): void {}
  handleCopyData(): void {}

  private sync(): void {
    if (this.synced) return;
    this.synced = true;
    this.connection?.stream.write(SYNC);
  }
}

function header(type: string, payload: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(payload + 4, 1);
  return bytes;
}

const SYNC = header('S', 0);
const FLUSH = header('H', 0);
const COPY_DONE = header('c', 0);
/** Unnamed portal of the unnamed statement: no parameters, all results as text. */
const BIND = Buffer.concat([header('B', 8), Buffer.alloc(8)]);
/** No limit of rows. */
const EXECUTE = Buffer.concat([header('E', 5), Buffer.alloc(5)]);

function writeCommand(connection: Connection, command: Buffer): void {
  // Parse: unnamed statement, the text, no parameter types.
  connection.stream.write(Buffer.concat([header('P', command.length + 4), Buffer.alloc(1)]));
  connection.stream.write(command);
  connection.stream.write(Buffer.alloc(3));
  connection.stream.write(BIND);
  connection.stream.write(EXECUTE);
}

function copyFail(reason: string): Buffer {
  const text = Buffer.from(`${reason}\0`);
  return Buffer.concat([header('f', text.length), text]);
}
