import { pipeline } from 'node:stream';
import type { CompletenessCheck, DumpOutcome, RunningDump } from '../../db-driver.js';
import { cancelled } from '../../session/network-errors.js';
import { toolWarnings } from '../../tools/tool-warnings.js';
import { DomainError, formatBytes, messageOf } from '@app/domain';
import type { ContentChecksums } from '@app/domain';
import { largeWrites, startTool } from '@app/process';
import type { RunningProcess } from '@app/process';
import { dumpArguments } from '../login/mysql-client-arguments.js';
import { writeClientFiles } from '../login/mysql-client-files.js';
import type { ClientFiles } from '../login/mysql-client-files.js';
import type { ExactDefinitions } from './exact-definitions.js';
import { ContentLooks } from './content-looks.js';
import { countInPassing } from './row-counts/counted-dump.js';
import type { CountedDump } from './row-counts/counted-dump.js';
import { dumpError, refuseChangedSchema, watchDump } from './mysql-dump-errors.js';
import type { DumpOptions, DumpRun } from './mysql-dump-errors.js';
import { DefinitionWriter, changed } from './definition-writer.js';
import { watchLocks } from './locks/mysql-lock-watch.js';
import type { MysqlDumpPlan } from './mysql-preflight.js';
import { PositionedDump } from './positioned-dump.js';
import { readSchema } from './mysql-schema.js';
import { packetFor } from '../script/value-too-long.js';
import { nothingCovered } from './row-checksums.js';
import { TableCounter } from './row-counts/table-counter.js';

/** Starts the dump tool. Its option file lives as long as it does. */
export async function startDump(plan: MysqlDumpPlan, options: DumpOptions, signal: AbortSignal): Promise<RunningDump> {
  const { connection, tool, dumpHistory } = plan;
  await using guard = new AsyncDisposableStack();
  const before = await readSchema(connection, options.lockTimeoutMs, signal);
  const looks = plan.census === 'content' ? await lookAtContent(plan, options, signal) : undefined;
  if (looks instanceof ContentLooks) guard.use(looks);
  const files = await writeClientFiles(options.runtimeDir, connection, tool, signal);
  const giveUp = new AbortController();
  let child: RunningProcess;
  try {
    child = startTool({
      command: tool.path,
      args: dumpArguments({ tool, optionFile: files.optionFile, database: connection.database, dumpHistory }),
      env: { ...files.env, ...(await largeWrites()) },
      redact: files.redact,
      signal: AbortSignal.any([signal, giveUp.signal]),
    });
  } catch (error) {
    await files.remove();
    throw error;
  }
  const written = new PositionedDump();
  // `completed` tells how the tool ended; without a listener an early end would crash us.
  written.on('error', () => undefined);
  const writer = plan.definitions === undefined ? undefined : writeExactly(plan.definitions, () => giveUp.abort());
  if (writer === undefined) pipeline(child.stdout, written, () => undefined);
  else pipeline(child.stdout, writer.stream, written, () => undefined);
  const counted =
    plan.census === undefined
      ? undefined
      : countInPassing(
          written,
          () => giveUp.abort(),
          () => (looks instanceof ContentLooks ? looks.tableSeen() : undefined),
        );
  const finished = finish(
    { plan, before, child, giveUp, written, options, signal },
    writer,
    files,
    counted,
    looks,
    guard.move(),
  );
  const completed = finished.then(({ outcome }) => outcome);
  // Awaited late, after the output has been read.
  completed.catch(() => undefined);
  if (counted === undefined) return { output: written, completed };
  const census = finished.then(async ({ checksums }) => ({
    objects: before.objects,
    rows: await counted.rows,
    ...(checksums === undefined ? {} : { checksums }),
  }));
  const both = census.then(() => completed);
  both.catch(() => undefined);
  return { output: counted.output, completed: both, census };
}

/** Computes what the rows hold, or says why that is not possible. It never fails a dump. */
async function lookAtContent(
  plan: MysqlDumpPlan,
  { lockTimeoutMs }: DumpOptions,
  signal: AbortSignal,
): Promise<ContentLooks | ContentChecksums> {
  try {
    return await ContentLooks.begin(plan, lockTimeoutMs, signal);
  } catch (error) {
    if (signal.aborted) throw cancelled(`The dump of "${plan.connection.database}"`);
    return nothingCovered(messageOf(error).replace(/\.$/, ''));
  }
}

interface ExactWriter {
  stream: DefinitionWriter;
  failure(): unknown;
}

function writeExactly(definitions: ExactDefinitions, giveUp: () => void): ExactWriter {
  const stream = new DefinitionWriter(definitions);
  let failure: unknown;
  stream.on('error', (error) => {
    // One that failed behind it took it along.
    if (error instanceof DomainError) failure = error;
    giveUp();
  });
  return { stream, failure: () => failure };
}

async function finish(
  run: DumpRun,
  writer: ExactWriter | undefined,
  files: ClientFiles,
  counted: CountedDump | undefined,
  looks: ContentLooks | ContentChecksums | undefined,
  held: AsyncDisposable,
): Promise<{ outcome: DumpOutcome; checksums: ContentChecksums | undefined }> {
  await using _held = held;
  const { plan, child, giveUp, options } = run;
  const ended = new AbortController();
  const blocked = watchLocks(plan.connection, options.lockTimeoutMs, ended.signal).then((error) => {
    if (error !== undefined) giveUp.abort();
    return error;
  });
  const stalled = watchDump(run, ended.signal);
  try {
    const { stderr } = await child.completed;
    const rows = await counted?.rows;
    const checksums = looks instanceof ContentLooks ? await looks.finish(rows ?? {}) : looks;
    await refuseChangedSchema(run);
    const [unwritten] = writer?.stream.unwritten ?? [];
    if (unwritten !== undefined) throw changed(unwritten);
    const { found } = run.written.longValues;
    const outcome = { warnings: toolWarnings(stderr), ...longValues(found, plan.packetBytes) };
    return { outcome, checksums };
  } catch (error) {
    // This is asked now: the reader of the output gives up as well when the output breaks off.
    const wasCancelled = run.signal.aborted;
    ended.abort();
    const first = (await blocked) ?? (await stalled) ?? counted?.failure();
    if (first === undefined && writer?.failure() !== undefined) await refuseChangedSchema(run, error);
    throw first ?? writer?.failure() ?? (await dumpError(error, run, wasCancelled));
  } finally {
    ended.abort();
    await files.remove();
  }
}

/** The server has taken such a value in under another setting. */
function longValues(
  found: ReadonlyMap<string, number>,
  packetBytes: number,
): Pick<DumpOutcome, 'longValues' | 'notes'> {
  if (found.size === 0) return {};
  const tooLong = [...found].filter(([, bytes]) => bytes > packetBytes);
  const names = tooLong.map(([table, bytes]) => `${table} (${formatBytes(bytes)})`).join(', ');
  const needed = packetFor(Math.max(...tooLong.map(([, bytes]) => bytes)));
  const note = `This server would not take values of its own tables in again, which are longer than its max_allowed_packet (${packetBytes}): ${names}. For a restore run SET GLOBAL max_allowed_packet = ${needed};`;
  return { longValues: Object.fromEntries(found), ...(tooLong.length === 0 ? {} : { notes: [note] }) };
}

const END_MARKER = '-- Dump completed';
/** The marker, a date, and some room for what `--galera-info` and the like put after it. */
const TAIL_BYTES = 256;

/** Both families end with this comment, and with nothing but a date behind it (FAILURES 5). */
export function completenessCheck(): CompletenessCheck {
  let tail = Buffer.alloc(0);
  const counter = new TableCounter();
  return {
    get tables() {
      return counter.tables;
    },
    update: (chunk) => {
      counter.update(chunk);
      const end = chunk.subarray(-TAIL_BYTES);
      tail = end.length === TAIL_BYTES ? Buffer.from(end) : Buffer.concat([tail, end]).subarray(-TAIL_BYTES);
    },
    finish: () => {
      if (/(^|\n)-- Dump completed[^\n]*\r?\n?\s*$/.test(tail.toString('latin1'))) return;
      throw new DomainError('DUMP_INCOMPLETE', `The dump ends without "${END_MARKER}".`);
    },
  };
}

/** Messages of a dump tool before its dump begins, where somebody has put its messages into the file (`2>&1`). */
export const TOOL_WARNINGS =
  /^(?:(?:(?:mysqldump|mariadb-dump|mysqlpump)(?:\.exe)?: (?:\[Warning\]|Error: '[^'\n]*' when trying to dump tablespaces)|Warning: A partial dump|Dump progress:)[^\n]*\n)+/i;

/** How far the first comment may be: a byte order mark and the sandbox line come before it. */
const HEADER_BYTES = 1024;

export function recogniseDump(head: Buffer): 'plain' | undefined {
  const text = head
    .subarray(0, HEADER_BYTES)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .replace(TOOL_WARNINGS, '');
  return /^(\/\*M?!999999\\- [^\n]*\n)?\s*-- ((MySQL|MariaDB) dump \d|Dump created by MySQL pump utility)/.test(text)
    ? 'plain'
    : undefined;
}
