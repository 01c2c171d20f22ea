import type { Connection, Submittable } from 'pg';

/*
 * Commands of a dump go as raw bytes over the *extended* protocol: the dump's own encoding passes untouched, and the
 * server itself rejects a message that holds more than one command, so that no trick of quoting can smuggle in a COMMIT.
 */

/** The message of the server when a command is done; `text` is its tag, such as `COPY 3`. */
export interface CommandComplete {
  text?: string;
}

/** Calls that pg makes on whatever is submitted to it. */
export interface QueryEvents extends Submittable {
  handleError(error: Error): void;
  handleReadyForQuery(): void;
  handleCommandComplete(message: CommandComplete): void;
  handleEmptyQuery(): void;
  handleRowDescription(): void;
  handleDataRow(): void;
  handlePortalSuspended(): void;
  handleCopyInResponse(connection: Connection): void;
  handleCopyData(): void;
}

export function header(type: string, payload: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.write(type, 0, 'latin1');
  bytes.writeUInt32BE(payload + 4, 1);
  return bytes;
}

export const SYNC = header('S', 0);
export const FLUSH = header('H', 0);
export const COPY_DONE = header('c', 0);
/** Unnamed portal of the unnamed statement: no parameters, all results as text. */
const BIND = Buffer.concat([header('B', 8), Buffer.alloc(8)]);
/** No limit of rows. */
const EXECUTE = Buffer.concat([header('E', 5), Buffer.alloc(5)]);

/** One command, to be parsed and run: `Parse`, `Bind`, `Execute`. */
export function writeCommand(connection: Connection, command: Buffer): void {
  // Parse: unnamed statement, the text, no parameter types.
  connection.stream.write(Buffer.concat([header('P', command.length + 4), Buffer.alloc(1)]));
  connection.stream.write(command);
  connection.stream.write(Buffer.alloc(3));
  connection.stream.write(BIND);
  connection.stream.write(EXECUTE);
}

export function copyFail(reason: string): Buffer {
  const text = Buffer.from(`${reason}\0`);
  return Buffer.concat([header('f', text.length), text]);
}
