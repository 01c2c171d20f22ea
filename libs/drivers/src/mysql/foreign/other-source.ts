import { compareVersions, DomainError } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { headOf } from '../../dump-head.js';
import { madeBy } from '../crossing/statement-adaptation.js';
import { ScriptReader } from '../script/mysql-script-reader.js';
import { originOf } from '../crossing/dump-origin.js';

/** Syntax, a setting, character set, collation, engine, function, option or type of column that the server does not know. */
const UNKNOWN = new Set([1064, 1101, 1115, 1128, 1170, 1193, 1231, 1253, 1273, 1286, 1305, 1911, 3822, 4161]);

/** The same error, which also says so where the dump comes from another product, or a newer server, than the one that refused a statement. */
export async function withOtherSource(error: unknown, server: ServerInfo, source: DumpSource): Promise<unknown> {
  if (!(error instanceof DomainError) || error.code !== 'RESTORE_FAILED') return error;
  if (!UNKNOWN.has(Number(/\((\d+)\)\.$/.exec(error.message)?.[1]))) return error;
  const origin = originOf(await headOf(source));
  if (origin === undefined) return error;
  const parts = origin.version.split('.').slice(0, 2).map(Number);
  const isOther = origin.flavour !== server.flavour;
  if (!isOther && compareVersions(parts, server.versionParts.slice(0, 2)) <= 0) return error;
  const missing = isOther ? 'each has features that the other lacks' : 'which does not know all that a newer one has';
  const line = Number(/ at line (\d+) of the dump/.exec(error.message)?.[1]);
  const made = Number.isNaN(line) ? undefined : await madeAt(source, line);
  const where = made === undefined ? '' : ` On line ${line} it makes ${made}.`;
  const hint =
    `The dump comes from ${origin.flavour} ${origin.version}, and this server is ${server.flavour} ${server.version}: ${missing}.${where} ` +
    `Restore into ${origin.flavour} ${parts.join('.')} or newer, or change what the server names in the dump.`;
  return new DomainError(error.code, error.message, {
    cause: error.cause,
    hint: error.hint === undefined ? hint : `${hint} ${error.hint}`,
  });
}

/** Returns what the statement makes that stands on this line of a dump. */
async function madeAt(source: DumpSource, line: number): Promise<string | undefined> {
  let made: string | undefined;
  let isBehind = false;
  const reader = new ScriptReader({
    statement: (statement) => {
      isBehind ||= statement.line > line;
      if (!isBehind) made = madeBy(statement.text);
    },
    command: () => undefined,
  });
  const input = source.open();
  try {
    for await (const chunk of input as AsyncIterable<Buffer>) {
      reader.push(chunk);
      if (isBehind) break;
    }
    if (!isBehind) reader.end();
    return made;
  } catch {
    // The error that is explained is told in any case.
    return undefined;
  } finally {
    input.destroy();
  }
}
