import type { Connection } from 'pg';
import { COPY_DONE, copyFail, FLUSH, header, SYNC, writeCommand } from './wire-protocol.js';
import type { CommandComplete, QueryEvents } from './wire-protocol.js';

/** One `COPY … FROM stdin` and its rows. */
export class CopyIn implements QueryEvents {
  /** Whether the server wants rows. Rejects when it refuses the command. */
  readonly started: Promise<boolean>;
  /** How many rows the server has taken. */
  readonly done: Promise<number>;
  readonly callback = (): void => undefined;
  private readonly start = Promise.withResolvers<boolean>();
  private readonly settle = Promise.withResolvers<number>();
  private rows = 0;
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
  finish(): Promise<number> {
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

  handleCommandComplete(message: CommandComplete): void {
    this.rows = Number(/^COPY (\d+)$/.exec(message.text ?? '')?.[1] ?? 0);
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
    this.settle.resolve(this.rows);
  }

  handleEmptyQuery(): void {
    this.handleCommandComplete({});
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
