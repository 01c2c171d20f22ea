import type { Connection } from 'pg';
import { copyFail, SYNC, writeCommand } from './wire-protocol.js';
import type { QueryEvents } from './wire-protocol.js';

/** The refusal of the server, and the command of the batch that it refused. */
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
