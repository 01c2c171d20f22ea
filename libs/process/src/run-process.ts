import { ProcessFailure, startProcess } from './start-process.js';
import type { ProcessSpec } from './start-process.js';

/** Runs a short tool to its end and returns its output. Rejects with {@link ProcessFailure}, whose reason is `timeout` after `timeoutMs`. */
export async function runProcess(
  spec: Omit<ProcessSpec, 'stdin'> & { timeoutMs: number; maxOutputBytes?: number },
): Promise<{ stdout: string; stderr: string }> {
  const timeout = AbortSignal.timeout(spec.timeoutMs);
  const signal = spec.signal === undefined ? timeout : AbortSignal.any([spec.signal, timeout]);
  const child = startProcess({ ...spec, signal });
  const limit = spec.maxOutputBytes ?? 1024 * 1024;
  const chunks: Buffer[] = [];
  let size = 0;
  // Output beyond the limit is read and dropped, so that the tool can finish.
  child.stdout.on('data', (chunk: Buffer) => {
    if (size < limit) chunks.push(chunk);
    size += chunk.length;
  });
  child.stdout.on('error', () => undefined);
  const { stderr } = await child.completed.catch((error: unknown) => {
    const tooLong = error instanceof ProcessFailure && error.reason === 'aborted' && spec.signal?.aborted !== true;
    throw tooLong ? new ProcessFailure(spec.command, 'timeout', undefined, error.stderr) : error;
  });
  return { stdout: Buffer.concat(chunks).subarray(0, limit).toString('utf8'), stderr };
}
