import { compareVersions, DomainError } from '@app/domain';
import type { ServerInfo } from '@app/domain';
import type { DumpSource } from '../../db-driver.js';
import { headOf } from '../../dump-head.js';

/** Syntax, a setting, character set, collation, engine, function, option or type of column that the server does not know. */
const UNKNOWN = new Set([1064, 1115, 1128, 1193, 1253, 1273, 1286, 1305, 1911, 4161]);

interface Origin {
  flavour: 'MySQL' | 'MariaDB';
  version: string;
}

/** The same error, which also says so where the dump comes from another product, or a newer server, than the one that refused a statement. */
export async function withOtherSource(error: unknown, server: ServerInfo, source: DumpSource): Promise<unknown> {
  if (!(error instanceof DomainError) || error.code !== 'RESTORE_FAILED') return error;
  if (!UNKNOWN.has(Number(/\((\d+)\)\.$/.exec(error.message)?.[1]))) return error;
  const origin = originOf(await headOf(source));
  if (origin === undefined) return error;
  const parts = origin.version.split('.').slice(0, 2).map(Number);
  const isOther = origin.flavour !== server.flavour;
  if (!isOther && compareVersions(parts, server.versionParts.slice(0, 2)) <= 0) return error;
  const lacks = isOther ? 'each has features that the other lacks' : 'which does not know all that a newer one has';
  const hint =
    `The dump comes from ${origin.flavour} ${origin.version}, and this server is ${server.flavour} ${server.version}: ${lacks}. ` +
    `Restore into ${origin.flavour} ${parts.join('.')} or newer, or change what the server names in the dump.`;
  return new DomainError(error.code, error.message, {
    cause: error.cause,
    hint: error.hint === undefined ? hint : `${hint} ${error.hint}`,
  });
}

/** By the comments that the dump tool begins with: of the server, or else of the tool itself. */
export function originOf(head: Buffer): Origin | undefined {
  const text = head.toString('latin1');
  const [, version, suffix = ''] =
    /^-- Server version[\t ]+(\d+\.\d+[\d.]*)(\S*)/m.exec(text) ??
    /^-- (?:MySQL|MariaDB) dump .*Distrib (\d+\.\d+[\d.]*)(\S*)/m.exec(text) ??
    [];
  if (version === undefined) return undefined;
  return { flavour: /mariadb/i.test(suffix) ? 'MariaDB' : 'MySQL', version: version.replace(/\.$/, '') };
}
