import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { DomainError } from '@app/domain';
import { ProcessFailure, startProcess } from '@app/process';

export interface UnpackingProgram {
  command: string;
  /** The command reads stdin and writes stdout. */
  args: readonly string[];
  /** The Debian package that contains it. */
  packageName: string;
}

/** Unpacks a file in a format that Node cannot read. Throws TOOL_MISSING when the program is not installed. */
export async function* unpackedBy(source: Readable, program: UnpackingProgram): AsyncGenerator<Buffer> {
  const { command, args, packageName } = program;
  const ended = new AbortController();
  const child = startProcess({ command, args, stdin: 'pipe', signal: ended.signal });
  const stdin = child.stdin as NonNullable<typeof child.stdin>;
  child.completed.catch(() => undefined);
  const feeding = pipeline(source, stdin).catch((error: unknown) => error);
  try {
    yield* child.stdout as AsyncIterable<Buffer>;
    const fed = await feeding;
    if (fed instanceof DomainError) throw fed;
    await child.completed;
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error;
    if (error.reason === 'not_started') {
      throw new DomainError(
        'TOOL_MISSING',
        `The program ${command}, which is needed to unpack the file, is not installed.`,
        {
          hint: `Install it (apt-get install ${packageName}), or unpack the file yourself.`,
          cause: error,
        },
      );
    }
    throw new DomainError('BACKUP_DAMAGED', `The file cannot be decompressed: ${error.lastWords || error.message}.`, {
      hint: 'It is cut off or altered. Fetch it again from where it came.',
      cause: error,
    });
  } finally {
    ended.abort();
    source.destroy();
    await child.completed.catch(() => undefined);
  }
}
